//! Reports: from one evaluation to bytes. Pure; nothing here knows where the bytes go.

mod advice;
mod answers;
mod change;
mod column;
mod diagnosis;
mod explain;
mod json;
#[cfg(test)]
mod json_tests;
#[cfg(test)]
mod samples;
mod sparkline;
#[cfg(test)]
mod stored_tests;
mod table;
#[cfg(test)]
mod table_tests;
mod text;
mod unanswered;

use crate::gate::Record;

pub use advice::by_kind as advice_by_kind;
pub use answers::{AnswerRange, Answers, asked, source, wording};
pub use diagnosis::{Diagnosis, Finding, Health};
pub use explain::arithmetic;
pub use json::{document, reading_document};
pub use text::{Charset, Colour, TextStyle, printable};

/// The forms in which an evaluation can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A table for people.
    Table,
    /// Our own JSON, versioned.
    Json,
    /// The same in YAML.
    Yaml,
    /// The `evaluation.finished` `CloudEvent` of Keptn, on one line.
    KeptnEvent,
}

impl Format {
    /// Tells whether programs read it: then stdout holds nothing else, whatever happens.
    #[must_use]
    pub fn is_for_machines(self) -> bool {
        match self {
            Self::Table => false,
            Self::Json | Self::Yaml | Self::KeptnEvent => true,
        }
    }
}

/// Whether the arithmetic of the score is spelled out below the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// Only what decided.
    #[default]
    Brief,
    /// Every step, in words.
    Explained,
}

/// Writes one evaluation in a format, with a line break at the end.
#[must_use]
pub fn write(format: Format, record: &Record, detail: Detail, style: TextStyle) -> String {
    match format {
        Format::Table => table::write(record, detail, style),
        Format::Json => pretty(&document(record)),
        Format::Yaml => yaml(&document(record)),
        Format::KeptnEvent => format!("{}\n", json::keptn_event(record)),
    }
}

/// Prints a JSON value over several lines.
#[must_use]
pub fn pretty(value: &serde_json::Value) -> String {
    format!("{value:#}\n")
}

/// Prints a JSON value as YAML.
#[must_use]
pub fn yaml(value: &serde_json::Value) -> String {
    serde_saphyr::to_string(value).unwrap_or_else(|_never_for_json| pretty(value))
}
