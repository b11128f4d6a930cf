//! How a delivery stands: one view of all executions of a context (Keptn: sequence state, controlplane.md 1.5).
//!
//! It is read from the executions, never written: two answers at the same time lose nothing, and what has ended keeps its
//! end.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::event_name::{EventKind, EventName};
use super::execution::{Execution, ExecutionState, FinishedTask, TaskStatus};
use super::ids::derived_id;
use super::outcome::Outcome;
use crate::gate::Verdict;

/// How a delivery stands.
#[derive(Clone, Debug, PartialEq)]
pub struct ContextState {
    /// The project.
    pub project: String,
    /// The service of the first trigger.
    pub service: String,
    /// The sequence of the first trigger.
    pub name: String,
    /// The Keptn context.
    pub context: String,
    /// When the first trigger arrived.
    pub time: Timestamp,
    /// How all of it stands.
    pub state: OverallState,
    /// `problem.problemTitle` of the first trigger.
    pub problem_title: Option<String>,
    /// The stages, in the order of their first triggers.
    pub stages: Vec<StageState>,
    /// What it came to so far.
    pub outcome: Outcome,
}

/// How all of a delivery stands. Says nothing of good or bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OverallState {
    /// It waits for another delivery.
    Waiting,
    /// Something is under way.
    Started,
    /// Everything that is open is paused.
    Paused,
    /// It is over.
    Finished,
    /// It is over, and something took too long.
    TimedOut,
    /// It is over, and somebody ended it.
    Aborted,
}

/// How a stage of a delivery stands.
#[derive(Clone, Debug, PartialEq)]
pub struct StageState {
    /// The stage.
    pub name: String,
    /// How it stands.
    pub state: StageWord,
    /// The image that was deployed, or is being deployed.
    pub image: Option<String>,
    /// What its last evaluation said.
    pub latest_evaluation: Option<Evaluated>,
    /// Its last event.
    pub latest_event: EventMark,
    /// Its last event that says that something failed.
    pub latest_failed_event: Option<EventMark>,
}

/// How a stage stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StageWord {
    /// Something is under way.
    Triggered,
    /// Everything that is open is paused.
    Paused,
    /// It is over; the status of the sequence that ended last.
    Ended(TaskStatus),
}

/// What an evaluation said.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluated {
    /// Its result.
    pub result: String,
    /// Its score.
    pub score: f64,
}

/// Which event.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventMark {
    /// When.
    pub time: Timestamp,
    /// The type.
    pub event_type: String,
    /// The id.
    pub id: String,
}

impl ContextState {
    /// Returns how a delivery stands, from all executions of its context; `None` where there are none.
    #[must_use]
    pub fn of<'a>(executions: impl IntoIterator<Item = &'a Execution>) -> Option<Self> {
        let mut all: Vec<&Execution> = executions.into_iter().collect();
        all.sort_by(|a, b| (a.triggered_at, &a.id).cmp(&(b.triggered_at, &b.id)));
        let first = all.first()?;
        let mut names: Vec<&str> = Vec::new();
        for one in &all {
            if !names.contains(&one.scope.stage.as_str()) {
                names.push(&one.scope.stage);
            }
        }
        let stages = names.iter().filter_map(|name| {
            let of_stage = all.iter().copied().filter(|one| one.scope.stage == *name);
            StageState::of(name, &of_stage.collect::<Vec<_>>())
        });
        Some(Self {
            project: first.scope.project.clone(),
            service: first.scope.service.clone(),
            name: first.sequence.name.clone(),
            context: first.scope.context.clone(),
            time: first.triggered_at,
            state: OverallState::of(&all),
            problem_title: text_at(&first.input, &["problem", "problemTitle"]),
            stages: stages.collect(),
            outcome: Outcome::of(all.iter().copied()),
        })
    }
}

impl OverallState {
    /// Returns how executions stand together.
    fn of(all: &[&Execution]) -> Self {
        let open = || all.iter().filter(|one| one.ended.is_none());
        let mut going = open().filter(|one| !one.is_paused()).peekable();
        if going.peek().is_some() {
            let mut going = going;
            let is_waiting = |one: &&Execution| one.state == ExecutionState::Triggered;
            return if going.all(is_waiting) {
                Self::Waiting
            } else {
                Self::Started
            };
        }
        let has = |state| all.iter().any(|one| one.state == state);
        if open().next().is_some() {
            Self::Paused
        } else if has(ExecutionState::Aborted) {
            Self::Aborted
        } else if has(ExecutionState::TimedOut) {
            Self::TimedOut
        } else {
            Self::Finished
        }
    }

    /// Returns Keptn's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Started => "started",
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
            Self::Waiting | Self::Started | Self::Paused => false,
            Self::Finished | Self::TimedOut | Self::Aborted => true,
        }
    }
}

