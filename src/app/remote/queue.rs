//! A delivery that waits in line, and the one that comes before it.

use crate::control::{CallError, KeptnClient, SequenceQuestion, SequenceState};

/// The most deliveries that are looked at.
const MOST: usize = 100;

/// Tells whether a delivery waits in line.
#[must_use]
pub(super) fn waits(state: &str) -> bool {
    state == "waiting"
}

/// Returns the context that a delivery waits for; `None` where it can't be found out.
pub(super) async fn predecessor(
    client: &KeptnClient,
    waiting: &SequenceState,
) -> Result<Option<String>, CallError> {
    let everything = SequenceQuestion::default();
    let all = client.sequences(&waiting.project, &everything, MOST);
    Ok(holder(waiting, &all.await?).map(|found| found.shkeptncontext.clone()))
}

/// Returns the delivery that runs where another one waits: the same service, in the stage that it has reached.
fn holder<'s>(waiting: &SequenceState, all: &'s [SequenceState]) -> Option<&'s SequenceState> {
    let reached = waiting.stages.last()?;
    let runs_there = |one: &&SequenceState| {
        let runs = matches!(one.state.as_str(), "triggered" | "started" | "paused");
        let mut stages = one.stages.iter();
        let is_there = stages.any(|stage| stage.name == reached.name && is_open(&stage.state));
        runs && is_there
            && one.service == waiting.service
            && one.shkeptncontext != waiting.shkeptncontext
    };
    // They come newest first.
    all.iter().rev().find(runs_there)
}

/// Tells whether something is under way in a stage of this state.
fn is_open(state: &str) -> bool {
    !matches!(
        state,
        "succeeded" | "errored" | "finished" | "aborted" | "timedOut" | "waiting"
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn state(context: &str, service: &str, state: &str, stages: &[(&str, &str)]) -> SequenceState {
        let stages = stages.iter();
        let stages: Vec<_> = stages
            .map(|(name, state)| json!({"name": name, "state": state}))
            .collect();
        serde_json::from_value(json!({
            "shkeptncontext": context, "service": service, "state": state, "stages": stages,
        }))
        .unwrap()
    }

    #[test]
    fn what_runs_in_the_same_stage_with_the_same_service_is_waited_for() {
        let waiting = state("W", "carts", "waiting", &[("dev", "triggered")]);
        let other_service = state("1", "orders", "started", &[("dev", "triggered")]);
        let other_stage = state(
            "2",
            "carts",
            "started",
            &[("dev", "succeeded"), ("prod", "triggered")],
        );
        let waits_too = state("3", "carts", "waiting", &[("dev", "triggered")]);
        let ended = state("4", "carts", "finished", &[("dev", "succeeded")]);
        let mut all = vec![
            waiting.clone(),
            other_service,
            other_stage,
            waits_too,
            ended,
        ];
        assert_eq!(holder(&waiting, &all), None);
        all.push(state("5", "carts", "started", &[("dev", "triggered")]));
        let found = holder(&waiting, &all).unwrap();
        assert_eq!(found.shkeptncontext, "5");
    }
}
