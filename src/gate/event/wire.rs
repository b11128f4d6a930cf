//! `data.evaluation` of an `evaluation.finished` event, member by member as Keptn writes it (lighthouse.md 8.2, 8.3).

#![expect(clippy::struct_field_names, reason = "the names are Keptn's")]

use serde::Serialize;

use crate::gate::evaluation::{Conclusion, Evaluation};
use crate::gate::judge::{ObjectiveResult, TargetResult};
use crate::gate::number;

/// `data.evaluation`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EvaluationData<'a> {
    /// Start of the window.
    pub(super) time_start: String,
    /// End of the window.
    pub(super) time_end: String,
    /// The result of the score.
    result: &'static str,
    /// Per cent.
    #[serde(serialize_with = "number::serialize")]
    score: f64,
    /// The file in base64; empty where nothing was evaluated.
    slo_file_content: String,
    /// One per objective; null where nothing was evaluated.
    indicator_results: Option<Vec<IndicatorResult<'a>>>,
    /// Ids of earlier evaluations, newest first; absent where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    compared_events: Vec<&'a str>,
}

impl<'a> EvaluationData<'a> {
    /// Takes what an evaluation has.
    pub(super) fn of(
        evaluation: &'a Evaluation,
        window: (String, String),
        slo_file: String,
    ) -> Self {
        let (time_start, time_end) = window;
        let evaluated = evaluation.conclusion != Conclusion::RetrievalErrored;
        Self {
            time_start,
            time_end,
            result: evaluation.scored.as_str(),
            score: evaluation.score,
            slo_file_content: if evaluated { slo_file } else { String::new() },
            indicator_results: evaluation
                .objectives
                .as_ref()
                .map(|objectives| objectives.iter().map(IndicatorResult::of).collect()),
            compared_events: evaluation
                .compared
                .iter()
                .map(|past| past.id.as_str())
                .collect(),
        }
    }
}

/// One element of `indicatorResults`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct IndicatorResult<'a> {
    /// Points.
    #[serde(serialize_with = "number::serialize")]
    score: f64,
    /// The value; null for an informational objective without one.
    value: Option<Value<'a>>,
    /// The display name.
    display_name: &'a str,
    /// The criteria to pass by.
    pass_targets: Option<Vec<Target<'a>>>,
    /// The criteria to be a warning by.
    warning_targets: Option<Vec<Target<'a>>>,
    /// Whether it is a key objective.
    key_sli: bool,
    /// `pass`, `warning`, `fail`, `info`.
    status: &'static str,
}

/// The value of an indicator.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Value<'a> {
    /// The indicator.
    metric: &'a str,
    /// The number.
    #[serde(serialize_with = "number::serialize")]
    value: f64,
    /// The baseline.
    #[serde(serialize_with = "number::serialize")]
    compared_value: f64,
    /// Whether the number was fetched.
    success: bool,
    /// Why not.
    #[serde(skip_serializing_if = "str::is_empty")]
    message: &'a str,
}

/// One criterion.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Target<'a> {
    /// As it was written.
    criteria: &'a str,
    /// What the value was compared with.
    #[serde(serialize_with = "number::serialize")]
    target_value: f64,
    /// Whether it was missed.
    violated: bool,
}

impl<'a> IndicatorResult<'a> {
    /// Takes what an objective came to.
    fn of(objective: &'a ObjectiveResult) -> Self {
        let targets = |targets: &'a [TargetResult]| targets.iter().map(Target::of).collect();
        Self {
            score: objective.score,
            value: objective.value.as_ref().map(|value| Value {
                metric: objective.indicator.as_str(),
                value: value.value,
                compared_value: value.compared_value,
                success: value.success,
                message: &value.message,
            }),
            display_name: &objective.display_name,
            pass_targets: Some(targets(&objective.pass_targets)),
            warning_targets: objective.warning_targets.as_deref().map(targets),
            key_sli: objective.key,
            status: objective.status.as_str(),
        }
    }
}

impl<'a> Target<'a> {
    /// Takes what a criterion came to.
    fn of(target: &'a TargetResult) -> Self {
        Self {
            criteria: &target.criteria,
            target_value: target.target_value,
            violated: target.violated,
        }
    }
}
