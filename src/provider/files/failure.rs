//! Why a file with results could not be read.

use super::format::Format;

/// A file with results could not be read. The text says what is wrong with the file and what to do; the path is told by
/// whoever opened the file.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Not one byte, or nothing but blanks.
    #[error("the file is empty: did the tool that writes it run to its end?")]
    Empty,
    /// The content is of another format than it is read as.
    #[error("this is no {format} file: {found}; name the right format with `format:`")]
    NotThisFormat {
        /// What it is read as.
        format: Format,
        /// What was found instead.
        found: String,
    },
    /// Of the right format, but broken somewhere.
    #[error("cannot read the {format} file at {place}: {reason}")]
    Malformed {
        /// What it is read as.
        format: Format,
        /// Where it is broken.
        place: Place,
        /// What was expected, and what stands there.
        reason: String,
    },
    /// It stops in the middle, and what is there cannot stand for the whole.
    #[error(
        "the {format} file is cut off after {place}: run the tool again, and let it end by itself"
    )]
    Truncated {
        /// What it is read as.
        format: Format,
        /// Where it ends.
        place: Place,
    },
    /// Larger than what is read at all.
    #[error(
        "the file has more than {limit} bytes, and files of this format are read whole: write samples as a format that is read piece by piece, such as JMeter's CSV"
    )]
    TooLarge {
        /// How many bytes are read.
        limit: u64,
    },
    /// More than there can be of something, such as lines that are longer than any tool writes.
    #[error("{what} at {place}; at most {limit} are read")]
    TooMuch {
        /// What there is too much of.
        what: String,
        /// Where.
        place: Place,
        /// How much is read.
        limit: u64,
    },
    /// Nested deeper than any tool writes.
    #[error("the file is nested deeper than {limit} levels at {place}; no tool writes that")]
    TooDeep {
        /// How many levels are read.
        limit: usize,
        /// Where.
        place: Place,
    },
    /// Not UTF-8.
    #[error(
        "the file is {found}, and results are read as UTF-8: convert it, such as with `iconv -t UTF-8`"
    )]
    Encoding {
        /// What it looks like.
        found: String,
    },
    /// No format is recognised.
    #[error("cannot tell the format of the file: {found}; name it with `format:`, one of {known}")]
    Unrecognised {
        /// What it looks like.
        found: String,
        /// Every format.
        known: String,
    },
    /// More than one format is recognised.
    #[error("the file could be any of {candidates}: name its format with `format:`")]
    Ambiguous {
        /// The formats.
        candidates: String,
    },
    /// The operating system could not read it.
    #[error("cannot read the file")]
    Read {
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A line, from 1.
    Line(u64),
    /// A line and a column, from 1.
    Column(u64, u64),
    /// So many bytes from the start.
    Byte(u64),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Column(line, column) => write!(f, "line {line}, column {column}"),
            Self::Byte(offset) => write!(f, "byte {offset}"),
        }
    }
}

impl FileError {
    /// Returns the error for JSON that cannot be read.
    pub(super) fn json(format: Format, error: &serde_json::Error) -> Self {
        let number = |place: usize| u64::try_from(place).unwrap_or(u64::MAX);
        let place = Place::Column(number(error.line()), number(error.column()));
        let reason = harmless(error);
        if error.is_eof() {
            return Self::Truncated { format, place };
        }
        if reason.starts_with("recursion limit exceeded") {
            return Self::TooDeep { limit: 128, place };
        }
        let reason = reason
            .split(" at line ")
            .next()
            .unwrap_or_default()
            .to_owned();
        Self::Malformed {
            format,
            place,
            reason,
        }
    }
}

/// Returns what a library says of a file as one short line: parts of the file may be in it.
pub(super) fn harmless(text: &impl std::fmt::Display) -> String {
    let text = text.to_string();
    let shown = text.chars().take(300);
    shown
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads JSON, and expects an error.
    fn error(text: &str) -> String {
        let error = serde_json::from_str::<serde_json::Value>(text).unwrap_err();
        FileError::json(Format::Oha, &error).to_string()
    }

    #[test]
    fn json_that_is_broken_cut_off_or_a_bomb_says_so_with_its_place() {
        assert_eq!(
            error("{\n  \"summary\": x"),
            "cannot read the oha file at line 2, column 14: expected value"
        );
        assert!(
            error("{\"summary\": ").starts_with("the oha file is cut off after line 1, column 12")
        );
        assert!(error(&"[".repeat(100_000)).contains("nested deeper than 128 levels"));
    }
}
