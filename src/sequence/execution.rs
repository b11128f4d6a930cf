//! One run of a sequence in a stage (Keptn: sequence execution, controlplane.md 1.5).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::shipyard::{Sequence, Task};
use crate::gate::Verdict;

/// One run of a sequence in a stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Execution {
    /// Its own id, derived from the trigger's.
    pub id: String,
    /// Whose it is.
    pub scope: Scope,
    /// The sequence as it was when it was triggered.
    pub sequence: Arc<Sequence>,
    /// The data of the trigger.
    pub input: Arc<Map<String, Value>>,
    /// When the trigger arrived.
    pub triggered_at: Timestamp,
    /// When its first task was due; `None` while it waits for its slot.
    pub started_at: Option<Timestamp>,
    /// How it stands.
    pub state: ExecutionState,
    /// How it stood before it was paused.
    pub before_pause: Option<ExecutionState>,
    /// What it has of its slot.
    pub place: Place,
    /// What of its context is paused; the same in all open executions of a context.
    #[serde(default)]
    pub pauses: Pauses,
    /// Since when it is paused.
    #[serde(default)]
    pub paused_at: Option<Timestamp>,
    /// How many milliseconds it was paused before that: they do not count for its timeout.
    #[serde(default)]
    pub paused_ms: u64,
    /// The tasks that are done, in order.
    pub previous: Vec<FinishedTask>,
    /// The task under way.
    pub current: Option<CurrentTask>,
    /// How it ended.
    pub ended: Option<EndedExecution>,
}

/// What an execution has of the slot of its project, stage and service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Place {
    /// It waits for it.
    Waiting,
    /// It has it.
    Holding,
    /// It does without, until its delayed task is due.
    Delayed,
    /// It does without: it waits for a decision, or it is paused, or it has ended.
    Free,
}

/// What of a context is paused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pauses {
    /// Everything.
    pub all: bool,
    /// Single stages. They are paused on their own account: to resume one says nothing of the others.
    pub stages: BTreeSet<String>,
}

/// Whose an execution is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scope {
    /// The project.
    pub project: String,
    /// The stage.
    pub stage: String,
    /// The service.
    pub service: String,
    /// The Keptn context.
    pub context: String,
    /// The id of the sequence's `.triggered` event.
    pub triggered_id: String,
    /// The type of that event.
    pub event_type: String,
    /// The commit at which executors read resources.
    pub git_commit_id: Option<String>,
    /// Whether it follows from another sequence of the same context.
    pub is_follow_up: bool,
    /// The labels of the trigger.
    pub labels: BTreeMap<String, String>,
}

/// How an execution stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ExecutionState {
    /// It waits for its slot. Keptn's view says `waiting`.
    Triggered,
    /// A task is under way.
    Started,
    /// Its current task waits for a decision; its slot is free.
    WaitingForApproval,
    /// Nothing is started until it is resumed.
    Paused,
    /// It came to a result.
    Finished,
    /// It ended because something took too long.
    TimedOut,
    /// Somebody ended it.
    Aborted,
}

impl Execution {
    /// Tells whether it is held back by a pause.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.state == ExecutionState::Paused
    }

    /// Tells whether its trigger was refused: its sequence does not exist, or has no tasks. Keptn keeps none of these.
    #[must_use]
    pub fn was_refused(&self) -> bool {
        self.ended.is_some() && self.sequence.tasks.is_empty()
    }

    /// Tells whether its current task was sent and waits for an answer.
    #[must_use]
    pub fn has_open_task(&self) -> bool {
        let current = self.current.as_ref();
        current.is_some_and(|current| current.sent_at.is_some())
    }

    /// Returns what the shipyard says of its current task.
    #[must_use]
    pub fn current_task(&self) -> Option<&Task> {
        self.sequence.tasks.get(self.current.as_ref()?.at)
    }

    /// Sets how it stands, or how it will stand once it is resumed.
    pub(super) fn set_state(&mut self, state: ExecutionState) {
        if self.is_paused() {
            self.before_pause = Some(state);
        } else {
            self.state = state;
        }
    }
}

