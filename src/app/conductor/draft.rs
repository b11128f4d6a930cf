//! What a batch of inputs comes to, before it is stored.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::answers;
use super::baton::{Accepted, Binding};
use super::clock::Clock;
use super::errand::Errand;
use super::journal::Entry;
use super::request::Matter;
use crate::executor::{Assignment, Attempt, Executor};
use crate::gate::event::CloudEvent;
use crate::sequence::{
    Control, Engine, EngineSettings, EventKind, EventName, Execution, Ignored, Input, Step, Task,
};

/// The source of the events that store controls.
const SOURCE: &str = "tidegate";

/// What a batch of inputs comes to.
pub(super) struct Draft<'a> {
    /// The engine.
    pub(super) engine: &'a mut Engine,
    /// Gives the moments.
    pub(super) clock: &'a mut Clock,
    /// Who carries out tasks.
    pub(super) bindings: &'a [Binding],
    /// The settings of the engine.
    pub(super) settings: &'a EngineSettings,
    /// What is to be stored.
    pub(super) entries: Vec<Entry>,
    /// The tasks to begin once it is.
    pub(super) errands: Vec<Errand>,
}

impl Draft<'_> {
    /// Takes an order in.
    pub(super) fn order(&mut self, matter: Matter) -> Accepted {
        match matter {
            Matter::Event(event, _) => self.event(event),
            Matter::Control(control) => self.control(control),
            Matter::Project(name, definition) => {
                let ignored = self.step(Input::Project(name.clone(), definition), None);
                Accepted {
                    id: name,
                    context: String::new(),
                    ignored,
                }
            }
        }
    }

    /// Lets time pass.
    pub(super) fn tick(&mut self) {
        self.step(Input::Tick, None);
    }

    /// Begins each task again that is open, is taken by an executor, and was not answered by it; but for those that are
    /// being carried out.
    pub(super) fn resume(&mut self, is_running: impl Fn(&str) -> bool) {
        for event in self.engine.open_tasks() {
            let Some((task, executor)) = self.taker(&event) else {
                continue;
            };
            let owner = self.engine.open().find(|one| is_at(one, &event.id));
            let Some(execution) = owner.filter(|_| !is_running(&event.id)).cloned() else {
                continue;
            };
            let said = |kind: &EventKind| has_said(&execution, executor.name(), kind);
            if said(&EventKind::Finished) {
                continue;
            }
            let attempt = if said(&EventKind::Started) {
                Attempt::Again
            } else {
                Attempt::First
            };
            let taken = Taken {
                task,
                executor,
                event,
                execution,
            };
            self.assign(taken, attempt);
        }
    }

    /// Takes an event in.
    fn event(&mut self, mut event: CloudEvent) -> Accepted {
        if event.id.is_empty() {
            event.id = Uuid::new_v4().to_string();
        }
        let context = event
            .shkeptncontext
            .take()
            .filter(|context| !context.is_empty());
        let context = context.unwrap_or_else(|| Uuid::new_v4().to_string());
        event.shkeptncontext = Some(context.clone());
        let id = event.id.clone();
        let ignored = self.step(Input::Event(event.clone()), Some(event));
        Accepted {
            id,
            context,
            ignored,
        }
    }

    /// Takes a control in.
    fn control(&mut self, control: Control) -> Accepted {
        let id = Uuid::new_v4().to_string();
        let context = control.context.clone();
        let event = control.event(id.clone(), SOURCE, self.clock.now());
        let ignored = self.step(Input::Control(control), Some(event));
        Accepted {
            id,
            context,
            ignored,
        }
    }

    /// Steps the engine, and notes what follows.
    fn step(&mut self, input: Input, stored: Option<CloudEvent>) -> Option<Ignored> {
        let now = self.clock.input();
        let at = |mut event: CloudEvent, time: Timestamp| {
            event.time = Some(time);
            event
        };
        let stored = stored.map(|event| at(event, now));
        let input = match (input, &stored) {
            (Input::Event(_), Some(event)) => Input::Event(event.clone()),
            (input, _) => input,
        };
        let Step {
            events,
            changed,
            ignored,
        } = self.engine.step(now, input);
        if let Some(Ignored::Duplicate(_)) = ignored {
            return ignored;
        }
        let stamp = |event: CloudEvent| at(event, self.clock.output());
        let events: Vec<CloudEvent> = events.into_iter().map(stamp).collect();
        let tasks = self.tasks(&events, &changed);
        if stored.is_some() || !events.is_empty() || !changed.is_empty() {
            self.entries.push(Entry {
                input: stored,
                events,
                changed,
            });
        }
        for taken in tasks {
            self.assign(taken, Attempt::First);
        }
        ignored
    }

    /// Returns the tasks among events that an executor of ours takes.
    fn tasks(&self, events: &[CloudEvent], changed: &[Execution]) -> Vec<Taken> {
        let task = |event: &CloudEvent| {
            let (task, executor) = self.taker(event)?;
            let execution = changed.iter().find(|one| is_at(one, &event.id))?;
            Some(Taken {
                task,
                executor,
                event: event.clone(),
                execution: execution.clone(),
            })
        };
        events.iter().filter_map(task).collect()
    }

    /// Returns the task that an event triggers, and who takes it.
    fn taker(&self, event: &CloudEvent) -> Option<(String, Arc<dyn Executor>)> {
        let Some(EventName::Task {
            task,
            kind: EventKind::Triggered,
        }) = EventName::parse(&event.event_type)
        else {
            return None;
        };
        let takes = |binding: &&Binding| {
            let is_its_task = binding.task.as_ref().is_none_or(|name| *name == task);
            is_its_task && binding.executor.takes(event)
        };
        let binding = self.bindings.iter().find(takes)?;
        Some((task, Arc::clone(&binding.executor)))
    }

    /// Gives a task to an executor, and says that it is at it where it was not said before.
    fn assign(&mut self, taken: Taken, attempt: Attempt) {
        let Taken {
            task,
            executor,
            event,
            execution,
        } = taken;
        let started = answers::started(executor.name(), &task, &event);
        let is_ours_to_say = attempt == Attempt::First && !executor.announces_itself();
        let assignment = Assignment {
            task,
            event,
            deadline: deadline(self.settings, &execution),
            attempt,
        };
        self.errands.push(Errand {
            execution: execution.id,
            executor,
            assignment,
        });
        if is_ours_to_say {
            self.step(Input::Event(started.clone()), Some(started));
        }
    }
}

