//! For fuzzers only: every reader of summaries, and every question to a document.

use super::csv_query;
use super::failure::FileError;
use super::json;
use super::openmetrics::{self, Exposition, MetricsQuery, MetricsSpec};
use super::options::ReadOptions;
use super::results::Results;
use super::{
    artillery, cobertura, criterion, gatling_console, gatling_log, gatling_stats, go_cover, hey,
    hyperfine, istanbul, jacoco, jmeter_statistics, junit, lcov, llvm_cov, locust_csv, oha, vegeta,
    wrk,
};

/// A reader of summaries.
type Reader = fn(&[u8], &ReadOptions) -> Result<Results, FileError>;

/// Every reader of summaries.
const READERS: [Reader; 22] = [
    artillery::read,
    cobertura::read,
    criterion::read_bencher,
    criterion::read_estimates,
    criterion::read_messages,
    gatling_console::read,
    read_log,
    gatling_stats::read,
    go_cover::read,
    hey::read,
    hyperfine::read,
    istanbul::read,
    jacoco::read,
    jmeter_statistics::read,
    junit::read,
    lcov::read,
    llvm_cov::read,
    locust_csv::read,
    oha::read,
    openmetrics::read,
    vegeta::read,
    wrk::read,
];

/// Reads a log, whose reader streams.
fn read_log(input: &[u8], options: &ReadOptions) -> Result<Results, FileError> {
    gatling_log::read(&mut &*input, options)
}

/// Reads a file as every format, and returns the rates of errors that were found: each is NaN, or from 0 to 1.
pub fn read_results(input: &[u8]) -> Vec<f64> {
    let options = ReadOptions::default();
    let results = READERS.iter().filter_map(|read| read(input, &options).ok());
    let rates = results.filter_map(|results| {
        let rate = results.total.figures.get("error_rate")?;
        Some(rate.value)
    });
    rates.collect()
}

/// Asks a document questions; the first line of the input is the question.
pub fn ask_document(input: &str) {
    let (query, document) = input.split_once('\n').unwrap_or((input, ""));
    let options = serde_json::json!({ "query": query, "parse_units": true });
    if let Ok(spec) = serde_json::from_value(options) {
        drop(json::query(document.as_bytes(), &spec));
    }
    let options = serde_json::json!({ "column": query, "aggregate": "p95", "na": [""] });
    if let Ok(spec) = serde_json::from_value(options) {
        drop(csv_query::query(document.as_bytes(), &spec));
    }
    let spec = MetricsSpec {
        select: Some(query.to_owned()),
        histogram_quantile: Some(0.95),
        ..MetricsSpec::default()
    };
    if let (Ok(query), Ok(snapshot)) = (
        MetricsQuery::try_from(&spec),
        Exposition::parse(document.as_bytes()),
    ) {
        drop(query.ask(&snapshot, None));
    }
}
