//! One objective against one reading (lighthouse.md 4).

use super::criterion::Criterion;
use super::name::IndicatorName;
use super::policy::{MissingValue, Policies};
use super::reading::{Outcome, Reading};
use super::slo::{CriteriaSet, Objective, shown_name};
use super::verdict::Status;

/// What one objective came to.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectiveResult {
    /// The indicator.
    pub indicator: IndicatorName,
    /// The display name; may be empty.
    pub display_name: String,
    /// The outcome.
    pub status: Status,
    /// The points it earned: all, half, or none.
    pub score: f64,
    /// The points it could earn: its weight, or 0 where it is not scored. `None` where another program stored it and its
    /// event does not tell.
    pub maximum: Option<f64>,
    /// Whether it is a key objective that was scored.
    pub key: bool,
    /// The value; `None` only for an informational objective that got none.
    pub value: Option<IndicatorValue>,
    /// The criteria to pass by, with their targets.
    pub pass_targets: Vec<TargetResult>,
    /// The criteria to be a warning by; `None` where the objective has none and was evaluated.
    pub warning_targets: Option<Vec<TargetResult>>,
    /// The baseline; `None` where there is none, which is not 0.
    pub baseline: Option<f64>,
    /// The policy that decided because there was no value, and why there was none.
    pub policy: Option<AppliedPolicy>,
    /// The unit of the value, where it is known.
    pub unit: Option<String>,
}

/// A value as Keptn reports it.
#[derive(Clone, Debug, PartialEq)]
pub struct IndicatorValue {
    /// The number; 0 where there is none.
    pub value: f64,
    /// The baseline; 0 where there is none.
    pub compared_value: f64,
    /// Whether the number was fetched. One that a policy put in place was not, and is nobody's baseline later.
    pub success: bool,
    /// Why not.
    pub message: String,
}

/// One criterion with the number that it was compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetResult {
    /// The criterion as it was written.
    pub criteria: String,
    /// The number; 0 for a relative criterion without a baseline. Always finite.
    pub target_value: f64,
    /// Whether the value missed it.
    pub violated: bool,
}

/// A policy that decided instead of a value.
#[derive(Clone, Debug, PartialEq)]
pub struct AppliedPolicy {
    /// What was done.
    pub action: MissingValue,
    /// Why there was no value.
    pub reason: String,
    /// Whether a backend failed, as against answering "no data".
    pub failed: bool,
}

impl TargetResult {
    /// Tells whether the criterion is relative to a baseline.
    #[must_use]
    pub fn is_relative(&self) -> bool {
        let criterion = self.criteria.parse::<Criterion>();
        criterion.is_ok_and(|criterion| criterion.is_relative())
    }
}

impl ObjectiveResult {
    /// Returns the number that was judged: the value that was fetched, or the one that a policy put in its place.
    #[must_use]
    pub fn judged_value(&self) -> Option<f64> {
        let substituted = self
            .policy
            .as_ref()
            .is_some_and(|p| matches!(p.action, MissingValue::Value(_)));
        self.value
            .as_ref()
            .filter(|value| value.success || substituted)
            .map(|value| value.value)
    }

    /// Returns the name to show: the display name, else the SLI.
    #[must_use]
    pub fn shown_name(&self) -> &str {
        shown_name(&self.display_name, &self.indicator)
    }
}

/// Judges one objective.
#[must_use]
pub fn judge(
    objective: &Objective,
    reading: Option<&Reading>,
    baseline: Option<f64>,
    policies: Policies,
) -> ObjectiveResult {
    let policy = missing(reading).map(|(reason, failed)| AppliedPolicy {
        action: if failed {
            policies.on_error
        } else {
            policies.on_no_data
        },
        reason,
        failed,
    });
    let number = match (reading.map(|reading| &reading.outcome), &policy) {
        (Some(Outcome::Value(value)), _) => Some(value.get()),
        (
            _,
            Some(AppliedPolicy {
                action: MissingValue::Value(value),
                ..
            }),
        ) => Some(value.get()),
        _ => None,
    };
    let blank = blank(objective, reading, baseline, policy);
    match number {
        _ if objective.is_informational() => informational(objective, reading, number, blank),
        Some(number) => evaluated(objective, number, blank),
        None => without_value(reading, blank),
    }
}

/// Returns why there is no value, and whether a backend failed; `None` where there is one.
fn missing(reading: Option<&Reading>) -> Option<(String, bool)> {
    match reading.map(|reading| &reading.outcome) {
        None => Some(("no value received from SLI provider".to_owned(), false)),
        Some(Outcome::Value(_)) => None,
        Some(Outcome::NoData(reason)) => Some((reason.clone(), false)),
        Some(Outcome::Failed(failure)) => Some((failure.message.clone(), true)),
    }
}

/// Starts a result: a failure that says nothing yet.
fn blank(
    objective: &Objective,
    reading: Option<&Reading>,
    baseline: Option<f64>,
    policy: Option<AppliedPolicy>,
) -> ObjectiveResult {
    ObjectiveResult {
        indicator: objective.indicator.clone(),
        display_name: objective.display_name.clone(),
        status: Status::Fail,
        score: 0.0,
        maximum: Some(objective.weight.points()),
        key: objective.key,
        value: None,
        pass_targets: unevaluated(&objective.pass, baseline),
        warning_targets: Some(unevaluated(&objective.warning, baseline)),
        baseline,
        policy,
        unit: reading.and_then(|reading| reading.unit.clone()),
    }
}

