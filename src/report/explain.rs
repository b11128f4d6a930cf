//! The arithmetic in words: what each objective missed, and how the score came about.

use super::change::{number, score};
use super::text::{block, printable};
use crate::gate::{Criterion, MissingValue, ObjectiveResult, Record, Status, TargetResult};

/// Says why an objective did not get all its points: what follows its name in a sentence.
pub fn reason(objective: &ObjectiveResult) -> String {
    let Some(value) = objective.judged_value() else {
        let why = objective
            .value
            .as_ref()
            .map_or("", |value| value.message.as_str());
        let why = if why.is_empty() {
            "no reason was given"
        } else {
            why
        };
        return format!("has no value: {}", printable(why));
    };
    let missed: Vec<String> = objective
        .pass_targets
        .iter()
        .filter(|target| target.violated)
        .map(|target| criterion(target, objective.baseline))
        .collect();
    let shown = number(value, &objective.pass_targets);
    match objective.status {
        Status::Warning => {
            format!(
                "is {shown} and misses {}; its warning criteria are met",
                missed.join(" and ")
            )
        }
        Status::Fail | Status::Pass | Status::Info => {
            format!("is {shown} and misses {}", missed.join(" and "))
        }
    }
}

/// Prints a criterion with what it means here: `<=+10% (at most 561, 10 % above the baseline of 510)`.
fn criterion(target: &TargetResult, baseline: Option<f64>) -> String {
    let text = printable(target.criteria.trim());
    match (target.criteria.parse::<Criterion>(), baseline) {
        (Ok(criterion), Some(baseline)) if criterion.is_relative() => format!(
            "{text} (which is {} {} here, with a baseline of {})",
            criterion.operator.symbol(),
            number(target.target_value, &[]),
            number(baseline, &[]),
        ),
        (Ok(_) | Err(_), _) => text,
    }
}

/// Says what a policy did with an objective that had no value.
pub fn policy(objective: &ObjectiveResult) -> String {
    let name = printable(objective.shown_name());
    let Some(policy) = &objective.policy else {
        return name;
    };
    let key = if policy.failed {
        "on_error"
    } else {
        "on_no_data"
    };
    let effect = match policy.action {
        MissingValue::Fail => "fails".to_owned(),
        MissingValue::Warning => "counts as a warning".to_owned(),
        MissingValue::Ignore => "is left out of the score".to_owned(),
        MissingValue::Inconclusive | MissingValue::Error => "allows no verdict".to_owned(),
        MissingValue::Value(value) => format!("is taken as {}", number(value.get(), &[])),
    };
    format!(
        "{name} {effect} ({key}: {}), because {}.",
        policy.action,
        printable(&policy.reason)
    )
}

/// Spells out how the score came about.
pub fn arithmetic(record: &Record) -> String {
    let evaluation = &record.evaluation;
    let (earned, possible) = (
        number(evaluation.points, &[]),
        possible_points(evaluation.maximum),
    );
    let total = score(evaluation.score);
    let sum = match evaluation.maximum {
        Some(0.0) => "No objective is scored, so the score is 100.".to_owned(),
        Some(_) => format!("{earned} of {possible} points: 100 x {earned} / {possible} = {total}."),
        None => format!("{earned} of {possible} points: {total} of 100."),
    };
    let steps = evaluation
        .objectives()
        .iter()
        .map(points)
        .chain([sum])
        .chain(decision(record));
    let steps = steps.map(|step| format!("  {step}"));
    block(
        ["How the score came about:".to_owned()]
            .into_iter()
            .chain(steps),
    )
}

/// Returns the points that can be earned, in words where they are not known.
fn possible_points(maximum: Option<f64>) -> String {
    maximum.map_or_else(
        || "an unknown number of".to_owned(),
        |maximum| number(maximum, &[]),
    )
}

/// Says how many points an objective earned, and why.
fn points(objective: &ObjectiveResult) -> String {
    let name = printable(objective.shown_name());
    let (earned, possible) = (
        number(objective.score, &[]),
        possible_points(objective.maximum),
    );
    match objective.status {
        Status::Info => format!("{name}: informational, 0 of 0 points."),
        Status::Pass => {
            let all_met = objective.pass_targets.iter().all(|target| !target.violated);
            let how = if all_met {
                "all pass criteria are met"
            } else {
                "one set of pass criteria is met"
            };
            format!("{name}: {how}, {earned} of {possible} points.")
        }
        Status::Warning | Status::Fail => {
            let half = if objective.status == Status::Warning {
                ", half of its weight"
            } else {
                ""
            };
            format!(
                "{name}: {}, {earned} of {possible} points{half}.",
                reason(objective)
            )
        }
    }
}

/// Says how the score became the verdict.
pub(super) fn decision(record: &Record) -> Vec<String> {
    let evaluation = &record.evaluation;
    let mut lines = Vec::new();
    let keys: Vec<_> = evaluation
        .objectives()
        .iter()
        .filter(|objective| objective.key)
        .collect();
    if !keys.is_empty() {
        let failed: Vec<String> = keys
            .iter()
            .filter(|objective| objective.status == Status::Fail)
            .map(|objective| printable(objective.shown_name()))
            .collect();
        lines.push(if failed.is_empty() {
            "No key SLI failed.".to_owned()
        } else {
            format!(
                "Key SLIs that failed, which fails the evaluation whatever the score: {}.",
                failed.join(", ")
            )
        });
    }
    let shown = score(evaluation.score);
    let Some(needed) = evaluation.total_score else {
        return lines;
    };
    let pass = needed.pass();
    if evaluation.score >= pass {
        lines.push(format!(
            "{shown} reaches the {} needed to pass.",
            number(pass, &[])
        ));
        return lines;
    }
    lines.push(format!(
        "{shown} is below the {} needed to pass.",
        number(pass, &[])
    ));
    match needed.warning() {
        Some(warning) if evaluation.score >= warning => {
            lines.push(format!(
                "It reaches the {} needed for a warning.",
                number(warning, &[])
            ));
        }
        Some(warning) => {
            lines.push(format!(
                "It is below the {} needed for a warning.",
                number(warning, &[])
            ));
        }
        None => lines.push("The SLO defines no score for a warning.".to_owned()),
    }
    lines
}
