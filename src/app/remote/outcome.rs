//! What a delivery came to: all sequences of a context, with those that have yet to follow.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::control::SequenceState;
use crate::gate::Verdict;
use crate::gate::event::CloudEvent;
use crate::sequence::{
    EventKind, EventName, FinishedSequence, Shipyard, TaskStatus, expected_follow_ups,
};

/// What a sequence came to, from the mildest to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SequenceOutcome {
    /// It passed.
    Pass,
    /// It passed, with a warning.
    Warning,
    /// It took too long.
    TimedOut,
    /// Somebody ended it.
    Aborted,
    /// It failed.
    Fail,
    /// Something that was to do a task could not, or nobody understands what it says.
    Errored,
}

/// A sequence that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedSequence {
    /// The stage.
    pub stage: String,
    /// The sequence.
    pub sequence: String,
    /// What it came to.
    pub outcome: SequenceOutcome,
    /// The result, in the words of the server: that of its last task, as in Keptn.
    pub result: String,
    /// The worst result of all its tasks; "" where the server does not say.
    pub worst_result: String,
    /// The status, in the words of the server.
    pub status: String,
    /// Why.
    pub message: String,
}

/// How the sequences of a context stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// What the server says of the whole; "" where it does not know the context yet.
    pub state: String,
    /// The sequences that have ended, in the order of their ends.
    pub ended: Vec<EndedSequence>,
    /// The sequences that were triggered, and have not ended: `STAGE.SEQUENCE`.
    pub open: Vec<String>,
    /// The sequences that must follow, and were not triggered yet: `STAGE.SEQUENCE`.
    pub expected: Vec<String>,
}

impl SequenceOutcome {
    /// Reads what a sequence came to. What nobody understands is no pass.
    fn read(result: &str, status: &str, message: &str) -> Self {
        match (status, result) {
            ("aborted", _) => Self::Aborted,
            ("succeeded", "pass") => Self::Pass,
            ("succeeded", "warning") => Self::Warning,
            ("succeeded", "fail" | "failed") => Self::Fail,
            ("timedOut", _) => Self::TimedOut,
            _ if message.contains("timed out") => Self::TimedOut,
            _ => Self::Errored,
        }
    }

    /// Returns the word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warning => "warning",
            Self::TimedOut => "timed_out",
            Self::Aborted => "aborted",
            Self::Fail => "fail",
            Self::Errored => "errored",
        }
    }
}

impl Delivery {
    /// Looks at all events of a context, oldest first.
    #[must_use]
    pub fn of(
        shipyard: Option<&Shipyard>,
        events: &[CloudEvent],
        state: Option<&SequenceState>,
    ) -> Self {
        let (triggered, ends) = sequences(events);
        let ended: Vec<EndedSequence> = ends.iter().map(End::told).collect();
        Self {
            state: state.map(|state| state.state.clone()).unwrap_or_default(),
            open: open(&triggered, &ends),
            expected: shipyard.map_or_else(Vec::new, |shipyard| {
                expected(shipyard, events, &triggered, &ends)
            }),
            ended,
        }
    }

    /// Tells whether the server says that the whole has come to an end, and nothing speaks against it.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        match self.state.as_str() {
            // Whoever ends all ends what is open, too, and nothing follows.
            "aborted" => true,
            "timedOut" => self.open.is_empty(),
            "finished" => self.is_done(),
            _ => false,
        }
    }

    /// Tells whether only what must follow is missing.
    #[must_use]
    pub fn lacks_follow_ups(&self) -> bool {
        self.state == "finished" && self.open.is_empty() && !self.expected.is_empty()
    }

    /// Returns the worst of what its sequences came to; `None` where nothing says anything.
    #[must_use]
    pub fn outcome(&self) -> Option<SequenceOutcome> {
        let said = self.ended.iter().map(|ended| ended.outcome);
        let of_state = match self.state.as_str() {
            "aborted" => Some(SequenceOutcome::Aborted),
            "timedOut" => Some(SequenceOutcome::TimedOut),
            _ => None,
        };
        // What must follow and never came is nothing that passed.
        let missing = self.lacks_follow_ups().then_some(SequenceOutcome::Errored);
        said.chain(of_state).chain(missing).max()
    }

    /// Tells whether everything that was triggered, or must be, has ended.
    fn is_done(&self) -> bool {
        !self.ended.is_empty() && self.open.is_empty() && self.expected.is_empty()
    }
}

/// A sequence that was triggered.
struct Triggered<'e> {
    /// The id of the event.
    id: &'e str,
    /// The stage.
    stage: String,
    /// The sequence.
    sequence: String,
}

