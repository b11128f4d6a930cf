//! What the fuzz targets under `tests/fuzz` call: the readers of files, from bytes to figures.

use std::sync::Arc;

use super::format::Format;
use super::lookup::{FigureQuery, figure};
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
            let text = error.to_string();
            assert!(!text.chars().any(char::is_control), "{text:?}");
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
