//! What is known of the result of a delivery and of its stages: a pass is only told where it is known.

use crate::control::{SequenceState, SequenceStateStage};

/// What is shown where nothing says how something ended.
const UNKNOWN: &str = "unknown";
/// What is shown while there is no result.
const NONE: &str = "-";

/// Returns the result of a whole delivery.
pub fn result(state: &SequenceState) -> String {
    if !state.outcome.is_empty() {
        return state.outcome.clone();
    }
    let known = state.stages.iter().filter_map(known);
    let worst = known.max_by_key(|word| severity(word));
    match (worst, state.state.as_str()) {
        (Some(word), _) if severity(&word) >= severity("fail") => word,
        (_, "aborted") => "aborted".to_owned(),
        (_, "timedOut") => "timed_out".to_owned(),
        (Some(word), "finished") if word != "pass" => word,
        (_, "finished") => UNKNOWN.to_owned(),
        _ => NONE.to_owned(),
    }
}

/// Returns a stage with its result, or how it stands where there is none.
pub fn stage(stage: &SequenceStateStage) -> String {
    let word = known(stage).unwrap_or_else(|| match stage.state.as_str() {
        // That a task was done says nothing of its result.
        "succeeded" | "finished" => UNKNOWN.to_owned(),
        under_way => under_way.to_owned(),
    });
    format!("{}:{word}", stage.name)
}

/// Returns the result of a stage; `None` where nothing says it.
fn known(stage: &SequenceStateStage) -> Option<String> {
    if !stage.outcome.is_empty() {
        return Some(stage.outcome.clone());
    }
    let word = match stage.state.as_str() {
        "errored" => "errored",
        "aborted" => "aborted",
        "timedOut" => "timed_out",
        _ if stage.latest_failed_event.is_some() => "fail",
        _ => match stage.latest_evaluation.as_ref()?.result.as_str() {
            "fail" | "failed" => "fail",
            "warning" => "warning",
            // What came after it may not have passed.
            _ => return None,
        },
    };
    Some(word.to_owned())
}

/// Returns how bad a word is; what nobody knows is the worst.
fn severity(word: &str) -> u8 {
    match word {
        "pass" => 0,
        "warning" => 1,
        "timed_out" => 2,
        "aborted" => 3,
        "fail" => 4,
        _ => 5,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn shown(document: Value) -> String {
        let state: SequenceState = serde_json::from_value(document).unwrap();
        let stages: Vec<String> = state.stages.iter().map(stage).collect();
        format!("{} {}", result(&state), stages.join(" "))
    }

    #[test]
    fn a_stage_that_failed_at_its_gate_is_no_pass() {
        let failed = json!({"type": "sh.keptn.event.prod.delivery.finished", "id": "1"});
        let of_keptn = json!({"state": "finished", "stages": [
            {"name": "dev", "state": "succeeded", "latestEvaluation": {"result": "pass", "score": 100}},
            {"name": "prod", "state": "succeeded", "latestEvaluation": {"result": "fail"}, "latestFailedEvent": failed},
        ]});
        assert_eq!(shown(of_keptn), "fail dev:unknown prod:fail");
        let of_tidegate = json!({"state": "finished", "tidegateOutcome": "fail", "stages": [
            {"name": "dev", "state": "succeeded", "tidegateOutcome": "pass"},
            {"name": "prod", "state": "succeeded", "tidegateOutcome": "fail"},
        ]});
        assert_eq!(shown(of_tidegate), "fail dev:pass prod:fail");
    }

    #[test]
    fn a_pass_is_told_only_where_it_is_known() {
        for (state, stage, told) in [
            (
                "finished",
                json!({"state": "succeeded"}),
                "unknown s:unknown",
            ),
            (
                "finished",
                json!({"state": "finished"}),
                "unknown s:unknown",
            ),
            (
                "finished",
                json!({"state": "succeeded", "latestEvaluation": {"result": "warning"}}),
                "warning s:warning",
            ),
            ("finished", json!({"state": "errored"}), "errored s:errored"),
            (
                "aborted",
                json!({"state": "triggered"}),
                "aborted s:triggered",
            ),
            (
                "timedOut",
                json!({"state": "timedOut"}),
                "timed_out s:timed_out",
            ),
            ("started", json!({"state": "triggered"}), "- s:triggered"),
            (
                "started",
                json!({"state": "triggered", "latestFailedEvent": {"id": "1"}}),
                "fail s:fail",
            ),
            (
                "finished",
                json!({"state": "succeeded", "tidegateOutcome": "pass"}),
                "unknown s:pass",
            ),
            (
                "waiting",
                json!({"state": "succeeded", "tidegateOutcome": "pass"}),
                "- s:pass",
            ),
        ] {
            let mut stage = stage;
            stage["name"] = "s".into();
            assert_eq!(shown(json!({"state": state, "stages": [stage]})), told);
        }
        assert_eq!(shown(json!({"state": "finished"})), "unknown ");
    }
}
