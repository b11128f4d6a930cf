//! JSON for programs: our own document, and Keptn's event.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::account::{Account, Artifact};
use super::ci::CiJob;
use super::trend_columns;
use crate::gate::event::{finished_event, keptn_time, parse_time};
use crate::gate::{
    Compared, Conclusion, IndicatorValue, ObjectiveResult, Outcome, Reading, Record, Reference,
    TargetResult, Verdict, json_number,
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
    if let Some(job) = account.job {
        members.insert("job".to_owned(), job_document(job));
    }
    if !account.artifacts.is_empty() {
        let artifacts = account.artifacts.iter().map(artifact_document);
        members.insert("artifacts".to_owned(), artifacts.collect());
    }
    if let Some(trend) = account.trend {
        members.insert("trend".to_owned(), trend_columns::document(trend));
    }
    document
}

/// Returns the part about the job of a CI system.
fn job_document(job: &CiJob) -> Value {
    json!({
        "system": job.system.name(),
        "labels": job.labels,
        "repository": job.repository,
        "commit": job.commit,
        "url": job.url,
    })
}

/// Returns the part about something that was built.
fn artifact_document(artifact: &Artifact) -> Value {
    json!({"name": artifact.name, "algorithm": artifact.algorithm, "digest": artifact.digest})
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
            "exact": exact_window(record),
        },
        "slo": record.slo_file.path,
        "slo_content": record.slo_file.content,
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
        "conclusion": conclusion_document(record),
        "triggered_id": record.ids.triggered,
        "context_id": record.ids.context,
        "readings": record.readings.iter().map(whole_reading).collect::<Vec<_>>(),
    })
}

/// Returns the window to the nanosecond, where the milliseconds of Keptn lose something.
fn exact_window(record: &Record) -> Option<Value> {
    let window = record.window?;
    let is_kept = |time: Timestamp| parse_time(&keptn_time(time)) == Some(time);
    let is_lost = !is_kept(window.start()) || !is_kept(window.end());
    is_lost.then(|| json!({"start": window.start().to_string(), "end": window.end().to_string()}))
}

/// Returns the part about how far the verdict can be trusted, and what the evaluation is stored as.
fn conclusion_document(record: &Record) -> Value {
    let evaluation = &record.evaluation;
    let (kind, reason) = match &evaluation.conclusion {
        Conclusion::Scored => ("scored", None),
        Conclusion::Inconclusive(reason) => ("inconclusive", Some(reason)),
        Conclusion::RetrievalErrored => ("retrieval_errored", None),
        Conclusion::NotSucceeded(status) => ("not_succeeded", Some(status)),
    };
    json!({
        "kind": kind,
        "reason": reason,
        "verdict": evaluation.verdict.as_str(),
        "scored": evaluation.scored.as_str(),
        "judged": evaluation.objectives.is_some(),
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
                "target_value": json_number(target.target_value),
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
        "fetched": value.map(fetched),
        "has_warning": objective.warning_targets.is_some(),
    })
}

/// Returns the value of an objective as Keptn's event holds it: with 0 where there is none.
fn fetched(value: &IndicatorValue) -> Value {
    json!({
        "value": json_number(value.value),
        "compared_value": json_number(value.compared_value),
        "success": value.success,
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

/// Returns everything about a reading, on its own: with the SLI, the value, and why there is none.
fn whole_reading(reading: &Reading) -> Value {
    let (value, failure, reason) = match &reading.outcome {
        Outcome::Value(value) => (Some(value.get()), None, None),
        Outcome::NoData(reason) => (None, None, Some(reason.as_str())),
        Outcome::Failed(failure) => (
            None,
            Some(failure.kind.as_str()),
            Some(failure.message.as_str()),
        ),
    };
    let reported = reading.reported.map(|reported| {
        json!({
            "value": json_number(reported.value),
            "compared_value": json_number(reported.compared_value),
        })
    });
    // To the nanosecond, as far as a float can hold them: for some weeks.
    let elapsed = reading
        .elapsed
        .map(|elapsed| (elapsed.as_secs_f64() * 1e9).round() / 1e6);
    let mut document = reading_document(reading);
    if let Some(members) = document.as_object_mut() {
        members.insert("elapsed_ms".to_owned(), json!(elapsed.map(json_number)));
        for (key, value) in [
            ("sli", json!(reading.indicator.as_str())),
            ("value", json!(value.map(json_number))),
            ("failure", json!(failure)),
            ("reason", json!(reason)),
            ("reported", json!(reported)),
        ] {
            members.insert(key.to_owned(), value);
        }
    }
    document
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