/// A sequence that has ended.
struct End<'e> {
    /// The stage.
    stage: String,
    /// The sequence.
    sequence: String,
    /// The event that says so.
    event: &'e CloudEvent,
}

impl End<'_> {
    /// Returns what there is to tell of it.
    fn told(&self) -> EndedSequence {
        let text = |name| self.event.data_text(name);
        let (result, status, message) = (text("result"), text("status"), text("message"));
        EndedSequence {
            stage: self.stage.clone(),
            sequence: self.sequence.clone(),
            outcome: SequenceOutcome::read(&result, &status, &message),
            result,
            worst_result: self.worst_result(),
            status,
            message,
        }
    }

    /// Returns the worst result of all tasks, which `tidegate serve` states beside Keptn's.
    fn worst_result(&self) -> String {
        let data = self.event.data.value();
        let stated = data.pointer("/tidegate/worstResult");
        stated
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }
}

/// Returns the sequences that were triggered, and those that have ended.
fn sequences(events: &[CloudEvent]) -> (Vec<Triggered<'_>>, Vec<End<'_>>) {
    let (mut triggered, mut ends) = (Vec::new(), Vec::new());
    for event in events {
        let Some(EventName::Sequence {
            stage,
            sequence,
            kind,
        }) = EventName::parse(&event.event_type)
        else {
            continue;
        };
        if kind == EventKind::Triggered {
            triggered.push(Triggered {
                id: &event.id,
                stage,
                sequence,
            });
        } else if kind == EventKind::Finished {
            ends.push(End {
                stage,
                sequence,
                event,
            });
        }
    }
    (triggered, ends)
}

/// Returns what was triggered and has not ended. An end that names no trigger counts for one of its name.
fn open(triggered: &[Triggered<'_>], ends: &[End<'_>]) -> Vec<String> {
    let mut nameless: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut named = Vec::new();
    for end in ends {
        let id = end.event.triggeredid.as_deref().unwrap_or_default();
        if triggered.iter().any(|one| one.id == id) {
            named.push(id);
        } else {
            *nameless.entry((&end.stage, &end.sequence)).or_default() += 1;
        }
    }
    let mut open = Vec::new();
    for one in triggered.iter().filter(|one| !named.contains(&one.id)) {
        match nameless.get_mut(&(one.stage.as_str(), one.sequence.as_str())) {
            Some(left) if *left > 0 => *left -= 1,
            Some(_) | None => open.push(format!("{}.{}", one.stage, one.sequence)),
        }
    }
    open
}

