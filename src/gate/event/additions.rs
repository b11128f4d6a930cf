//! `data.tidegate`: what we know of an evaluation and Keptn's form has no place for. Versioned: within version 1
//! members are only ever added. A member that would be empty is left out.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{keptn_time, parse_time};
use crate::gate::comparison::Comparison;
use crate::gate::evaluation::{Compared, Conclusion, Evaluation};
use crate::gate::judge::ObjectiveResult;
use crate::gate::name::IndicatorName;
use crate::gate::number::to_json;
use crate::gate::reading::{FailureKind, Outcome, Reading};
use crate::gate::record::Record;
use crate::gate::reference::Reference;
use crate::gate::slo::TotalScore;
use crate::gate::verdict::Verdict;

/// The version of the form.
pub(super) const VERSION: u32 = 1;

/// Returns our additions to a `.finished` event.
pub(super) fn additions(record: &Record) -> Value {
    let evaluation = &record.evaluation;
    let objectives = evaluation.objectives();
    without_empty_members(json!({
        "version": VERSION,
        "producer": record.producer,
        "conclusion": conclusion(evaluation),
        "reason": match &evaluation.conclusion {
            Conclusion::Inconclusive(reason) => Some(reason),
            Conclusion::Scored | Conclusion::RetrievalErrored | Conclusion::NotSucceeded(_) => None,
        },
        "points": to_json(evaluation.points),
        "maxPoints": evaluation.maximum.map(to_json),
        "totalScore": evaluation.total_score.map(total_score),
        "comparison": comparison(evaluation),
        "deployment": record.deployment,
        "window": window(record),
        "slo": record.slo_file.path,
        "sloFileContent": slo_content(record),
        "objectives": objectives.iter().map(objective).collect::<Vec<_>>(),
        "readings": record.readings.iter().map(|one| reading(one, objectives)).collect::<Vec<_>>(),
        "unused": evaluation.unused,
        "warnings": record.warnings,
    }))
}

/// Leaves out the members that say nothing: null, and empty lists and objects.
fn without_empty_members(mut object: Value) -> Value {
    if let Some(members) = object.as_object_mut() {
        members.retain(|_, member| {
            let is_empty_list = member.as_array().is_some_and(Vec::is_empty);
            let is_empty_object = member.as_object().is_some_and(serde_json::Map::is_empty);
            !(member.is_null() || is_empty_list || is_empty_object)
        });
    }
    object
}

/// Returns the word for how an evaluation ended.
fn conclusion(evaluation: &Evaluation) -> &'static str {
    match evaluation.conclusion {
        Conclusion::Scored => "scored",
        Conclusion::Inconclusive(_) => "inconclusive",
        Conclusion::RetrievalErrored => "retrieval-errored",
        Conclusion::NotSucceeded(_) => "not-succeeded",
    }
}

/// Returns the scores that were needed.
fn total_score(needed: TotalScore) -> Value {
    without_empty_members(json!({
        "pass": to_json(needed.pass()),
        "warning": needed.warning().map(to_json),
    }))
}

/// Returns how earlier evaluations were chosen, and what Keptn's `comparedEvents` lacks, in the same order.
fn comparison(evaluation: &Evaluation) -> Value {
    let rules = evaluation.comparison.as_ref();
    let compared: Vec<Value> = evaluation.compared.iter().map(compared).collect();
    let is_known = |fact: &Value| fact.as_object().is_some_and(|members| !members.is_empty());
    without_empty_members(json!({
        "results": rules.map(|rules: &Comparison| rules.depth.get()),
        "include": rules.map(|rules| rules.include.name()),
        "aggregate": rules.map(|rules| rules.aggregate.name()),
        "compared": compared.iter().any(is_known).then_some(&compared),
        "leftOut": evaluation.left_out.iter()
            .map(|left| json!({"id": left.id, "reason": left.reason}))
            .collect::<Vec<_>>(),
        "leftOutMore": Some(evaluation.left_out_more).filter(|more| *more > 0),
        "reference": reference(&evaluation.reference),
    }))
}

