//! What the fuzz targets under `tests/fuzz` call: the readers of files, from bytes to figures.

use std::sync::Arc;

use super::csv_query;
use super::format::Format;
use super::json;
use super::lookup::{FigureQuery, figure};
use super::openmetrics::{Exposition, MetricsQuery, MetricsSpec};
use super::options::ReadOptions;
use super::read::{Reading, Said, read_stream};

/// Reads bytes as a format, or as any, and checks what holds of every file.
///
/// # Panics
/// Where something does not hold: that is what the fuzzer looks for.
#[expect(
    clippy::panic,
    reason = "a fuzz target reports what it finds by a panic"
)]
pub fn read_results(format: Option<&str>, input: &[u8]) {
    let reading = Reading {
        formats: format.map(Format::named).unwrap_or_default(),
        options: ReadOptions::default(),
        stop: Arc::default(),
    };
    let (format, said) = match read_stream(input, &reading) {
        Ok(read) => read,
        Err(error) => {
            assert!(error.to_string().len() < 10_000, "{error}");
            return;
        }
    };
    let Said::Figures(results) = said else {
        return;
    };
    for metric in ["response_time_p97", "error_rate"] {
        let Ok(query) = FigureQuery::parse(metric) else {
            panic!("{metric}");
        };
        let Ok(found) = figure(&results, &query, format) else {
            continue;
        };
        assert!(found.value.is_nan() || found.value >= 0.0, "{found:?}");
    }
    let ratio = results.total.figures.get("error_rate");
    assert!(ratio.is_none_or(|ratio| ratio.value.is_nan() || ratio.value <= 1.0));
}

/// Reads bytes as each format in turn.
pub fn read_as_everything(input: &[u8]) {
    for format in Format::ALL {
        read_results(Some(format.as_str()), input);
    }
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
