//! Everything that is under way, and where to find it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::deadline::next_expiry;
use super::execution::{Execution, Place, Scope};
use super::settings::EngineSettings;

/// Everything that is under way. All but `open` is found by reading `open`, and is kept so that a step need not.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Roster {
    /// What is open, by id.
    pub open: BTreeMap<String, Execution>,
    /// The executions of a project and context.
    contexts: BTreeMap<(String, String), BTreeSet<String>>,
    /// The slots that somebody has or waits for.
    slots: BTreeMap<SlotKey, Slot>,
    /// The executions of the tasks that wait for an answer, by the id of the task's `.triggered` event.
    tasks: BTreeMap<String, String>,
    /// When something is due of which execution.
    deadlines: BTreeSet<(Timestamp, String)>,
}

/// What at most one delivery at a time may work on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SlotKey {
    /// The project.
    project: String,
    /// The stage.
    stage: String,
    /// The service.
    service: String,
}

/// Who has a slot, and who waits for it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Slot {
    /// Those who have it.
    pub holders: BTreeSet<String>,
    /// Those who wait, in the order of their turn.
    pub waiting: BTreeSet<Turn>,
}

/// Whose turn it is: what is under way already goes first, then first come, first served.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Turn {
    /// Whether it is new: neither has it begun nor does it follow from another sequence.
    is_new: bool,
    /// When its trigger arrived.
    arrived: Timestamp,
    /// Its id.
    pub id: String,
}

impl Roster {
    /// Puts an execution in.
    pub fn put(&mut self, one: Execution, settings: &EngineSettings) {
        let id = one.id.clone();
        let context = (one.scope.project.clone(), one.scope.context.clone());
        self.contexts.entry(context).or_default().insert(id.clone());
        match one.place {
            Place::Waiting => {
                self.slot_of(&one).waiting.insert(Turn::of(&one));
            }
            Place::Holding => {
                self.slot_of(&one).holders.insert(id.clone());
            }
            Place::Delayed | Place::Free => {}
        }
        if let Some(current) = one.current.as_ref().filter(|task| task.sent_at.is_some()) {
            self.tasks.insert(current.triggered_id.clone(), id.clone());
        }
        if let Some((due, _)) = next_expiry(&one, settings) {
            self.deadlines.insert((due, id.clone()));
        }
        self.open.insert(id, one);
    }

    /// Takes an execution out.
    pub fn take(&mut self, id: &str, settings: &EngineSettings) -> Option<Execution> {
        let one = self.open.remove(id)?;
        let context = (one.scope.project.clone(), one.scope.context.clone());
        if let Some(ids) = self.contexts.get_mut(&context) {
            ids.remove(id);
            if ids.is_empty() {
                self.contexts.remove(&context);
            }
        }
        let key = SlotKey::of(&one.scope);
        if let Some(slot) = self.slots.get_mut(&key) {
            slot.holders.remove(id);
            slot.waiting.remove(&Turn::of(&one));
            if slot.holders.is_empty() && slot.waiting.is_empty() {
                self.slots.remove(&key);
            }
        }
        if let Some(current) = &one.current {
            self.tasks.remove(&current.triggered_id);
        }
        if let Some((due, _)) = next_expiry(&one, settings) {
            self.deadlines.remove(&(due, one.id.clone()));
        }
        Some(one)
    }

    /// Returns the slot of a key; `None`: nobody has it or waits for it.
    pub fn slot(&self, key: &SlotKey) -> Option<&Slot> {
        self.slots.get(key)
    }

    /// Returns the ids of what is open of a context.
    pub fn of_context(&self, project: &str, context: &str) -> Vec<String> {
        let key = (project.to_owned(), context.to_owned());
        let ids = self.contexts.get(&key);
        ids.into_iter().flatten().cloned().collect()
    }

    /// Returns the ids of what is open of a project.
    pub fn of_project(&self, project: &str) -> Vec<String> {
        let from = (project.to_owned(), String::new());
        let contexts = self.contexts.range(from..);
        let contexts = contexts.take_while(|((of, _), _)| of == project);
        contexts.flat_map(|(_, ids)| ids).cloned().collect()
    }

    /// Returns the execution whose open task has an id.
    pub fn of_task(&self, triggered_id: &str) -> Option<&Execution> {
        self.open.get(self.tasks.get(triggered_id)?)
    }

    /// Returns the executions with an open task.
    pub fn with_tasks(&self) -> impl Iterator<Item = &Execution> {
        self.tasks.values().filter_map(|id| self.open.get(id))
    }

    /// Returns what is due first.
    pub fn next_due(&self) -> Option<&(Timestamp, String)> {
        self.deadlines.first()
    }

    /// Returns the slot of an execution.
    fn slot_of(&mut self, one: &Execution) -> &mut Slot {
        self.slots.entry(SlotKey::of(&one.scope)).or_default()
    }
}

impl SlotKey {
    /// Returns the slot of a project, stage and service.
    pub fn of(scope: &Scope) -> Self {
        Self {
            project: scope.project.clone(),
            stage: scope.stage.clone(),
            service: scope.service.clone(),
        }
    }
}

impl Turn {
    /// Returns the turn of an execution.
    fn of(one: &Execution) -> Self {
        Self {
            is_new: one.started_at.is_none() && !one.scope.is_follow_up,
            arrived: one.triggered_at,
            id: one.id.clone(),
        }
    }
}
