//! Results that lie in files: load tests, unit tests, coverage, benchmarks, metrics, JSON, and CSV. No backend is asked.
//!
//! A reader of one format turns bytes into [`Results`](results::Results): `read(input: &[u8], options: &ReadOptions)`
//! where the file is a summary, which is read whole (at most `WHOLE_LIMIT` bytes), and
//! `read(input: &mut dyn io::Read, options: &ReadOptions)` where it has samples, which stream through.
//! Both return `Result<Results, FileError>`; neither knows paths, indicators, or policies.

mod cobertura;
mod coverage;
mod distribution;
mod failure;
mod format;
mod found;
mod hey;
mod jacoco;
mod jmeter_statistics;
mod json;
mod json_document;
mod junit;
mod lcov;
mod load;
mod locust_csv;
mod number;
mod oha;
mod openmetrics;
mod options;
mod quantity;
mod results;
mod text;
mod tree;
mod vegeta;
mod wrk;
mod xml;

/// How many bytes a file that is read whole may have.
const WHOLE_LIMIT: u64 = 64 << 20;
