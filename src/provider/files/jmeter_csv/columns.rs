//! Which column of a `JMeter` CSV is what.

use super::super::failure::{FileError, Place};
use super::super::format::Format;

/// What a column holds, of those that matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    /// When the sample was taken.
    TimeStamp,
    /// How long it took, in milliseconds.
    Elapsed,
    /// Its name.
    Label,
    /// What the server said of it; for a transaction, how many samples it sums up.
    ResponseMessage,
    /// `true` or `false`.
    Success,
    /// How many bytes came back.
    Bytes,
    /// For how many samples the row stands.
    SampleCount,
    /// How many of them failed.
    ErrorCount,
}

impl Column {
    /// Returns what a column is by its name in the header.
    fn of_name(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"timeStamp" => Self::TimeStamp,
            b"elapsed" => Self::Elapsed,
            b"label" => Self::Label,
            b"responseMessage" => Self::ResponseMessage,
            b"success" => Self::Success,
            b"bytes" => Self::Bytes,
            b"SampleCount" => Self::SampleCount,
            b"ErrorCount" => Self::ErrorCount,
            _ => return None,
        })
    }
}

/// What `JMeter` writes when nobody says otherwise, in this order (`jmeter.properties`).
const DEFAULT: [&[u8]; 17] = [
    b"timeStamp",
    b"elapsed",
    b"label",
    b"responseCode",
    b"responseMessage",
    b"threadName",
    b"dataType",
    b"success",
    b"failureMessage",
    b"bytes",
    b"sentBytes",
    b"grpThreads",
    b"allThreads",
    b"URL",
    b"Latency",
    b"IdleTime",
    b"Connect",
];

/// What can part columns: the property `jmeter.save.saveservice.default_delimiter`.
const DELIMITERS: [u8; 4] = *b",;\t|";

/// The columns of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    /// What parts them.
    pub(super) delimiter: u8,
    /// What each holds, up to the last one that matters.
    pub(super) wanted: Vec<Option<Column>>,
    /// How many there are.
    pub(super) count: usize,
    /// The header, where the file has one.
    pub(super) header: Option<Vec<u8>>,
}

impl Columns {
    /// Reads the first line: a header, or a sample in the default order.
    pub(super) fn of_first_line(line: &[u8]) -> Result<Self, FileError> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match Self::of_header(line) {
            Some(columns) => Ok(columns),
            None => Self::of_sample(line),
        }
    }

    /// Returns whether a line looks like the first of a `JMeter` CSV.
    pub(super) fn recognise(line: &[u8]) -> bool {
        Self::of_first_line(line).is_ok()
    }

    /// Reads a header; none where the line is none.
    fn of_header(line: &[u8]) -> Option<Self> {
        let known = |delimiter: u8| {
            let names = names(line, delimiter);
            names.filter(|name| Column::of_name(name).is_some()).count()
        };
        let delimiter = DELIMITERS.into_iter().max_by_key(|d| known(*d))?;
        let names: Vec<&[u8]> = names(line, delimiter).collect();
        let has = |name: &[u8]| names.contains(&name);
        let is_header = has(b"elapsed") && (has(b"label") || has(b"timeStamp") || has(b"success"));
        is_header.then(|| Self::of_names(&names, delimiter, Some(line.to_vec())))
    }

    /// Reads the first sample of a file without a header: it must fit the default order.
    fn of_sample(line: &[u8]) -> Result<Self, FileError> {
        let fits = |delimiter: &u8| {
            let fields: Vec<&[u8]> = names(line, *delimiter).collect();
            let is_number = |at: usize| {
                let field = fields.get(at).copied().unwrap_or_default();
                !field.is_empty() && field.iter().all(u8::is_ascii_digit)
            };
            let is_time = fields.first().is_some_and(|field| {
                field.first().is_some_and(u8::is_ascii_digit) && field.len() >= 8
            });
            is_time && is_number(1) && fields.len() >= 8
        };
        let Some(delimiter) = DELIMITERS.into_iter().find(fits) else {
            let start = line.get(..line.len().min(60)).unwrap_or_default();
            return Err(FileError::NotThisFormat {
                format: Format::JmeterCsv,
                found: format!(
                    "its first line is neither a header with `elapsed` and `label` nor a sample: `{}`",
                    String::from_utf8_lossy(start).escape_debug()
                ),
            });
        };
        let count = super::row::split_quoted(line, delimiter).len();
        if count != DEFAULT.len() {
            return Err(FileError::Malformed {
                format: Format::JmeterCsv,
                place: Place::Line(1),
                reason: format!(
                    "there is no header, and {count} columns instead of the {} that JMeter writes by default: \
                     set `jmeter.save.saveservice.print_field_names=true`",
                    DEFAULT.len()
                ),
            });
        }
        Ok(Self::of_names(&DEFAULT, delimiter, None))
    }

    /// Takes columns by their names. Where a name comes twice the first one counts.
    fn of_names(names: &[&[u8]], delimiter: u8, header: Option<Vec<u8>>) -> Self {
        let mut wanted: Vec<Option<Column>> = Vec::new();
        for name in names {
            let column = Column::of_name(name).filter(|column| !wanted.contains(&Some(*column)));
            wanted.push(column);
        }
        while wanted.last().is_some_and(Option::is_none) {
            wanted.pop();
        }
        Self {
            delimiter,
            wanted,
            count: names.len(),
            header,
        }
    }

    /// Returns whether the file has a column.
    pub(super) fn has(&self, column: Column) -> bool {
        self.wanted.contains(&Some(column))
    }
}

/// Returns what a line holds between delimiters, without quotes around it.
fn names(line: &[u8], delimiter: u8) -> impl Iterator<Item = &[u8]> {
    line.split(move |byte| *byte == delimiter).map(|name| {
        let name = name.trim_ascii();
        let inner = name.strip_prefix(b"\"").and_then(|n| n.strip_suffix(b"\""));
        inner.unwrap_or(name)
    })
}
