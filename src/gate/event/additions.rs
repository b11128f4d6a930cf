//! `data.tidegate`: what we know of an evaluation and Keptn's form has no place for. Versioned: within version 1
//! members are only ever added.

use serde_json::{Map, Value, json};

use crate::gate::evaluation::{Conclusion, Evaluation};
use crate::gate::judge::ObjectiveResult;
use crate::gate::number::to_json;
use crate::gate::reading::{FailureKind, Outcome, Reading};
use crate::gate::record::Record;
use crate::gate::reference::Reference;

/// The version of the form.
pub(super) const VERSION: u32 = 1;

/// Returns our additions to a `.finished` event.
pub(super) fn additions(record: &Record) -> Value {
    let evaluation = &record.evaluation;
    json!({
        "version": VERSION,
        "producer": record.producer,
        "conclusion": conclusion(evaluation),
        "points": to_json(evaluation.points),
        "maxPoints": to_json(evaluation.maximum),
        "totalScore": {
            "pass": to_json(evaluation.total_score.pass()),
            "warning": evaluation.total_score.warning().map(to_json),
        },
        "comparison": comparison(evaluation),
        "slo": record.slo_file.path,
        "objectives": evaluation.objectives().iter().map(objective).collect::<Vec<_>>(),
        "readings": record.readings.iter().map(reading).collect::<Vec<_>>(),
        "unused": evaluation.unused,
        "warnings": record.warnings,
    })
}

/// Returns how earlier evaluations were chosen, and which were not.
fn comparison(evaluation: &Evaluation) -> Value {
    let mut comparison = json!({
        "results": evaluation.comparison.depth.get(),
        "include": evaluation.comparison.include.name(),
        "aggregate": evaluation.comparison.aggregate.name(),
        "leftOut": evaluation.left_out.iter()
            .map(|left| json!({"id": left.id, "reason": left.reason}))
            .collect::<Vec<_>>(),
    });
    if evaluation.left_out_more > 0 {
        comparison["leftOutMore"] = evaluation.left_out_more.into();
    }
    let reference = match &evaluation.reference {
        Reference::Newest => return comparison,
        Reference::Labelled(labels) => json!({"labels": labels}),
        Reference::Pinned { evaluation, reason } => {
            json!({"pinned": evaluation, "reason": reason})
        }
        Reference::Evaluation(id) => json!({"evaluation": id}),
        Reference::File(path) => json!({"file": path}),
    };
    comparison["reference"] = reference;
    comparison
}

/// Returns the word for how an evaluation ended.
fn conclusion(evaluation: &Evaluation) -> &'static str {
    match evaluation.conclusion {
        Conclusion::Scored => "scored",
        Conclusion::Inconclusive(_) => "inconclusive",
        Conclusion::RetrievalErrored => "retrieval-errored",
    }
}

/// Returns what Keptn's indicator result lacks.
fn objective(objective: &ObjectiveResult) -> Value {
    let mut members = Map::new();
    members.insert("sli".to_owned(), objective.indicator.as_str().into());
    members.insert("maxPoints".to_owned(), to_json(objective.maximum));
    members.insert(
        "baseline".to_owned(),
        objective.baseline.map(to_json).into(),
    );
    if let Some(unit) = &objective.unit {
        members.insert("unit".to_owned(), unit.as_str().into());
    }
    if let Some(policy) = &objective.policy {
        let key = if policy.failed { "onError" } else { "onNoData" };
        let policy = json!({key: policy.action.to_string(), "reason": policy.reason});
        members.insert("policy".to_owned(), policy);
    }
    Value::Object(members)
}

/// Returns where a value comes from; members that say nothing are left out.
fn reading(reading: &Reading) -> Value {
    let (outcome, reason) = match &reading.outcome {
        Outcome::Value(_) => ("value", None),
        Outcome::NoData(reason) => ("no-data", Some(reason.as_str())),
        Outcome::Failed(failure) => (kind(failure.kind), Some(failure.message.as_str())),
    };
    let mut members = json!({
        "sli": reading.indicator.as_str(),
        "outcome": outcome,
        "reason": reason,
        "provider": reading.provider,
        "query": reading.query,
        "endpoint": reading.endpoint,
        "samples": reading.samples,
        "unit": reading.unit,
        "attempts": reading.attempts,
        "elapsedMs": reading.elapsed.map(|elapsed| to_json((elapsed.as_secs_f64() * 1e4).round() / 10.0)),
        "warnings": reading.warnings,
    });
    if let Some(members) = members.as_object_mut() {
        members.retain(|_, value| {
            !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty())
        });
    }
    members
}

/// Returns the word for a kind of failure.
fn kind(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::NotAuthorised => "not-authorised",
        FailureKind::Unavailable => "unavailable",
        FailureKind::Throttled => "throttled",
        FailureKind::BadAnswer => "bad-answer",
        FailureKind::BadQuery => "bad-query",
        FailureKind::Reported => "reported",
    }
}
