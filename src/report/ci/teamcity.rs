//! The language of `TeamCity`: service messages. Objectives show as tests, values as charts.

use std::fmt::Write as _;

use super::said::{Level, complaints, headline, identifier, no_verdict, series, summary};
use super::speech::{Call, Fold, Utterance, Weight};
use crate::gate::{ObjectiveResult, Record, Status};
use crate::report::{Account, Unjudged};

/// Says an evaluation.
pub(super) fn speak(account: &Account<'_>, call: &Call<'_>) -> Utterance {
    let record = account.record;
    let title = headline(record);
    let (before, end) = match call.fold {
        Fold::Folded => (
            vec![message("blockOpened", &[("name", &title)])],
            Some(message("blockClosed", &[("name", &title)])),
        ),
        Fold::Open => (Vec::new(), None),
    };
    Utterance {
        before,
        after: end
            .into_iter()
            .chain(tests(account))
            .chain(charts(record))
            .chain(outcome(account))
            .chain(status(&title, call.weight))
            .collect(),
        ..Utterance::default()
    }
}

/// Says that there is no verdict.
pub(super) fn speak_unjudged(unjudged: &Unjudged<'_>, call: &Call<'_>) -> Utterance {
    let name = unjudged.series.map(series).unwrap_or_default();
    Utterance {
        after: [problem(&name, &no_verdict(unjudged))]
            .into_iter()
            .chain(status("no verdict", call.weight))
            .collect(),
        ..Utterance::default()
    }
}

/// Shows each objective as a test. One that fails in a gate that does not, or whose fail is excused, is no failed test: that
/// would fail the build.
fn tests(account: &Account<'_>) -> Vec<String> {
    let record = account.record;
    let is_excused = account.ended.is_some_and(|ended| ended.code == 0);
    let suite = series(&record.series);
    let complaints = complaints(record);
    let complaint = |objective: &ObjectiveResult| {
        let mut all = complaints.iter();
        all.find(|complaint| std::ptr::eq(complaint.objective, objective))
    };
    let test = |objective: &ObjectiveResult| {
        let name = format!("{suite}: {}", objective.indicator.as_str());
        let mut lines = vec![message("testStarted", &[("name", &name)])];
        if let Some(value) = objective.judged_value() {
            let value = value.to_string();
            let unit = objective.unit.as_deref().unwrap_or("value");
            lines.push(message(
                "testMetadata",
                &[
                    ("testName", &name),
                    ("name", unit),
                    ("type", "number"),
                    ("value", &value),
                ],
            ));
        }
        match complaint(objective) {
            Some(said) if said.level == Level::Error && !is_excused => {
                lines.push(message(
                    "testFailed",
                    &[("name", &name), ("message", &said.text)],
                ));
            }
            Some(said) => lines.push(message(
                "message",
                &[("text", &said.text), ("status", "WARNING")],
            )),
            None if objective.status == Status::Info => {
                lines.push(message(
                    "testIgnored",
                    &[("name", &name), ("message", "informational: not scored")],
                ));
            }
            None => {}
        }
        lines.push(message("testFinished", &[("name", &name)]));
        lines
    };
    let tests = record.evaluation.objectives().iter().flat_map(test);
    [message("testSuiteStarted", &[("name", &suite)])]
        .into_iter()
        .chain(tests)
        .chain([message("testSuiteFinished", &[("name", &suite)])])
        .collect()
}

/// Returns the numbers that become charts.
fn charts(record: &Record) -> Vec<String> {
    let service = key(record.series.service.as_str());
    let values = record.evaluation.objectives().iter();
    let values = values.filter_map(|objective| {
        let name = key(objective.indicator.as_str());
        let value = objective.judged_value()?;
        Some((format!("tidegate.{service}.sli.{name}"), value))
    });
    let score = (format!("tidegate.{service}.score"), record.evaluation.score);
    [score]
        .into_iter()
        .chain(values)
        .filter(|(_, value)| value.abs() < 1e13)
        .map(|(key, value)| {
            let value = format!("{value:.6}");
            let value = value.trim_end_matches('0').trim_end_matches('.');
            message("buildStatisticValue", &[("key", &key), ("value", value)])
        })
        .collect()
}

/// Says what it came to: a problem where the process ends with a failing code, else a warning.
fn outcome(account: &Account<'_>) -> Option<String> {
    let record = account.record;
    let fails = account.ended.is_none_or(|ended| ended.code != 0);
    match Level::of(record) {
        Level::Error if fails => Some(problem(&series(&record.series), &summary(record))),
        Level::Error | Level::Warning => Some(message(
            "message",
            &[("text", &summary(record)), ("status", "WARNING")],
        )),
        Level::Notice => None,
    }
}

/// Reports a problem of the build, under the same identity in every build.
fn problem(name: &str, text: &str) -> String {
    let identity = identifier(&format!("tidegate_{name}"), 60);
    let attributes = [("description", text), ("identity", &identity)];
    message("buildProblem", &attributes)
}

/// Adds to the line that describes the build.
fn status(title: &str, weight: Weight) -> Option<String> {
    let text = format!("{{build.status.text}}; tidegate: {title}");
    (weight == Weight::Decides).then(|| message("buildStatus", &[("text", &text)]))
}

/// Returns a name as a part of the key of a chart.
fn key(name: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    name.chars()
        .take(100)
        .map(|c| if harmless(c) { c } else { '_' })
        .collect()
}

/// Writes a service message.
fn message(name: &str, attributes: &[(&str, &str)]) -> String {
    let mut text = format!("##teamcity[{name}");
    for (name, value) in attributes {
        text.extend([" ", name, "='", &escaped(value), "'"]);
    }
    text.push(']');
    text
}

/// Escapes a value; whatever is not printable ASCII becomes a number.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\'' | '|' | '[' | ']' => safe.extend(['|', character]),
            '\n' => safe.push_str("|n"),
            '\r' => safe.push_str("|r"),
            ' '..='~' => safe.push(character),
            other => {
                let mut units = [0; 2];
                for unit in other.encode_utf16(&mut units) {
                    // Writing to a text never fails.
                    let _written = write!(safe, "|0x{unit:04x}");
                }
            }
        }
    }
    safe
}

#[cfg(test)]
#[path = "teamcity_tests.rs"]
mod tests;
