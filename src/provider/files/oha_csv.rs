//! oha's samples: `oha --output-format csv`.

use std::io::Read;

use super::failure::FileError;
use super::format::Format;
use super::options::ReadOptions;
use super::results::Results;
use super::sample_csv::{self, Layout};

/// Reads samples.
pub(super) fn read(input: &mut dyn Read, _options: &ReadOptions) -> Result<Results, FileError> {
    let layout = Layout {
        format: Format::OhaCsv,
        elapsed: "request-duration",
        start: "request-start",
        status: "status",
        bytes: Some("bytes"),
    };
    sample_csv::read(input, &layout)
}
