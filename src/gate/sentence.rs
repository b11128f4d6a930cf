//! What an evaluation says of itself: the sentences of its message.

use super::evaluation::Evaluation;
use super::judge::ObjectiveResult;
use super::number::message_number;
use super::verdict::Status;

/// Names the objectives that a policy decided, because they had no value: a verdict without data says so.
pub(super) fn by_policy(evaluation: &Evaluation) -> Option<String> {
    let decided: Vec<String> = evaluation
        .decided_by_policy()
        .filter_map(|objective| {
            let policy = objective.policy.as_ref()?;
            let key = if policy.failed {
                "on_error"
            } else {
                "on_no_data"
            };
            Some(format!(
                "'{}' ({key}: {})",
                objective.shown_name(),
                policy.action
            ))
        })
        .collect();
    (!decided.is_empty())
        .then(|| format!("Without a value, decided by policy: {}", decided.join(", ")))
}

/// Names every key objective that failed, with its reason.
pub(super) fn key_failures(objectives: &[ObjectiveResult]) -> Option<String> {
    let failed: Vec<String> = objectives
        .iter()
        .filter(|objective| objective.key && objective.status == Status::Fail)
        .map(|objective| format!("'{}': {}", objective.shown_name(), why_failed(objective)))
        .collect();
    let noun = if failed.len() == 1 {
        "objective"
    } else {
        "objectives"
    };
    (!failed.is_empty()).then(|| {
        format!(
            "Evaluation failed due to key_sli {noun} {}",
            failed.join("; ")
        )
    })
}

/// Says why an objective failed: no value, or which criteria it missed.
fn why_failed(objective: &ObjectiveResult) -> String {
    if let Some(value) = objective.judged_value() {
        let missed: Vec<&str> = objective
            .pass_targets
            .iter()
            .filter(|target| target.violated)
            .map(|target| target.criteria.trim())
            .collect();
        return format!("{} violates {}", message_number(value), missed.join(", "));
    }
    let message = objective
        .value
        .as_ref()
        .map_or("", |value| value.message.as_str());
    if message.is_empty() {
        "no value".to_owned()
    } else {
        message.to_owned()
    }
}

/// Mentions values that nobody asked for, as Keptn does.
pub(super) fn left_over(unused: &[String]) -> Option<String> {
    let names = unused.join(", ");
    (!names.is_empty()).then(|| {
        format!(
            "No objective uses these SLIs, which were received all the same: {names}. Consider adding objectives for them."
        )
    })
}