/// Returns what chose the evaluations that were compared with, where that was not the SLO.
fn reference(reference: &Reference) -> Option<Value> {
    match reference {
        Reference::Newest => None,
        Reference::Labelled(labels) => Some(json!({"labels": labels})),
        Reference::Pinned { evaluation, reason } => {
            Some(json!({"pinned": evaluation, "reason": reason}))
        }
        Reference::Evaluation(id) => Some(json!({"evaluation": id})),
        Reference::File(path) => Some(json!({"file": path})),
    }
}

/// Returns what is known of an evaluation that was compared with, beside its id.
fn compared(past: &Compared) -> Value {
    without_empty_members(json!({
        "time": past.time.map(|time| time.to_string()),
        "result": past.result.map(Verdict::as_str),
    }))
}

/// Returns the window to the nanosecond, where Keptn's form, which has milliseconds, loses something.
fn window(record: &Record) -> Option<Value> {
    let window = record.window?;
    let is_kept = |time: Timestamp| parse_time(&keptn_time(time)) == Some(time);
    let is_lost = !is_kept(window.start()) || !is_kept(window.end());
    is_lost.then(|| json!({"start": window.start().to_string(), "end": window.end().to_string()}))
}

/// Returns the SLO file in base64, where Keptn's form leaves it empty.
fn slo_content(record: &Record) -> Option<String> {
    let content = &record.slo_file.content;
    let is_left_out = record.evaluation.conclusion == Conclusion::RetrievalErrored;
    (is_left_out && !content.is_empty()).then(|| STANDARD.encode(content))
}

/// Returns what Keptn's indicator result lacks.
fn objective(objective: &ObjectiveResult) -> Value {
    let policy = objective.policy.as_ref().map(|policy| {
        let key = if policy.failed { "onError" } else { "onNoData" };
        json!({key: policy.action.to_string(), "reason": policy.reason})
    });
    without_empty_members(json!({
        "sli": objective.indicator.as_str(),
        "maxPoints": objective.maximum.map(to_json),
        "baseline": objective.baseline.map(to_json),
        "unit": objective.unit,
        "policy": policy,
    }))
}

/// Returns where a value comes from. The value itself is there only where no objective shows it.
fn reading(reading: &Reading, objectives: &[ObjectiveResult]) -> Value {
    let (outcome, reason, value) = match &reading.outcome {
        Outcome::Value(value) => ("value", None, Some(value.get())),
        Outcome::NoData(reason) => ("no-data", Some(reason.as_str()), None),
        Outcome::Failed(failure) => (failure.kind.as_str(), Some(failure.message.as_str()), None),
    };
    let shown = value_of_objective(objectives, &reading.indicator);
    let value = value.filter(|value| shown.map(f64::to_bits) != Some(value.to_bits()));
    let reported = reading.reported.map(|reported| {
        json!({"value": to_json(reported.value), "comparedValue": to_json(reported.compared_value)})
    });
    without_empty_members(json!({
        "sli": reading.indicator.as_str(),
        "outcome": outcome,
        "value": value.map(to_json),
        "reason": reason,
        "reported": reported,
        "provider": reading.provider,
        "query": reading.query,
        "endpoint": reading.endpoint,
        "samples": reading.samples,
        "reduced": reading.reduced,
        "unit": reading.unit,
        "attempts": reading.attempts,
        // To the nanosecond, as far as a float can hold them: for some weeks.
        "elapsedMs": reading.elapsed.map(|elapsed| to_json((elapsed.as_secs_f64() * 1e9).round() / 1e6)),
        "warnings": reading.warnings,
    }))
}

/// Returns the value that the objective of an indicator got.
pub(super) fn value_of_objective(
    objectives: &[ObjectiveResult],
    indicator: &IndicatorName,
) -> Option<f64> {
    let mut objectives = objectives.iter();
    let objective = objectives.find(|objective| objective.indicator == *indicator)?;
    let value = objective.value.as_ref().filter(|value| value.success)?;
    Some(value.value)
}

/// Returns the kind of failure that a word stands for.
pub(super) fn failure_kind(word: &str) -> Option<FailureKind> {
    let mut kinds = FailureKind::ALL.into_iter();
    kinds.find(|kind| kind.as_str() == word)
}
