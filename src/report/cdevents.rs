//! `CDEvents` 0.5.1, one on each line: the objectives as test cases, the evaluation as their test suite.
//!
//! The specification knows no warning: one is a success whose reason says so. Ids are made from that of the evaluation,
//! so that whoever receives an event twice knows it again.

use serde_json::{Value, json};

use super::headline::{sentence, shortened, why};
use super::text::block;
use super::{Account, document, fingerprint};
use crate::gate::{Ending, ObjectiveResult, Record, Status, Verdict};

/// The version of the specification.
const SPECIFICATION: &str = "0.5.1";
/// The version of the events about test suites and test cases in it.
const EVENT: &str = "0.3.0";
/// How many characters of a reason are shown.
const MOST_CHARACTERS: usize = 2000;

/// Writes an evaluation: the test cases, then the test suite with our own document.
pub(super) fn write(account: &Account<'_>) -> String {
    let record = account.record;
    let objectives = record.evaluation.objectives().iter().enumerate();
    let cases = objectives.map(|(at, objective)| case(record, at, objective));
    let events = cases.chain([suite(account)]);
    block(events.map(|event| event.to_string()))
}

/// Returns the event about the whole.
fn suite(account: &Account<'_>) -> Value {
    let record = account.record;
    let (outcome, severity, prefix) = match Ending::of(record) {
        Ending::Verdict(Verdict::Pass) => ("success", None, ""),
        Ending::Verdict(Verdict::Warning) => ("success", Some("low"), "warning: "),
        Ending::Verdict(Verdict::Fail) => ("failure", Some("high"), ""),
        Ending::Inconclusive => ("error", Some("high"), "inconclusive: "),
    };
    let mut content = json!({
        "outcome": outcome,
        "reason": shortened(&format!("{prefix}{}", why(record)), MOST_CHARACTERS),
        "environment": {"id": record.series.stage.as_str()},
        "testSuite": {"id": record.series.to_string(), "name": "Quality gate"},
    });
    add_severity(&mut content, severity);
    let id = &record.ids.finished;
    let mut event = event(record, "testsuiterun", id, &["suite"], &content);
    if let Some(members) = event.as_object_mut() {
        members.insert("customData".to_owned(), document(account));
        members.insert(
            "customDataContentType".to_owned(),
            "application/json".into(),
        );
    }
    event
}

/// Returns the event about one objective.
fn case(record: &Record, at: usize, objective: &ObjectiveResult) -> Value {
    let (outcome, severity, prefix) = match (objective.status, objective.key) {
        (Status::Pass | Status::Info, _) => ("success", None, ""),
        (Status::Warning, _) => ("success", Some("low"), "warning: "),
        (Status::Fail, false) => ("failure", Some("medium"), ""),
        (Status::Fail, true) => ("failure", Some("critical"), ""),
    };
    let failed = objective
        .policy
        .as_ref()
        .is_some_and(|policy| policy.failed);
    let outcome = if failed { "error" } else { outcome };
    let run = &record.ids.finished;
    let mut content = json!({
        "outcome": outcome,
        "reason": shortened(&format!("{prefix}{}", sentence(objective)), MOST_CHARACTERS),
        "environment": {"id": record.series.stage.as_str()},
        "testSuiteRun": {"id": run, "source": source(record)},
        "testCase": {
            "id": objective.indicator.as_str(),
            "name": objective.shown_name(),
            "type": "performance",
        },
    });
    add_severity(&mut content, severity);
    let at = at.to_string();
    let parts = ["case", &at, objective.indicator.as_str()];
    let id = fingerprint::uuid(&[run, "run", &at, objective.indicator.as_str()]).to_string();
    event(record, "testcaserun", &id, &parts, &content)
}

/// Adds how bad it is, where it is bad.
fn add_severity(content: &mut Value, severity: Option<&str>) {
    if let (Some(severity), Some(members)) = (severity, content.as_object_mut()) {
        members.insert("severity".to_owned(), severity.into());
    }
}

/// Wraps what happened to a subject into an event.
fn event(record: &Record, about: &str, subject: &str, parts: &[&str], content: &Value) -> Value {
    let source = source(record);
    let mut seed = vec![record.ids.finished.as_str(), "cdevents"];
    seed.extend(parts);
    json!({
        "context": {
            "specversion": SPECIFICATION,
            "id": fingerprint::uuid(&seed).to_string(),
            "source": source,
            "type": format!("dev.cdevents.{about}.finished.{EVENT}"),
            "timestamp": record.time.to_string(),
        },
        "subject": {"id": subject, "source": source, "content": content},
    })
}

/// Returns who says it, as a reference of a URI.
fn source(record: &Record) -> String {
    let series = &record.series;
    let names = [
        series.project.as_str(),
        series.stage.as_str(),
        series.service.as_str(),
    ];
    let encoded = names.map(super::slo_lines::uri_segment);
    format!("/tidegate/{}", encoded.join("/"))
}