/// An informational objective: shown, never scored, whatever its value. Warning criteria are listed, not applied.
fn informational(
    objective: &Objective,
    reading: Option<&Reading>,
    number: Option<f64>,
    blank: ObjectiveResult,
) -> ObjectiveResult {
    let reported = reading.and_then(|reading| reading.reported);
    let value = match (number, &blank.policy) {
        (Some(value), policy) => Some(IndicatorValue {
            value,
            compared_value: reported.map_or(0.0, |r| r.compared_value),
            success: policy.is_none(),
            message: substitution(policy.as_ref()),
        }),
        (None, Some(policy)) if reading.is_some() => Some(IndicatorValue {
            value: reported.map_or(0.0, |r| r.value),
            compared_value: reported.map_or(0.0, |r| r.compared_value),
            success: false,
            message: policy.reason.clone(),
        }),
        (None, _) => None,
    };
    ObjectiveResult {
        status: Status::Info,
        maximum: Some(0.0),
        key: false,
        value,
        warning_targets: Some(unevaluated(&objective.warning, blank.baseline)),
        policy: blank.policy.filter(|_| number.is_some()),
        ..blank
    }
}

/// An objective with a value: every criterion is applied and reported.
fn evaluated(objective: &Objective, number: f64, blank: ObjectiveResult) -> ObjectiveResult {
    let (passed, pass_targets) = apply(&objective.pass, number, blank.baseline);
    let (warned, warning_targets) = apply(&objective.warning, number, blank.baseline);
    let status = match (passed, warned) {
        (true, _) => Status::Pass,
        (false, true) => Status::Warning,
        (false, false) => Status::Fail,
    };
    ObjectiveResult {
        status,
        score: points(status, blank.maximum),
        value: Some(IndicatorValue {
            value: number,
            compared_value: blank.baseline.unwrap_or_default(),
            success: blank.policy.is_none(),
            message: substitution(blank.policy.as_ref()),
        }),
        pass_targets,
        warning_targets: (!objective.warning.is_empty()).then_some(warning_targets),
        ..blank
    }
}

/// An objective without a value: the policy decides. By default it fails, as in Keptn.
fn without_value(reading: Option<&Reading>, blank: ObjectiveResult) -> ObjectiveResult {
    let reported = reading.and_then(|reading| reading.reported);
    let (action, reason) = match &blank.policy {
        Some(policy) => (policy.action, policy.reason.clone()),
        None => (MissingValue::Fail, String::new()),
    };
    let status = match action {
        MissingValue::Warning => Status::Warning,
        MissingValue::Ignore => Status::Info,
        MissingValue::Fail
        | MissingValue::Inconclusive
        | MissingValue::Error
        | MissingValue::Value(_) => Status::Fail,
    };
    let maximum = if status == Status::Info {
        Some(0.0)
    } else {
        blank.maximum
    };
    ObjectiveResult {
        status,
        score: points(status, maximum),
        maximum,
        value: Some(IndicatorValue {
            value: reported.map_or(0.0, |r| r.value),
            compared_value: reported.map_or(0.0, |r| r.compared_value),
            success: false,
            message: reason,
        }),
        ..blank
    }
}

/// Returns what a value says of itself where a policy put it there.
fn substitution(policy: Option<&AppliedPolicy>) -> String {
    policy.map_or_else(String::new, |policy| {
        format!("{}; a policy puts this value in its place", policy.reason)
    })
}

/// Returns the points of a status.
fn points(status: Status, maximum: Option<f64>) -> f64 {
    let maximum = maximum.unwrap_or_default();
    match status {
        Status::Pass => maximum,
        Status::Warning => 0.5 * maximum,
        Status::Fail | Status::Info => 0.0,
    }
}

/// Applies sets of criteria: all of a set must hold, one of the sets suffices. Every criterion is reported.
fn apply(sets: &[CriteriaSet], number: f64, baseline: Option<f64>) -> (bool, Vec<TargetResult>) {
    let mut any = false;
    let mut targets = Vec::new();
    for set in sets {
        let mut all = true;
        for written in set.criteria() {
            let met = written.criterion().is_met(number, baseline);
            let target = written
                .criterion()
                .target_value(baseline)
                .unwrap_or_default();
            all &= met;
            targets.push(TargetResult {
                criteria: written.text().to_owned(),
                target_value: target.clamp(-f64::MAX, f64::MAX),
                violated: !met,
            });
        }
        any |= all;
    }
    (any, targets)
}

/// Lists criteria that could not be applied: all violated, relative ones with the bare baseline, as in Keptn
/// (lighthouse.md 4.5).
fn unevaluated(sets: &[CriteriaSet], baseline: Option<f64>) -> Vec<TargetResult> {
    let criteria = sets.iter().flat_map(CriteriaSet::criteria);
    criteria
        .map(|written| {
            let criterion = written.criterion();
            let target_value = if criterion.is_relative() {
                baseline.unwrap_or_default()
            } else {
                criterion.target_value(None).unwrap_or_default()
            };
            TargetResult {
                criteria: written.text().to_owned(),
                target_value,
                violated: true,
            }
        })
        .collect()
}