/// Returns what must follow and was not triggered yet.
fn expected(
    shipyard: &Shipyard,
    events: &[CloudEvent],
    triggered: &[Triggered<'_>],
    ends: &[End<'_>],
) -> Vec<String> {
    // The first one was triggered by somebody; every other follows.
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for one in triggered.iter().skip(1) {
        let name = format!("{}.{}", one.stage, one.sequence);
        *seen.entry(name).or_default() += 1;
    }
    let mut missing = Vec::new();
    for end in ends {
        let Some(finished) = finished(shipyard, events, end) else {
            continue;
        };
        for follow_up in expected_follow_ups(shipyard, &finished) {
            let name = format!("{}.{}", follow_up.stage, follow_up.sequence);
            match seen.get_mut(&name) {
                Some(left) if *left > 0 => *left -= 1,
                Some(_) | None => missing.push(name),
            }
        }
    }
    missing
}

/// Returns a sequence that has ended, as those that follow see it; `None` where nothing follows.
fn finished(shipyard: &Shipyard, events: &[CloudEvent], end: &End<'_>) -> Option<FinishedSequence> {
    let told = end.told();
    // A Keptn starts nothing after a timeout, and nobody does after an abort; our own server starts what follows in the
    // same moment, so that nothing has to be waited for.
    if !matches!(
        told.outcome,
        SequenceOutcome::Pass | SequenceOutcome::Warning | SequenceOutcome::Fail
    ) {
        return None;
    }
    let result = match told.outcome {
        SequenceOutcome::Pass => Verdict::Pass,
        SequenceOutcome::Warning => Verdict::Warning,
        SequenceOutcome::Fail
        | SequenceOutcome::Errored
        | SequenceOutcome::Aborted
        | SequenceOutcome::TimedOut => Verdict::Fail,
    };
    let stage = shipyard.stage(&told.stage)?;
    let sequence = stage.sequence(&told.sequence)?;
    let last = sequence.tasks.iter().rev().find(|task| {
        let is_of = |event: &&CloudEvent| event.data_text("stage") == told.stage;
        let name = EventName::Task {
            task: task.name.clone(),
            kind: EventKind::Finished,
        };
        let name = name.to_string();
        events
            .iter()
            .filter(|event| event.event_type == name)
            .any(|event| is_of(&event))
    });
    // A Keptn's selector looks at the last task that was done, and its result is that of the sequence.
    let tasks = last.map(|task| (task.name.clone(), result));
    Some(FinishedSequence {
        stage: told.stage,
        sequence: told.sequence,
        result,
        status: TaskStatus::Succeeded,
        tasks: tasks.into_iter().collect(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::control::shipyard_of_text;

    const SHIPYARD: &str = "spec:\n  stages:\n  - name: dev\n    sequences:\n    - name: delivery\n      tasks: [{name: deployment}, {name: evaluation}]\n  - name: a\n    sequences:\n    - name: delivery\n      triggeredOn: [{event: dev.delivery.finished}]\n      tasks: [{name: deployment}]\n    - name: rollback\n      triggeredOn: [{event: a.delivery.finished, selector: {match: {result: fail}}}]\n      tasks: [{name: rollback}]\n  - name: b\n    sequences:\n    - name: delivery\n      triggeredOn: [{event: dev.delivery.finished}]\n      tasks: [{name: deployment}]\n";

    fn event(id: &str, name: &str, triggered: &str, result: &str, status: &str) -> CloudEvent {
        let stage = name.split('.').next().unwrap();
        serde_json::from_value(json!({
            "id": id, "type": format!("sh.keptn.event.{name}"), "triggeredid": triggered,
            "data": {"stage": stage, "result": result, "status": status},
        }))
        .unwrap()
    }

    fn triggered(name: &str) -> CloudEvent {
        event(name, &format!("{name}.triggered"), "", "", "")
    }

    fn ended(name: &str, result: &str, status: &str) -> CloudEvent {
        event(
            &format!("{name}-end"),
            &format!("{name}.finished"),
            name,
            result,
            status,
        )
    }

    fn delivery(state: &str, events: &[CloudEvent]) -> Delivery {
        let state = SequenceState {
            state: state.to_owned(),
            ..SequenceState::default()
        };
        Delivery::of(shipyard_of_text(SHIPYARD).as_ref(), events, Some(&state))
    }

    #[test]
    fn finished_is_not_believed_before_everything_that_must_follow_has_begun_and_ended() {
        let mut events = vec![
            triggered("dev.delivery"),
            ended("dev.delivery", "pass", "succeeded"),
        ];
        let standing = delivery("finished", &events);
        assert_eq!(standing.expected, ["a.delivery", "b.delivery"]);
        assert!(!standing.has_ended() && standing.lacks_follow_ups());
        assert_eq!(standing.outcome(), Some(SequenceOutcome::Errored));
        events.extend([triggered("a.delivery"), triggered("b.delivery")]);
        events.push(ended("a.delivery", "pass", "succeeded"));
        let standing = delivery("finished", &events);
        assert_eq!(standing.open, ["b.delivery"]);
        assert!(!standing.has_ended());
        events.push(ended("b.delivery", "warning", "succeeded"));
        let standing = delivery("finished", &events);
        assert!(standing.has_ended());
        assert_eq!(standing.outcome(), Some(SequenceOutcome::Warning));
    }

    #[test]
    fn the_worst_of_a_parallel_fan_out_counts_and_a_rollback_that_passes_hides_no_fail() {
        let events = [
            triggered("dev.delivery"),
            ended("dev.delivery", "pass", "succeeded"),
            triggered("a.delivery"),
            triggered("b.delivery"),
            ended("a.delivery", "fail", "succeeded"),
            triggered("a.rollback"),
            ended("b.delivery", "pass", "succeeded"),
            ended("a.rollback", "pass", "succeeded"),
        ];
        let standing = delivery("finished", &events);
        assert!(standing.has_ended());
        assert_eq!(standing.outcome(), Some(SequenceOutcome::Fail));
        assert!(!delivery("finished", &events[..5]).has_ended());
    }

    #[test]
    fn what_nobody_understands_is_no_pass() {
        for (result, status, outcome) in [
            ("pass", "succeeded", SequenceOutcome::Pass),
            ("", "succeeded", SequenceOutcome::Errored),
            ("pass", "unknown", SequenceOutcome::Errored),
            ("pass", "errored", SequenceOutcome::Errored),
            ("pass", "aborted", SequenceOutcome::Aborted),
            ("PASS", "succeeded", SequenceOutcome::Errored),
        ] {
            assert_eq!(SequenceOutcome::read(result, status, ""), outcome);
        }
        let none = delivery("finished", &[]);
        assert!(!none.has_ended());
        assert_eq!(none.outcome(), None);
        let aborted = delivery("aborted", &[triggered("dev.delivery")]);
        assert!(aborted.has_ended());
        assert_eq!(aborted.outcome(), Some(SequenceOutcome::Aborted));
    }
}
