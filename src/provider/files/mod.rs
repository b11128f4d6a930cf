//! Results that lie in files: load tests, unit tests, coverage, benchmarks, metrics, JSON, and CSV. No backend is asked.
//!
//! A reader of one format turns bytes into [`Results`](results::Results): `read(input: &[u8], options: &ReadOptions)`
//! where the file is a summary, which is read whole (at most `WHOLE_LIMIT` bytes), and
//! `read(input: &mut dyn io::Read, options: &ReadOptions)` where it has samples, which stream through.
//! Both return `Result<Results, FileError>`; neither knows paths, indicators, or policies.

mod answer;
mod artillery;
mod cobertura;
mod coverage;
mod criterion;
mod csv_condition;
mod csv_query;
mod csv_spec;
mod detect;
mod distribution;
mod document;
mod failure;
mod format;
mod found;
mod gatling_console;
mod gatling_log;
mod gatling_stats;
mod go_cover;
mod hey;
mod hey_csv;
mod hyperfine;
mod inspect;
mod istanbul;
mod jacoco;
mod java_time;
mod jmeter_csv;
mod jmeter_statistics;
mod jmeter_xml;
mod json;
mod json_document;
mod junit;
mod k6;
mod k6_ndjson;
mod lcov;
mod llvm_cov;
mod load;
mod locust_csv;
mod locust_json;
mod lookup;
mod merge;
mod number;
mod oha;
mod oha_csv;
pub(super) mod openmetrics;
mod options;
mod provider;
mod quantity;
mod question;
mod read;
mod records;
mod results;
mod sample_csv;
mod samples;
mod settings;
mod source;
mod text;
mod tree;
mod vegeta;
mod vegeta_ndjson;
mod wrk;
mod xml;

#[cfg(test)]
mod fixture_tests;
#[cfg(fuzzing)]
mod fuzzing;
#[cfg(test)]
mod load_fixture_tests;
#[cfg(test)]
mod mutation_tests;
#[cfg(test)]
mod provider_tests;
#[cfg(test)]
mod sample_mutation_tests;

#[cfg(test)]
mod report_fixture_tests;

#[cfg(test)]
mod test_output;

pub use format::Format;
#[cfg(fuzzing)]
pub use fuzzing::{ask_document, read_as_everything, read_results};
pub use inspect::{InspectedFigure, InspectedPart, Inspection, inspect};
pub use merge::Merge;
pub use options::{ErrorKinds, ReadOptions, SampleStatus, Stamp};
pub(super) use provider::{Files, FilesFacts};
pub use settings::FilesSettings;

/// How many bytes a file that is read whole may have.
const WHOLE_LIMIT: u64 = 64 << 20;
