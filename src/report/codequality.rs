//! The code quality report of GitLab: what lost points, at its line in the SLO.

use serde_json::{Value, json};

use super::headline::{lost_points, sentence, shortened, why};
use super::slo_lines::{SloLines, slo_path};
use super::{Account, fingerprint, pretty};
use crate::gate::{Ending, ObjectiveResult, Status, Verdict};

/// How many characters of a text are shown.
const MOST_CHARACTERS: usize = 2000;

/// Writes an evaluation: one item for the verdict unless it is a pass, and one for each objective that lost points.
pub(super) fn write(account: &Account<'_>) -> String {
    let record = account.record;
    let lines = SloLines::of(record);
    let item = |name: &str, text: &str, severity: &str, line: usize| {
        let kind = if name.is_empty() {
            "verdict"
        } else {
            "objective"
        };
        json!({
            "description": shortened(text, MOST_CHARACTERS),
            "check_name": format!("tidegate/{kind}"),
            "fingerprint": fingerprint::in_series(record, kind, name),
            "severity": severity,
            "location": {"path": slo_path(record), "lines": {"begin": line}},
        })
    };
    let verdict = match Ending::of(record) {
        Ending::Verdict(Verdict::Pass) => None,
        Ending::Verdict(Verdict::Warning) => Some("minor"),
        Ending::Verdict(Verdict::Fail) | Ending::Inconclusive => Some("blocker"),
    };
    let verdict = verdict.map(|severity| item("", &why(record), severity, 1));
    let objectives = record.evaluation.objectives().iter();
    let objectives = objectives.filter(|objective| lost_points(objective));
    let objectives = objectives.map(|objective| {
        let name = objective.indicator.as_str();
        let line = lines.decisive(objective);
        item(name, &sentence(objective), severity(objective), line)
    });
    let items: Vec<Value> = verdict.into_iter().chain(objectives).collect();
    pretty(&json!(items))
}

/// Returns how bad it is that an objective lost points.
fn severity(objective: &ObjectiveResult) -> &'static str {
    match (objective.status, objective.key) {
        (Status::Fail, true) => "critical",
        (Status::Fail, false) => "major",
        (Status::Warning | Status::Pass | Status::Info, _) => "minor",
    }
}
