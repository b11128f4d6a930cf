//! Values that were measured elsewhere (`--values`): Keptn's `indicatorValues`, alone or in their event, or
//! `{name: number}` (lighthouse.md 2.2).

mod event;
mod measurement;
mod numbers;

use std::collections::BTreeMap;

use super::Parsed;
use super::findings::Findings;
use super::json;
use super::problem::quoted;
use super::source::Source;
use super::yaml::{Limits, Node};
use crate::gate::{Reading, Readings};

/// What a file with values holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values {
    /// The values, in the order of the file, and how their retrieval went.
    pub readings: Readings,
    /// The labels of the event.
    pub labels: BTreeMap<String, String>,
    /// Where the window begins, as the event has it.
    pub start: Option<String>,
    /// Where the window ends, as the event has it.
    pub end: Option<String>,
}

/// How large such a file may be.
const LIMITS: Limits = Limits {
    bytes: Source::MOST_JSON_BYTES,
    depth: 64,
    nodes: 500_000,
};

/// Reads values.
///
/// ```
/// use tidegate::spec::{Source, parse_values};
/// let values = parse_values(&Source::new("values.json", r#"{"error_rate": 0.5}"#)).value.unwrap();
/// assert_eq!(values.readings.readings.len(), 1);
/// ```
#[must_use]
pub fn parse_values(source: &Source) -> Parsed<Values> {
    let mut findings = Findings::new(source);
    let values = read(&mut findings);
    findings.finish(values)
}

/// Reads the file; a value may come along with errors.
fn read(findings: &mut Findings<'_>) -> Option<Values> {
    let root = match json::compose(findings.source(), LIMITS) {
        Ok(root) => root,
        Err(problem) => {
            let hint = "values are JSON: an array as in Keptn's `indicatorValues`, a `get-sli.finished` event, or `{\"name\": 1.5}`";
            findings.push(problem.with_hint(hint));
            return None;
        }
    };
    if let Some(elements) = root.elements() {
        return Some(Values {
            readings: Readings::new(measurement::read_all(findings, elements)),
            ..Values::default()
        });
    }
    let Some(entries) = root.entries() else {
        let message = format!("values must be an array or an object, not {}", shown(&root));
        findings.error(root.span, message, "write `{\"error_rate\": 0.5}`");
        return None;
    };
    match event::find_data(findings, entries) {
        event::Shape::Event(data) => event::read(findings, data),
        event::Shape::Numbers => Some(Values {
            readings: Readings::new(numbers::read(findings, entries)),
            ..Values::default()
        }),
        event::Shape::Refused => None,
    }
}

/// Returns a value for a message.
fn shown(node: &Node) -> String {
    match node.text() {
        Some(text) if node.is_null() => text.to_owned(),
        Some(text) if node.content.is_plain() => quoted(text),
        Some(text) => format!("the text {}", quoted(text)),
        None => node.kind().to_owned(),
    }
}

/// Warns of readings of which only the first one of a name counts.
fn warn_repeated(findings: &mut Findings<'_>, readings: &[(Reading, &Node)]) {
    let mut seen = std::collections::BTreeSet::new();
    for (reading, node) in readings {
        if !seen.insert(&reading.indicator) {
            let message = format!(
                "`{}` is given more than once; the first value counts",
                reading.indicator
            );
            findings.warning(node.span, message, "remove the others");
        }
    }
}

#[cfg(test)]
mod tests;
