//! Reports: from one evaluation to bytes. Pure; nothing here knows where the bytes go.

mod account;
mod advice;
mod answers;
mod badge;
mod cdevents;
mod change;
mod checkstyle;
pub mod ci;
mod codequality;
mod column;
mod csv;
mod decode;
#[cfg(test)]
mod decode_tests;
mod diagnosis;
mod document_event;
#[cfg(test)]
mod document_tests;
mod dotenv;
mod escaped;
mod events;
mod explain;
mod fingerprint;
mod format;
mod gitlab_annotations;
#[cfg(test)]
mod golden;
mod grid;
mod headline;
mod heatmap;
#[cfg(test)]
mod heatmap_tests;
mod history;
#[cfg(test)]
mod history_tests;
mod html;
mod in_toto;
mod indent;
mod jenkins_issues;
mod json;
#[cfg(test)]
mod json_tests;
mod junit;
#[cfg(test)]
mod junit_consumers_tests;
#[cfg(test)]
mod line_format_tests;
mod listing;
mod markdown;
mod nagios;
pub mod notification;
mod openmetrics;
#[cfg(test)]
mod samples;
mod sarif;
mod schema;
mod shields;
mod slo_lines;
mod sparkline;
#[cfg(test)]
mod stored_tests;
mod table;
#[cfg(test)]
mod table_tests;
mod tap;
mod test_case;
mod text;
mod trend_columns;
mod unanswered;
mod xml;

pub use account::{Account, Artifact, Ended, Standing, Unjudged};
pub use advice::by_kind as advice_by_kind;
pub use answers::{AnswerRange, Answers, asked, source, wording};
pub use decode::{DecodeError, Decoded, decode};
pub use diagnosis::{Diagnosis, Finding, Health};
pub use events::{EventList, event_line};
pub use explain::arithmetic;
pub use format::Format;
pub use heatmap::Heatmap;
pub use history::{History, standing};
pub use in_toto::has_subject;
pub use indent::indented;
pub use json::{document, reading_document};
pub use schema::result_schema;
pub use text::{Charset, Colour, TextStyle, printable};

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
pub fn write(format: Format, account: &Account<'_>, detail: Detail, style: TextStyle) -> String {
    let record = account.record;
    match format {
        Format::Table => table::write(account, detail, style),
        Format::Json => pretty(&document(account)),
        Format::Yaml => yaml(&document(account)),
        Format::KeptnEvent => format!("{}\n", json::keptn_event(record)),
        Format::KeptnEvents => json::keptn_events(record),
        Format::Markdown => markdown::write(account),
        Format::Html => html::write(account),
        Format::Junit => junit::write(account),
        Format::Tap => tap::write(account),
        Format::Csv => csv::write(account),
        Format::OpenMetrics => openmetrics::write(account),
        Format::Sarif => sarif::write(account),
        Format::CodeQuality => codequality::write(account),
        Format::Nagios => nagios::write(account),
        Format::Badge => badge::write(account),
        Format::Shields => shields::write(account),
        Format::CdEvents => cdevents::write(account),
        Format::InToto => in_toto::write(account),
        Format::Dotenv => dotenv::write(account),
        Format::Checkstyle => checkstyle::write(account),
        Format::JenkinsIssues => jenkins_issues::write(account),
        Format::GitlabAnnotations => gitlab_annotations::write(account),
    }
}

/// Writes that there is no verdict; `None` for a format that has no way to say so. Then an older file is taken away.
#[must_use]
pub fn write_unjudged(format: Format, unjudged: &Unjudged<'_>) -> Option<String> {
    match format {
        Format::Json => Some(pretty(unjudged.document)),
        Format::Yaml => Some(yaml(unjudged.document)),
        Format::Markdown => Some(markdown::write_unjudged(unjudged)),
        Format::Html => Some(html::write_unjudged(unjudged)),
        Format::Junit => Some(junit::write_unjudged(unjudged)),
        Format::Tap => Some(tap::write_unjudged(unjudged)),
        Format::OpenMetrics => Some(openmetrics::write_unjudged(unjudged)),
        Format::Sarif => Some(sarif::write_unjudged(unjudged)),
        Format::Nagios => Some(nagios::write_unjudged(unjudged)),
        Format::Badge => Some(badge::write_unjudged(unjudged)),
        Format::Shields => Some(shields::write_unjudged(unjudged)),
        Format::Dotenv => Some(dotenv::write_unjudged(unjudged)),
        Format::KeptnEvent | Format::KeptnEvents => Some(format!("{}\n", unjudged.document)),
        Format::Table
        | Format::Csv
        | Format::CodeQuality
        | Format::CdEvents
        | Format::InToto
        | Format::Checkstyle
        | Format::JenkinsIssues
        | Format::GitlabAnnotations => None,
    }
}

/// Prints a JSON value over several lines.
#[must_use]
pub fn pretty(value: &serde_json::Value) -> String {
    let text = serde_json::to_string_pretty(value);
    text.map_or_else(
        |_never_for_values| format!("{value:#}\n"),
        |text| text + "\n",
    )
}

/// Prints a JSON value as YAML.
#[must_use]
pub fn yaml(value: &serde_json::Value) -> String {
    serde_saphyr::to_string(value).unwrap_or_else(|_never_for_json| pretty(value))
}
