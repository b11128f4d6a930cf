//! How a run stands, as far as its events tell.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::app::conductor::Replay;
use crate::gate::Verdict;
use crate::gate::event::CloudEvent;
use crate::sequence::{
    CurrentTask, EngineSettings, EventKind, EventName, Execution, FinishedTask, TaskStatus,
};

/// How a run stands. It is told every event, oldest first.
pub struct Course {
    /// Builds the state.
    replay: Replay,
    /// The executions, each as it was last, in the order of their triggers.
    executions: Vec<Execution>,
    /// When each task was sent, and when the last answer came; by the id of its `.triggered`.
    spans: BTreeMap<String, (Timestamp, Option<Timestamp>)>,
    /// The ids of all events that it was told.
    seen: BTreeSet<String>,
}

/// How one sequence stands.
#[derive(Clone, Debug, PartialEq)]
pub struct SequenceCourse {
    /// The execution.
    pub execution: Execution,
    /// Its tasks, those that are still to come included.
    pub tasks: Vec<TaskCourse>,
}

/// How one task stands.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskCourse {
    /// Its name.
    pub name: String,
    /// The id of its `.triggered` event; `None` while there is none.
    pub triggered_id: Option<String>,
    /// How it stands.
    pub state: TaskState,
    /// When it was sent.
    pub began: Option<Timestamp>,
    /// When its last answer came.
    pub ended: Option<Timestamp>,
}

/// How a task stands.
#[derive(Clone, Debug, PartialEq)]
pub enum TaskState {
    /// It comes later, if it does.
    Planned,
    /// It is under way.
    Running,
    /// It is done.
    Done(Box<FinishedTask>),
    /// It was under way when its sequence ended.
    CutShort,
    /// The sequence ended before it.
    Skipped,
}

impl Course {
    /// Starts with nothing.
    #[must_use]
    pub fn new(settings: EngineSettings) -> Self {
        Self {
            replay: Replay::new(settings),
            executions: Vec::new(),
            spans: BTreeMap::new(),
            seen: BTreeSet::new(),
        }
    }

    /// Takes the next event; one that came before is passed over.
    pub fn take(&mut self, event: &CloudEvent) {
        if !self.seen.insert(event.id.clone()) {
            return;
        }
        self.note_span(event);
        self.replay.take(event.clone());
        for execution in self.replay.changed() {
            match self
                .executions
                .iter_mut()
                .find(|one| one.id == execution.id)
            {
                Some(known) => *known = execution,
                None => self.executions.push(execution),
            }
        }
    }

    /// Tells whether it was told an event.
    #[must_use]
    pub fn knows(&self, id: &str) -> bool {
        self.seen.contains(id)
    }

    /// Tells whether the last event led to others that it was not told: whoever goes on has to store them.
    #[must_use]
    pub fn owes(&self) -> bool {
        self.replay.owes()
    }

    /// Returns the executions, in the order of their triggers.
    #[must_use]
    pub fn executions(&self) -> &[Execution] {
        &self.executions
    }

    /// Returns how each sequence stands, in the order of their triggers.
    #[must_use]
    pub fn sequences(&self) -> Vec<SequenceCourse> {
        let each = self.executions.iter();
        each.map(|execution| SequenceCourse {
            tasks: self.tasks(execution),
            execution: execution.clone(),
        })
        .collect()
    }

    /// Returns how the tasks of an execution stand.
    fn tasks(&self, execution: &Execution) -> Vec<TaskCourse> {
        let ended = execution.ended.is_some();
        let planned = execution.sequence.tasks.iter().enumerate();
        let course = |(at, task): (usize, &crate::sequence::Task)| {
            let current = execution
                .current
                .as_ref()
                .filter(|current| current.at == at);
            let state = match (execution.previous.get(at), current) {
                (Some(done), _) => TaskState::Done(Box::new(done.clone())),
                (None, Some(_)) if ended => TaskState::CutShort,
                (None, Some(_)) => TaskState::Running,
                (None, None) if ended => TaskState::Skipped,
                (None, None) => TaskState::Planned,
            };
            let id = match &state {
                TaskState::Done(done) => Some(done.triggered_id.clone()),
                TaskState::Running | TaskState::CutShort => sent(current),
                TaskState::Planned | TaskState::Skipped => None,
            };
            let span = id.as_ref().and_then(|id| self.spans.get(id));
            TaskCourse {
                name: task.name.clone(),
                state,
                began: span.map(|(began, _)| *began),
                ended: span.and_then(|(_, ended)| *ended),
                triggered_id: id,
            }
        };
        planned.map(course).collect()
    }

    /// Notes when a task was sent, and when it was answered.
    fn note_span(&mut self, event: &CloudEvent) {
        let (Some(time), Some(EventName::Task { kind, .. })) =
            (event.time, EventName::parse(&event.event_type))
        else {
            return;
        };
        match (kind, &event.triggeredid) {
            (EventKind::Triggered, _) => {
                self.spans.entry(event.id.clone()).or_insert((time, None));
            }
            (EventKind::Finished, Some(id)) => {
                if let Some((_, ended)) = self.spans.get_mut(id) {
                    *ended = Some(time);
                }
            }
            _ => {}
        }
    }
}

/// Returns the id of a task that was sent.
fn sent(current: Option<&CurrentTask>) -> Option<String> {
    let sent = current.filter(|task| task.sent_at.is_some())?;
    Some(sent.triggered_id.clone())
}

impl TaskState {
    /// Returns the result, where there is one.
    #[must_use]
    pub fn result(&self) -> Option<Verdict> {
        self.done().map(|done| done.result)
    }

    /// Returns the status, where there is one.
    #[must_use]
    pub fn status(&self) -> Option<TaskStatus> {
        self.done().map(|done| done.status)
    }

    /// Returns what it said last.
    #[must_use]
    pub fn message(&self) -> &str {
        self.done().map_or("", |done| done.message.as_str())
    }

    /// Returns what it said for later tasks, under its own name.
    #[must_use]
    pub fn data(&self, name: &str) -> Option<&Map<String, Value>> {
        self.done()?.data.get(name)?.as_object()
    }

    /// Returns the word of machine formats.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Running => "running",
            Self::Done(_) => "finished",
            Self::CutShort => "cutShort",
            Self::Skipped => "skipped",
        }
    }

    /// Returns what it came to.
    fn done(&self) -> Option<&FinishedTask> {
        match self {
            Self::Done(done) => Some(done),
            Self::Planned | Self::Running | Self::CutShort | Self::Skipped => None,
        }
    }
}
