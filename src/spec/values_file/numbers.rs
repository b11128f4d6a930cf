//! The short form, `{"error_rate": 0.5, "response_time_p95": null}`.

use std::rc::Rc;

use super::measurement::number;
use crate::gate::{IndicatorName, Outcome, Reading};
use crate::spec::findings::Findings;
use crate::spec::problem::quoted;
use crate::spec::yaml::Node;

/// Reads all numbers; null means that there is no data.
pub(super) fn read(findings: &mut Findings<'_>, entries: &[(Rc<Node>, Rc<Node>)]) -> Vec<Reading> {
    let mut seen = std::collections::BTreeSet::new();
    let mut readings = Vec::new();
    for (key, value) in entries {
        let name = key.text().unwrap_or_default();
        if !seen.insert(name) {
            let message = format!("{} is given twice", quoted(name));
            findings.error(key.span, message, "remove one of them");
            continue;
        }
        readings.extend(read_one(findings, key, value));
    }
    readings
}

/// Reads one number.
fn read_one(findings: &mut Findings<'_>, key: &Node, value: &Node) -> Option<Reading> {
    let name = key.text().unwrap_or_default();
    if name.is_empty() {
        findings.warning(
            key.span,
            "a value without a name belongs to no SLI; it is ignored",
            "name the SLI",
        );
        return None;
    }
    let indicator = match IndicatorName::new(name) {
        Ok(indicator) => indicator,
        Err(error) => {
            findings.push(findings.malformed(key.span, error.to_string()));
            return None;
        }
    };
    if value.is_null() {
        let outcome = Outcome::NoData("the file with the values says null".to_owned());
        return Some(Reading::new(indicator, outcome));
    }
    number(findings, value, name).map(|number| Reading::of(indicator, number))
}