impl Pauses {
    /// Tells whether a stage is paused.
    #[must_use]
    pub fn hold(&self, stage: &str) -> bool {
        self.all || self.stages.contains(stage)
    }
}

impl CurrentTask {
    /// Tells whether it waits for a decision rather than for work: the one task whose name means something to the engine.
    #[must_use]
    pub fn is_approval(&self) -> bool {
        self.name == Task::APPROVAL
    }
}

impl ExecutionState {
    /// Returns Keptn's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Triggered => "triggered",
            Self::Started => "started",
            Self::WaitingForApproval => "waitingForApproval",
            Self::Paused => "paused",
            Self::Finished => "finished",
            Self::TimedOut => "timedOut",
            Self::Aborted => "aborted",
        }
    }

    /// Tells whether nothing more happens.
    #[must_use]
    pub fn is_final(self) -> bool {
        match self {
            Self::Triggered | Self::Started | Self::WaitingForApproval | Self::Paused => false,
            Self::Finished | Self::TimedOut | Self::Aborted => true,
        }
    }
}

/// What `data.status` says of a task or a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskStatus {
    /// The executor did its work, whatever came of it.
    Succeeded,
    /// The executor could not do its work.
    Errored,
    /// Somebody ended it.
    Aborted,
    /// Any other word.
    Unknown,
}

impl TaskStatus {
    /// Reads Keptn's word.
    #[must_use]
    pub fn of(word: &str) -> Self {
        match word {
            "succeeded" => Self::Succeeded,
            "errored" => Self::Errored,
            "aborted" => Self::Aborted,
            _ => Self::Unknown,
        }
    }

    /// Returns Keptn's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Errored => "errored",
            Self::Aborted => "aborted",
            Self::Unknown => "unknown",
        }
    }
}

/// A task that is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FinishedTask {
    /// Its name.
    pub name: String,
    /// The id of its `.triggered` event.
    pub triggered_id: String,
    /// The result of all its executors.
    pub result: Verdict,
    /// The status of all its executors.
    pub status: TaskStatus,
    /// What its executors said last, for people.
    pub message: String,
    /// The data of all its executors, merged.
    pub data: Arc<Map<String, Value>>,
    /// When its `.triggered` was sent.
    pub sent_at: Timestamp,
    /// When the last of its answers that counted arrived, or the engine gave it up.
    pub ended_at: Timestamp,
    /// The id of its last `.finished`; `None`: nobody finished it.
    pub finished_id: Option<String>,
}

/// The task under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurrentTask {
    /// Its name.
    pub name: String,
    /// Which task of the sequence it is, from 0.
    pub at: usize,
    /// The id of its `.triggered` event.
    pub triggered_id: String,
    /// When the `.triggered` event may be sent at the earliest.
    pub due: Timestamp,
    /// When it was sent; `None` while it is delayed, paused, or waits for the slot.
    pub sent_at: Option<Timestamp>,
    /// What executors answered, in order of arrival.
    pub answers: Vec<Answer>,
    /// When every `.started` had its `.finished`, where the engine waits for more.
    pub settled_at: Option<Timestamp>,
    /// How many milliseconds it waited while it was paused: they do not count for the timeout of a decision.
    #[serde(default)]
    pub paused_ms: u64,
}

/// What one executor said of a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The id of the event.
    pub id: String,
    /// Its type.
    pub event_type: String,
    /// Who sent it.
    pub source: String,
    /// `data.result`, as it came.
    pub result: String,
    /// `data.status`, as it came.
    pub status: String,
    /// When it arrived.
    pub time: Timestamp,
    /// The data of a `.finished` event; empty for others.
    pub data: Arc<Map<String, Value>>,
}

/// How an execution ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EndedExecution {
    /// When.
    pub time: Timestamp,
    /// The status of its `.finished` event.
    pub status: TaskStatus,
    /// The result of its `.finished` event: Keptn's, that of the last task.
    pub result: Verdict,
    /// The worst result of all its tasks.
    pub worst_result: Verdict,
    /// Why, for people.
    pub message: String,
}