impl StageState {
    /// Returns how a stage stands, from its executions in the order of their triggers.
    fn of(name: &str, of_stage: &[&Execution]) -> Option<Self> {
        let evaluations = of_stage.iter().flat_map(|one| &one.previous);
        let failed = of_stage.iter().flat_map(|one| failed_marks(one));
        Some(Self {
            name: name.to_owned(),
            state: StageWord::of(of_stage),
            image: of_stage.iter().rev().find_map(|one| image(one)),
            latest_evaluation: evaluations.filter_map(Evaluated::of).last(),
            latest_event: of_stage.iter().map(|one| latest_mark(one)).max()?,
            latest_failed_event: failed.max(),
        })
    }
}

impl StageWord {
    /// Returns how executions of a stage stand together.
    fn of(of_stage: &[&Execution]) -> Self {
        let mut open = of_stage.iter().filter(|one| one.ended.is_none()).peekable();
        if open.peek().is_some() {
            return if open.all(|one| one.is_paused()) {
                Self::Paused
            } else {
                Self::Triggered
            };
        }
        let ended = of_stage.iter().filter_map(|one| one.ended.as_ref());
        let last = ended.max_by_key(|ended| ended.time);
        Self::Ended(last.map_or(TaskStatus::Unknown, |ended| ended.status))
    }

    /// Returns Keptn's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Triggered => "triggered",
            Self::Paused => "paused",
            Self::Ended(status) => status.as_str(),
        }
    }
}

impl Evaluated {
    /// Returns what a task said of an evaluation.
    fn of(task: &FinishedTask) -> Option<Self> {
        if task.name != "evaluation" {
            return None;
        }
        let evaluation = task.data.get("evaluation")?;
        Some(Self {
            result: evaluation.get("result")?.as_str()?.to_owned(),
            score: evaluation.get("score")?.as_f64()?,
        })
    }
}

/// Returns the image that an execution deploys, once it does.
fn image(one: &Execution) -> Option<String> {
    let current = one.current.as_ref().filter(|task| task.sent_at.is_some());
    let done = one.previous.iter().map(|task| &task.name);
    let mut tasks = done.chain(current.map(|task| &task.name));
    tasks.find(|name| *name == "deployment")?;
    text_at(&one.input, &["configurationChange", "values", "image"])
}

/// Returns the last event of an execution.
fn latest_mark(one: &Execution) -> EventMark {
    let triggered = EventMark {
        time: one.triggered_at,
        event_type: one.scope.event_type.clone(),
        id: one.scope.triggered_id.clone(),
    };
    let current = one.current.as_ref();
    let sent = current.and_then(|current| {
        Some(EventMark {
            time: current.sent_at?,
            event_type: task_type(&current.name, EventKind::Triggered),
            id: current.triggered_id.clone(),
        })
    });
    let answers = current.into_iter().flat_map(|current| &current.answers);
    let answers = answers.map(|answer| EventMark {
        time: answer.time,
        event_type: answer.event_type.clone(),
        id: answer.id.clone(),
    });
    let done = one.previous.iter().filter_map(finished_mark);
    let all = done.chain(sent).chain(answers).chain(ended_mark(one));
    all.max()
        .map_or(triggered.clone(), |latest| latest.max(triggered))
}

/// Returns the events of an execution that say that something failed.
fn failed_marks(one: &Execution) -> Vec<EventMark> {
    let is_failed = |task: &&FinishedTask| task.result == Verdict::Fail;
    let tasks = one.previous.iter().filter(is_failed);
    let ended = one.ended.as_ref();
    let ended = ended.filter(|ended| ended.result == Verdict::Fail);
    let ended = ended.and_then(|_| ended_mark(one));
    tasks.filter_map(finished_mark).chain(ended).collect()
}

/// Returns the last `.finished` event of a task.
fn finished_mark(task: &FinishedTask) -> Option<EventMark> {
    Some(EventMark {
        time: task.ended_at,
        event_type: task_type(&task.name, EventKind::Finished),
        id: task.finished_id.clone()?,
    })
}

/// Returns the `.finished` event of an execution.
fn ended_mark(one: &Execution) -> Option<EventMark> {
    let name = EventName::Sequence {
        stage: one.scope.stage.clone(),
        sequence: one.sequence.name.clone(),
        kind: EventKind::Finished,
    };
    Some(EventMark {
        time: one.ended.as_ref()?.time,
        event_type: name.to_string(),
        id: derived_id(&one.id, &["finished"]),
    })
}

/// Returns the type of a task's event.
fn task_type(task: &str, kind: EventKind) -> String {
    let task = task.to_owned();
    EventName::Task { task, kind }.to_string()
}

/// Returns a text that is somewhere in a tree.
fn text_at(data: &Map<String, Value>, path: &[&str]) -> Option<String> {
    let (first, rest) = path.split_first()?;
    let start = data.get(*first)?;
    let found = rest.iter().try_fold(start, |value, key| value.get(key))?;
    found.as_str().map(str::to_owned)
}
