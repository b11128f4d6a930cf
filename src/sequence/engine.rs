//! The engine: what happened, in; what follows from it, out.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::advance::{hand_out_slots, sent_task};
use super::answers::answer;
use super::control::Control;
use super::deadline::let_time_pass;
use super::ending::drop_silently;
use super::event_name::{EventKind, EventName};
use super::execution::Execution;
use super::roster::Roster;
use super::round::Round;
use super::settings::EngineSettings;
use super::shipyard::Shipyard;
use super::steering::steer;
use super::trigger::trigger;
use crate::gate::event::CloudEvent;

/// What the engine is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A project was created or changed; `None`: it was deleted, and nothing of it may go on.
    Project(String, Option<ProjectDefinition>),
    /// An event arrived. One whose id arrived before is not told again, except while its execution is open.
    Event(CloudEvent),
    /// Somebody pauses, resumes or aborts.
    Control(Control),
    /// Time has passed.
    Tick,
}

/// What the engine knows of a project.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProjectDefinition {
    /// Its shipyard.
    pub shipyard: Arc<Shipyard>,
    /// The newest commit of each stage, for executions whose trigger names none.
    pub commits: BTreeMap<String, String>,
}

/// What follows from an input.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// The events to publish, in order. Those of tasks go to executors; all go to the log.
    pub events: Vec<CloudEvent>,
    /// Every execution that is new or changed, as it is now; one that ended is told once more and then forgotten.
    pub changed: Vec<Execution>,
    /// Why the input changes nothing.
    pub ignored: Option<Ignored>,
}

/// Why an input changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Ignored {
    /// The event lacks something.
    #[error("the event has no {0}")]
    Lacks(&'static str),
    /// The event answers nothing that is open: late, foreign, or a duplicate.
    #[error("nothing that is open has the triggeredid `{0}`")]
    NotOpen(String),
    /// The event was taken in before.
    #[error("the event `{0}` was taken in before")]
    Duplicate(String),
    /// Nothing of that context is open.
    #[error("nothing of the context `{0}` is under way")]
    NothingOpen(String),
    /// The engine has nothing to do with events of this type.
    #[error("events of the type `{0}` start nothing")]
    Foreign(String),
}

/// All sequences that are under way. A value: it can be compared, copied, and built again from its inputs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Engine {
    /// The settings.
    settings: EngineSettings,
    /// The projects.
    projects: BTreeMap<String, ProjectDefinition>,
    /// What is under way.
    roster: Roster,
}

impl Engine {
    /// The source of the engine's events: Keptn's views look for it.
    pub const SOURCE: &'static str = "shipyard-controller";

    /// Makes an engine without anything under way.
    #[must_use]
    pub fn new(settings: EngineSettings) -> Self {
        Self {
            settings,
            ..Self::default()
        }
    }

    /// Makes an engine with what was under way when it was stored.
    #[must_use]
    pub fn restore(
        settings: EngineSettings,
        projects: BTreeMap<String, ProjectDefinition>,
        open: impl IntoIterator<Item = Execution>,
    ) -> Self {
        let mut roster = Roster::default();
        for one in open {
            if one.ended.is_none() {
                roster.put(one, &settings);
            }
        }
        Self {
            settings,
            projects,
            roster,
        }
    }

    /// Takes an input in, at a moment that is not before that of the input before. Whatever is due by then happens first.
    pub fn step(&mut self, now: Timestamp, input: Input) -> Step {
        let Self {
            settings,
            projects,
            roster,
        } = self;
        let mut round = Round::new(now, settings, projects, roster);
        let_time_pass(&mut round);
        let taken = match input {
            Input::Project(name, definition) => {
                define(&mut round, name, definition);
                Ok(())
            }
            Input::Event(event) => take_in(&mut round, &event),
            Input::Control(control) => steer(&mut round, &control),
            Input::Tick => Ok(()),
        };
        hand_out_slots(&mut round);
        round.finish(taken.err())
    }

    /// Returns when something becomes due without any input; `None`: nothing does.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.roster.next_due().map(|(due, _)| *due)
    }

    /// Returns what is under way, in the order of the ids.
    pub fn open(&self) -> impl Iterator<Item = &Execution> {
        self.roster.open.values()
    }

    /// Returns the `.triggered` events of tasks that were sent and wait for an answer (controlplane.md 1.6).
    pub fn open_tasks(&self) -> Vec<CloudEvent> {
        self.open_tasks_of(|_any| true)
    }

    /// Returns those of the open tasks whose execution is wanted, without making the events of the others.
    pub fn open_tasks_of(&self, wanted: impl Fn(&Execution) -> bool) -> Vec<CloudEvent> {
        let sent = self.roster.with_tasks().filter(|one| wanted(one));
        let sent = sent.filter_map(|one| sent_task(one, &self.settings));
        sent.collect()
    }

    /// Returns a project.
    #[must_use]
    pub fn project(&self, name: &str) -> Option<&ProjectDefinition> {
        self.projects.get(name)
    }
}

/// Takes an event in.
fn take_in(round: &mut Round<'_>, event: &CloudEvent) -> Result<(), Ignored> {
    match EventName::parse(&event.event_type) {
        Some(EventName::Sequence {
            stage,
            sequence,
            kind: EventKind::Triggered,
        }) => trigger(round, event, &stage, sequence),
        Some(EventName::Task {
            task,
            kind: EventKind::Started | EventKind::StatusChanged | EventKind::Finished,
        }) => answer(round, event, &task),
        Some(EventName::Sequence { .. } | EventName::Task { .. }) | None => {
            Err(Ignored::Foreign(event.event_type.clone()))
        }
    }
}

/// Takes a project in that is new, changed, or gone.
fn define(round: &mut Round<'_>, name: String, definition: Option<ProjectDefinition>) {
    if let Some(definition) = definition {
        round.projects.insert(name, definition);
        return;
    }
    for id in round.roster.of_project(&name) {
        if let Some(one) = round.take(&id) {
            drop_silently(round, one);
        }
    }
    round.projects.remove(&name);
}
