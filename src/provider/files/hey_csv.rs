//! hey's samples: `hey -o csv`. hey writes no more than 1,000,000 of them.

use std::io::Read;

use super::failure::FileError;
use super::format::Format;
use super::options::ReadOptions;
use super::results::Results;
use super::sample_csv::{self, Layout};

/// Where hey stops to write samples.
const MOST: f64 = 1_000_000.0;

/// Reads samples.
pub(super) fn read(input: &mut dyn Read, _options: &ReadOptions) -> Result<Results, FileError> {
    let layout = Layout {
        format: Format::HeyCsv,
        elapsed: "response-time",
        start: "offset",
        status: "status-code",
        bytes: None,
    };
    let mut results = sample_csv::read(input, &layout)?;
    let count = results.total.figures.get("request_count");
    if count.is_some_and(|count| count.value >= MOST) {
        let text = "hey writes no more than 1,000,000 samples: the end of the run may be missing";
        results.warnings.push(text.to_owned());
    }
    Ok(results)
}
