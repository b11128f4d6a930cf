//! One element of `indicatorValues`: `{metric, value, success, message, comparedValue}`.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::{shown, warn_repeated};
use crate::gate::{FailureKind, FetchFailure, Finite, IndicatorName, Outcome, Reading, Reported};
use crate::spec::findings::Findings;
use crate::spec::problem::quoted;
use crate::spec::yaml::{Node, Scalar};

/// Reads all elements; what is wrong is left out.
pub(super) fn read_all(findings: &mut Findings<'_>, elements: &[Rc<Node>]) -> Vec<Reading> {
    let read: Vec<(Reading, &Node)> = elements
        .iter()
        .filter_map(|element| Some((read(findings, element)?, element.as_ref())))
        .collect();
    warn_repeated(findings, &read);
    read.into_iter().map(|(reading, _)| reading).collect()
}

/// The members of an element; what is missing or null is as if it were empty or false, as in Keptn. Only a missing
/// `value` is not 0, as it is there: no data is never 0 (`JSON.stringify(NaN)` is `null`).
#[derive(Default)]
struct Members<'n> {
    /// `metric`.
    metric: String,
    /// `value`.
    value: Option<f64>,
    /// `success`.
    success: Option<bool>,
    /// `message`.
    message: String,
    /// `comparedValue`.
    compared_value: Option<f64>,
    /// Where the metric stands.
    metric_node: Option<&'n Node>,
}

/// Reads an element; `None` where it is wrong, or has no name.
fn read(findings: &mut Findings<'_>, element: &Node) -> Option<Reading> {
    let Some(entries) = element.entries() else {
        let message = format!(
            "a value must be an object with `metric`, `value`, and `success`, not {}",
            shown(element)
        );
        findings.push(findings.malformed(element.span, message));
        return None;
    };
    let mut members = Members::default();
    let mut seen = BTreeSet::new();
    for (key, value) in entries {
        let name = key.text().unwrap_or_default();
        if !seen.insert(name.to_ascii_lowercase()) {
            let message = format!("{} is given twice for the same SLI", quoted(name));
            findings.error(key.span, message, "remove one of them");
        }
        members.take(findings, name, value);
    }
    let at = members.metric_node.map_or(element.span, |node| node.span);
    if members.metric.is_empty() {
        findings.warning(
            at,
            "a value without a `metric` belongs to no SLI; it is ignored",
            "name the SLI in `metric`",
        );
        return None;
    }
    if members.success.is_none() {
        let message = "`success` is missing: the value counts as failed, as in Keptn";
        findings.warning(element.span, message, "add `\"success\": true`");
    }
    match IndicatorName::new(members.metric.clone()) {
        Ok(name) => Some(members.into_reading(name)),
        Err(error) => {
            findings.push(findings.malformed(at, error.to_string()));
            None
        }
    }
}

impl<'n> Members<'n> {
    /// Takes a member, its name in any case of letters; null changes nothing.
    fn take(&mut self, findings: &mut Findings<'_>, name: &str, node: &'n Node) {
        if node.is_null() {
            return;
        }
        match name.to_ascii_lowercase().as_str() {
            "metric" => {
                self.metric = text(findings, node, "metric").unwrap_or_default();
                self.metric_node = Some(node);
            }
            "value" => self.value = number(findings, node, "value"),
            "success" => self.success = Some(truth(findings, node).unwrap_or_default()),
            "message" => self.message = text(findings, node, "message").unwrap_or_default(),
            "comparedvalue" => self.compared_value = number(findings, node, "comparedValue"),
            _ => {}
        }
    }

    /// Makes the reading.
    fn into_reading(self, name: IndicatorName) -> Reading {
        let succeeded = self.success == Some(true);
        let outcome = match self.value.map(Finite::new) {
            Some(Some(value)) if succeeded => Outcome::Value(value),
            None if succeeded => Outcome::NoData("its `value` is missing or null".to_owned()),
            _ => Outcome::Failed(FetchFailure {
                kind: FailureKind::Reported,
                message: self.message,
            }),
        };
        let mut reading = Reading::new(name, outcome);
        if !succeeded || self.compared_value.is_some() {
            reading.reported = Some(Reported {
                value: self.value.unwrap_or_default(),
                compared_value: self.compared_value.unwrap_or_default(),
            });
        }
        reading
    }
}

/// Reads a text; anything else is an error.
pub(super) fn text(findings: &mut Findings<'_>, node: &Node, name: &str) -> Option<String> {
    if let Some(text) = node.text().filter(|_| !node.content.is_plain()) {
        return Some(text.to_owned());
    }
    let message = format!("`{name}` must be a text in quotes, not {}", shown(node));
    findings.push(findings.malformed(node.span, message));
    None
}

/// Reads a number; a text, and what no float can hold, are errors.
pub(super) fn number(findings: &mut Findings<'_>, node: &Node, name: &str) -> Option<f64> {
    let is_number = matches!(
        node.resolve(),
        Ok(Scalar::Integer(_) | Scalar::HugeInteger | Scalar::Float(_))
    );
    let bare = node.text().unwrap_or_default();
    let is_plain = node.content.is_plain();
    let value = bare.parse().ok().and_then(Finite::new).map(Finite::get);
    if is_plain && let Some(value) = value {
        return Some(value);
    }
    let message = format!("`{name}` must be a number, not {}", shown(node));
    let problem = findings.malformed(node.span, message);
    let is_too_large =
        is_plain && (is_number || bare.starts_with(|c: char| c.is_ascii_digit() || c == '-'));
    findings.push(if is_too_large {
        problem.with_note("it is larger than any number that can be computed with")
    } else if value.is_some() {
        problem.with_hint(format!("write it without quotes: `{bare}`"))
    } else {
        problem
    });
    None
}

/// Reads `true` or `false`; anything else is an error.
fn truth(findings: &mut Findings<'_>, node: &Node) -> Option<bool> {
    match node.text() {
        Some("true") if node.content.is_plain() => Some(true),
        Some("false") if node.content.is_plain() => Some(false),
        _ => {
            let message = format!("`success` must be `true` or `false`, not {}", shown(node));
            findings.push(findings.malformed(node.span, message));
            None
        }
    }
}
