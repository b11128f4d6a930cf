//! Which sequences follow when another has finished (controlplane.md 3.9).

use std::sync::Arc;

use serde_json::Value;

use super::event_name::{EventKind, EventName};
use super::execution::{Execution, Scope, TaskStatus};
use super::ids::derived_id;
use super::payload::{MOST_BYTES, base, follow_up_payload};
use super::round::Round;
use super::shipyard::{Selector, Shipyard, Trigger};
use super::trigger::{Beginning, begin};
use crate::gate::Verdict;
use crate::gate::event::EventData;

/// A sequence that has finished, as far as others may wait for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinishedSequence {
    /// The stage.
    pub stage: String,
    /// The sequence.
    pub sequence: String,
    /// Its result.
    pub result: Verdict,
    /// Its status.
    pub status: TaskStatus,
    /// The results of its tasks, in order.
    pub tasks: Vec<(String, Verdict)>,
}

/// A sequence that follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUp {
    /// The stage.
    pub stage: String,
    /// The sequence.
    pub sequence: String,
}

impl FinishedSequence {
    /// Returns what an execution that has ended is to those that wait for it; `None`: it has not ended.
    #[must_use]
    pub fn of(one: &Execution) -> Option<Self> {
        let ended = one.ended.as_ref()?;
        let tasks = one.previous.iter();
        Some(Self {
            stage: one.scope.stage.clone(),
            sequence: one.sequence.name.clone(),
            result: ended.result,
            status: ended.status,
            tasks: tasks.map(|task| (task.name.clone(), task.result)).collect(),
        })
    }

    /// Tells whether it meets all that a selector asks for.
    fn meets(&self, selector: &Selector) -> bool {
        let mut pairs = selector.matches.iter();
        !selector.matches.is_empty() && pairs.all(|(key, wanted)| self.has(key, wanted))
    }

    /// Tells whether it has what a pair of a selector asks for.
    fn has(&self, key: &str, wanted: &str) -> bool {
        let is_wanted = |result: Verdict| result.as_str() == result_word(wanted);
        match key {
            "result" => is_wanted(self.result),
            "status" => self.status.as_str() == wanted,
            _ => key.strip_suffix(".result").is_some_and(|task| {
                let mut tasks = self.tasks.iter().rev();
                let last = tasks.find(|(name, _)| name == task);
                last.is_some_and(|(_, result)| is_wanted(*result))
            }),
        }
    }

    /// Tells whether a trigger waits for it.
    fn fires(&self, trigger: &Trigger) -> bool {
        let is_of = trigger.stage == self.stage && trigger.sequence == self.sequence;
        is_of
            && match &trigger.selector {
                Some(selector) => self.meets(selector),
                None => self.result != Verdict::Fail,
            }
    }
}

/// Returns Keptn's word for a result: its specification says `failed` where its programs say `fail`.
fn result_word(word: &str) -> &str {
    match word {
        "failed" => "fail",
        other => other,
    }
}

/// Returns the sequences that follow when one has finished, in the order of the shipyard, each once.
#[must_use]
pub fn expected_follow_ups(shipyard: &Shipyard, finished: &FinishedSequence) -> Vec<FollowUp> {
    let sequences = shipyard.stages.iter().flat_map(|stage| {
        let sequences = stage.sequences.iter();
        sequences.map(move |sequence| (stage, sequence))
    });
    let following = sequences.filter(|(_, sequence)| {
        let mut triggers = sequence.triggered_on.iter();
        triggers.any(|trigger| finished.fires(trigger))
    });
    let following = following.map(|(stage, sequence)| FollowUp {
        stage: stage.name.clone(),
        sequence: sequence.name.clone(),
    });
    following.collect()
}

/// Starts what follows.
pub(super) fn start(round: &mut Round<'_>, one: &Execution) {
    let project = round.projects.get(&one.scope.project);
    let Some(shipyard) = project.map(|project| Arc::clone(&project.shipyard)) else {
        return;
    };
    let Some(finished) = FinishedSequence::of(one) else {
        return;
    };
    for follow_up in expected_follow_ups(&shipyard, &finished) {
        start_one(round, one, &follow_up);
    }
}

/// Starts one sequence.
fn start_one(round: &mut Round<'_>, one: &Execution, follow_up: &FollowUp) {
    let FollowUp { stage, sequence } = follow_up;
    let project = round.projects.get(&one.scope.project);
    let name = EventName::Sequence {
        stage: stage.clone(),
        sequence: sequence.clone(),
        kind: EventKind::Triggered,
    };
    let scope = Scope {
        stage: stage.clone(),
        triggered_id: derived_id(&one.id, &["follow-up", stage, sequence]),
        event_type: name.to_string(),
        git_commit_id: project.and_then(|project| project.commits.get(stage).cloned()),
        is_follow_up: true,
        ..one.scope.clone()
    };
    let mut input = follow_up_payload(one, stage, round.settings.merging);
    let mut data = EventData::from(Value::Object(input.clone()));
    let refusal = too_large(data.json().len());
    if refusal.is_some() {
        input = base(one);
        input.insert("stage".to_owned(), stage.as_str().into());
        data = Value::Object(input.clone()).into();
    }
    let beginning = Beginning {
        sequence: sequence.clone(),
        input: Arc::new(input),
        pauses: one.pauses.clone(),
        refusal,
        scope,
    };
    begin(round, beginning, Some(data));
}

/// Says that a payload can't be sent; `None`: it can.
fn too_large(bytes: usize) -> Option<String> {
    (bytes > MOST_BYTES).then(|| {
        format!(
            "the data of the sequence before come to {bytes} bytes, and an event has {MOST_BYTES} at most"
        )
    })
}