/// A task that an executor takes.
struct Taken {
    /// Its name.
    task: String,
    /// Who takes it.
    executor: Arc<dyn Executor>,
    /// Its `.triggered` event.
    event: CloudEvent,
    /// The execution that is at it.
    execution: Execution,
}

/// Tells whether an execution is at a task.
fn is_at(execution: &Execution, triggered_id: &str) -> bool {
    let current = execution.current.as_ref();
    current.is_some_and(|task| task.triggered_id == triggered_id)
}

/// Tells whether an executor has said something of the current task.
fn has_said(execution: &Execution, executor: &str, kind: &EventKind) -> bool {
    let answers = execution.current.iter().flat_map(|task| &task.answers);
    let end = format!(".{kind}");
    let mut own = answers.filter(|answer| answer.source == executor);
    own.any(|answer| answer.event_type.ends_with(&end))
}

/// Returns when the current task has to be done: the earlier of its own time and that of its sequence.
fn deadline(settings: &EngineSettings, execution: &Execution) -> Option<Timestamp> {
    let after = |from: Option<Timestamp>, millis: Option<u64>| {
        let millis = i64::try_from(millis?).ok()?;
        from?.checked_add(SignedDuration::from_millis(millis)).ok()
    };
    let current = execution.current.as_ref()?;
    let usual = match current.name.as_str() {
        Task::APPROVAL => settings.approval_timeout_ms,
        _ => settings.task_timeout_ms,
    };
    let task = execution.sequence.tasks.get(current.at);
    let of_task = task.and_then(|task| task.timeout_ms).or(usual);
    let sequence = execution
        .sequence
        .timeout_ms
        .or(settings.sequence_timeout_ms);
    let both = [
        after(current.sent_at, of_task),
        after(execution.started_at, sequence),
    ];
    both.into_iter().flatten().min()
}
