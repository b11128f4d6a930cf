//! JSON for programs: our own document, and Keptn's event.

use serde_json::{Value, json};

use super::account::Account;
use crate::gate::event::{finished_event, keptn_time};
use crate::gate::{
    Compared, Conclusion, ObjectiveResult, Outcome, Reading, Record, Reference, TargetResult,
    Verdict, json_number,
};

/// The version of our document. Within a version members are only ever added.
const VERSION: u32 = 1;

/// Returns our own document of an evaluation.
pub fn document(account: &Account<'_>) -> Value {
    let mut document = of_record(account.record);
    let Some(members) = document.as_object_mut() else {
        return document;
    };
    if let Some(ended) = account.ended {
        let ended = json!({"code": ended.code, "name": ended.name});
        members.insert("exit".to_owned(), ended);
    }
    if let Some(stored) = account.stored {
        members.insert("stored".to_owned(), stored.into());
    }
    if let Some(standing) = account.standing {
        let said = |reason: Option<&str>| json!(reason.map(|reason| json!({"reason": reason})));
        members.insert("invalidated".to_owned(), said(standing.invalidated));
        members.insert("pinned".to_owned(), said(standing.pinned));
    }
    document
}

/// Returns the part that is known from the day of the evaluation on.
fn of_record(record: &Record) -> Value {
    let evaluation = &record.evaluation;
    let inconclusive = matches!(evaluation.conclusion, Conclusion::Inconclusive(_));
    json!({
        "version": VERSION,
        "result": if inconclusive { "inconclusive" } else { evaluation.verdict.as_str() },
        "score": json_number(evaluation.score),
        "points": json_number(evaluation.points),
        "max_points": evaluation.maximum.map(json_number),
        "total_score": {
            "pass": evaluation.total_score.map(|needed| json_number(needed.pass())),
            "warning": evaluation.total_score.and_then(|needed| needed.warning()).map(json_number),
        },
        "message": evaluation.message,
        "id": record.ids.finished,
        "time": record.time.to_string(),
        "project": record.series.project.as_str(),
        "stage": record.series.stage.as_str(),
        "service": record.series.service.as_str(),
        "deployment": record.deployment,
        "labels": record.labels,
        "window": {
            "start": record.window.map(|window| keptn_time(window.start())),
            "end": record.window.map(|window| keptn_time(window.end())),
        },
        "slo": record.slo_file.path,
        "comparison": {
            "results": evaluation.comparison.map(|comparison| comparison.depth.get()),
            "include": evaluation.comparison.map(|comparison| comparison.include.name()),
            "aggregate": evaluation.comparison.map(|comparison| comparison.aggregate.name()),
            "compared": evaluation.compared.iter().map(compared_document).collect::<Vec<_>>(),
            "left_out": evaluation.left_out.iter()
                .map(|left| json!({"id": left.id, "reason": left.reason}))
                .collect::<Vec<_>>(),
            "left_out_more": evaluation.left_out_more,
            "reference": reference_document(&evaluation.reference),
        },
        "objectives": evaluation.objectives().iter()
            .map(|objective| objective_document(objective, record))
            .collect::<Vec<_>>(),
        "unused": evaluation.unused,
        "warnings": record.warnings,
        "producer": record.producer,
    })
}

/// Returns the part about what chose the evaluations that were compared with.
fn reference_document(reference: &Reference) -> Value {
    match reference {
        Reference::Newest => json!({"kind": "newest"}),
        Reference::Labelled(labels) => json!({"kind": "labels", "labels": labels}),
        Reference::Pinned { evaluation, reason } => {
            json!({"kind": "pinned", "id": evaluation, "reason": reason})
        }
        Reference::Evaluation(id) => json!({"kind": "evaluation", "id": id}),
        Reference::File(path) => json!({"kind": "file", "file": path}),
    }
}

/// Returns the part about one earlier evaluation.
fn compared_document(past: &Compared) -> Value {
    json!({
        "id": past.id,
        "time": past.time.map(|time| time.to_string()),
        "result": past.result.map(Verdict::as_str),
    })
}

/// Returns the part about one objective.
fn objective_document(objective: &ObjectiveResult, record: &Record) -> Value {
    let value = objective.value.as_ref();
    let targets = |targets: &[TargetResult]| {
        let target = |target: &TargetResult| {
            json!({
                "criteria": target.criteria,
                "target": target_value(target, objective).map(json_number),
                "violated": target.violated,
            })
        };
        targets.iter().map(target).collect::<Vec<_>>()
    };
    let policy = objective.policy.as_ref().map(|policy| {
        json!({
            "cause": if policy.failed { "error" } else { "no_data" },
            "action": policy.action.to_string(),
            "reason": policy.reason,
        })
    });
    let reading = record
        .readings
        .iter()
        .find(|reading| reading.indicator == objective.indicator);
    json!({
        "sli": objective.indicator.as_str(),
        "display_name": objective.display_name,
        "status": objective.status.as_str(),
        "points": json_number(objective.score),
        "max_points": objective.maximum.map(json_number),
        "key_sli": objective.key,
        "value": objective.judged_value().map(json_number),
        "unit": objective.unit,
        "baseline": objective.baseline.map(json_number),
        "message": value.map(|value| value.message.as_str()).filter(|message| !message.is_empty()),
        "pass": targets(&objective.pass_targets),
        "warning": targets(objective.warning_targets.as_deref().unwrap_or_default()),
        "policy": policy,
        "reading": reading.map(reading_document),
    })
}

/// Returns what a value was compared with; a relative criterion without a baseline was compared with nothing.
fn target_value(target: &TargetResult, objective: &ObjectiveResult) -> Option<f64> {
    (!target.is_relative() || objective.baseline.is_some()).then_some(target.target_value)
}

/// Returns the part about where a value comes from.
pub fn reading_document(reading: &Reading) -> Value {
    json!({
        "outcome": outcome_name(&reading.outcome),
        "provider": reading.provider,
        "query": reading.query,
        "endpoint": reading.endpoint,
        "samples": reading.samples,
        "reduced": reading.reduced,
        "unit": reading.unit,
        "attempts": reading.attempts,
        "elapsed_ms": milliseconds(reading),
        "warnings": reading.warnings,
    })
}

/// Returns the word for an outcome.
pub(super) fn outcome_name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Value(_) => "value",
        Outcome::NoData(_) => "no_data",
        Outcome::Failed(_) => "failed",
    }
}

/// Returns how long a reading took, to a tenth of a millisecond.
pub(super) fn milliseconds(reading: &Reading) -> Option<f64> {
    let elapsed = reading.elapsed?;
    Some((elapsed.as_secs_f64() * 1e4).round() / 10.0)
}

/// Returns Keptn's `evaluation.finished` event, on one line.
pub fn keptn_event(record: &Record) -> String {
    serde_json::to_string(&finished_event(record)).unwrap_or_default()
}

/// Returns the same as the API of Keptn answers it, for scripts that read `.events[0]`.
pub fn keptn_events(record: &Record) -> String {
    let event = json!(finished_event(record));
    super::pretty(&json!({"events": [event], "totalCount": 1}))
}
