//! Bitbucket's Code Insights: a report on the commit, and annotations on the SLO file.

use serde_json::{Value, json};

use super::said::{Level, clipped, complaints, headline, identifier, series, summary};
use super::speech::{Call, Request, Utterance};
use crate::gate::{ObjectiveResult, Series};
use crate::report::change::{number, score};
use crate::report::text::printable;
use crate::report::{Account, Unjudged};

/// How many annotations one request may hold.
const MOST: usize = 100;
/// How many numbers a report may show.
const MOST_DATA: usize = 10;

/// Says an evaluation.
pub(super) fn speak(account: &Account<'_>, call: &Call<'_>) -> Utterance {
    let record = account.record;
    let result = match Level::of(record) {
        Level::Error => "FAILED",
        Level::Warning | Level::Notice => "PASSED",
    };
    let score_shown = json!({
        "title": "Score", "type": "TEXT", "value": score(record.evaluation.score),
    });
    let objectives = record.evaluation.objectives().iter();
    let data: Vec<Value> = [score_shown]
        .into_iter()
        .chain(objectives.map(datum))
        .take(MOST_DATA)
        .collect();
    let report = report(
        &headline(record),
        &summary(record),
        (result, call.job.url.as_deref()),
        &data,
    );
    let annotations: Vec<Value> = complaints(record)
        .iter()
        .take(MOST)
        .map(|complaint| {
            let severity = match complaint.level {
                Level::Error if complaint.objective.key => "CRITICAL",
                Level::Error => "HIGH",
                Level::Warning | Level::Notice => "MEDIUM",
            };
            let indicator = complaint.objective.indicator.as_str();
            let mut annotation = json!({
                "external_id": identifier(indicator, 100),
                "annotation_type": "BUG",
                "summary": short(&complaint.text),
                "severity": severity,
                "result": "FAILED",
            });
            if let (Some(file), Some(members)) = (call.slo, annotation.as_object_mut()) {
                members.insert("path".to_owned(), json!(file));
                members.insert("line".to_owned(), json!(complaint.line));
            }
            annotation
        })
        .collect();
    requests(&record.series, call, report, annotations)
}

/// Says that there is no verdict.
pub(super) fn speak_unjudged(unjudged: &Unjudged<'_>, call: &Call<'_>) -> Utterance {
    let Some(of) = unjudged.series else {
        return Utterance::default();
    };
    let title = format!("{}: no verdict", series(of));
    let report = report(
        &title,
        unjudged.message,
        ("FAILED", call.job.url.as_deref()),
        &[],
    );
    requests(of, call, report, Vec::new())
}

/// Writes a report. There is no state between passed and failed: a warning passes, and its title says so.
fn report(title: &str, details: &str, state: (&str, Option<&str>), data: &[Value]) -> Value {
    let (result, link) = state;
    let mut report = json!({
        "title": short(&format!("Quality gate {title}")),
        "details": printable(&clipped(details)),
        "report_type": "TEST",
        "reporter": "tidegate",
        "result": result,
        "data": data,
    });
    if let (Some(link), Some(members)) = (link, report.as_object_mut()) {
        members.insert("link".to_owned(), json!(link));
    }
    report
}

/// Shows the value of an objective.
fn datum(objective: &ObjectiveResult) -> Value {
    let value = objective.judged_value().map_or_else(
        || "no value".to_owned(),
        |value| number(value, &objective.pass_targets),
    );
    let unit = objective.unit.as_deref().unwrap_or_default();
    let text = format!("{value} {unit}");
    json!({
        "title": short(objective.shown_name()),
        "type": "TEXT",
        "value": short(&format!("{} ({})", text.trim(), objective.status)),
    })
}

/// Returns the requests: an older report on the same commit goes away first, with annotations that no longer hold.
/// Nothing is sent where the job does not say what it builds.
fn requests(of: &Series, call: &Call<'_>, report: Value, annotations: Vec<Value>) -> Utterance {
    let names = (call.job.repository.as_deref(), call.job.commit.as_deref());
    let (Some(repository), Some(commit)) = names else {
        return Utterance::default();
    };
    let is_safe = |c: char| c.is_ascii_alphanumeric() || "-_.{}".contains(c);
    let is_name = |name: &str| name.chars().all(is_safe) && name.chars().any(|c| c != '.');
    let is_repository = repository
        .split_once('/')
        .is_some_and(|(owner, name)| [owner, name].into_iter().all(is_name));
    if !is_repository || !commit.chars().all(|c| c.is_ascii_hexdigit()) {
        return Utterance::default();
    }
    let id = identifier(&format!("tidegate_{}", series(of)), 80);
    let path = format!("/2.0/repositories/{repository}/commit/{commit}/reports/{id}");
    let request = |method, path: String, body| Request { method, path, body };
    let mut requests = vec![
        request("DELETE", path.clone(), None),
        request("PUT", path.clone(), Some(report)),
    ];
    if !annotations.is_empty() {
        let body = Some(Value::Array(annotations));
        requests.push(request("POST", format!("{path}/annotations"), body));
    }
    Utterance {
        requests,
        ..Utterance::default()
    }
}

/// Returns a text for a field that holds little.
fn short(text: &str) -> String {
    printable(text).chars().take(450).collect()
}

#[cfg(test)]
#[path = "bitbucket_tests.rs"]
mod tests;
