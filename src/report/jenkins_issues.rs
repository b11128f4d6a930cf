//! The native issues of Jenkins' warnings-ng plug-in.
//!
//! The severities `ERROR` and `NORMAL` belong to the verdict alone: a quality gate of one `TOTAL_ERROR` fails a build
//! exactly where the verdict is fail or there is none, and one of `TOTAL_NORMAL` makes it unstable exactly on a warning.

use quick_xml::escape::escape;
use serde_json::{Value, json};

use super::headline::{lost_points, sentence, shortened, why};
use super::slo_lines::{SloLines, slo_path};
use super::{Account, fingerprint, pretty};
use crate::gate::{Ending, ObjectiveResult, Status, Verdict};

/// How many characters of a text are shown.
const MOST_CHARACTERS: usize = 2000;

/// Writes an evaluation: one issue for the verdict unless it is a pass, and one for each objective that lost points.
pub(super) fn write(account: &Account<'_>) -> String {
    let record = account.record;
    let lines = SloLines::of(record);
    let series = super::printable(&record.series.to_string());
    let issue = |category: &str, name: &str, severity: &str, text: &str, line: usize| {
        let text = shortened(text, MOST_CHARACTERS);
        json!({
            "fileName": slo_path(record),
            "lineStart": line,
            "lineEnd": line,
            "severity": severity,
            "category": category,
            "type": shortened(&super::printable(name), MOST_CHARACTERS),
            "message": escape(&text),
            "description": format!("<p>{}</p>", escape(&text)),
            "moduleName": shortened(&series, MOST_CHARACTERS),
            "fingerprint": fingerprint::in_series(record, category, name),
        })
    };
    let verdict = match Ending::of(record) {
        Ending::Verdict(Verdict::Pass) => None,
        Ending::Verdict(Verdict::Warning) => Some("NORMAL"),
        Ending::Verdict(Verdict::Fail) | Ending::Inconclusive => Some("ERROR"),
    };
    let verdict =
        verdict.map(|severity| issue("verdict", "Quality gate", severity, &why(record), 1));
    let objectives = record.evaluation.objectives().iter();
    let objectives = objectives.filter(|objective| lost_points(objective));
    let objectives = objectives.map(|objective| {
        let name = objective.indicator.as_str();
        let line = lines.decisive(objective);
        issue(
            "objective",
            name,
            severity(objective),
            &sentence(objective),
            line,
        )
    });
    let issues: Vec<Value> = verdict.into_iter().chain(objectives).collect();
    pretty(&json!({"issues": issues}))
}

/// Returns how bad it is that an objective lost points; never the severity of a verdict.
fn severity(objective: &ObjectiveResult) -> &'static str {
    match objective.status {
        Status::Fail => "HIGH",
        Status::Warning | Status::Pass | Status::Info => "LOW",
    }
}
