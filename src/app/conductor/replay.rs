//! The state of a run, built again from its events.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::charter::Charter;
use crate::gate::event::CloudEvent;
use crate::sequence::{Control, Engine, EngineSettings, Execution, Input, Step};

/// Builds the state again, event by event, oldest first.
///
/// What came in is told to the engine again at the moment at which it came. What the engine made of it has the ids that it
/// had then: it is recognised by them, and what is not there was decided and never stored.
pub(in crate::app) struct Replay {
    /// The engine.
    engine: Engine,
    /// What the engine made, and did not come yet, in order.
    made: Vec<CloudEvent>,
    /// The ids of what the engine made and what came.
    came: BTreeSet<String>,
    /// The time of the newest event.
    latest: Option<Timestamp>,
    /// The executions that changed, as they were then.
    changed: Vec<Execution>,
}

/// What a replay came to.
pub(in crate::app) struct Replayed {
    /// The engine.
    pub(in crate::app) engine: Engine,
    /// What was decided, and is not in the log.
    pub(in crate::app) lost: Vec<CloudEvent>,
    /// The time of the newest event, the lost ones included.
    pub(in crate::app) latest: Option<Timestamp>,
}

impl Replay {
    /// Begins with nothing.
    pub(in crate::app) fn new(settings: EngineSettings) -> Self {
        Self {
            engine: Engine::new(settings),
            made: Vec::new(),
            came: BTreeSet::new(),
            latest: None,
            changed: Vec::new(),
        }
    }

    /// Returns the executions that changed since the last time, in order.
    pub(in crate::app) fn changed(&mut self) -> Vec<Execution> {
        std::mem::take(&mut self.changed)
    }

    /// Tells whether something was decided that did not come yet.
    pub(in crate::app) fn owes(&self) -> bool {
        !self.made.is_empty()
    }

    /// Takes the next event.
    pub(in crate::app) fn take(&mut self, event: CloudEvent) {
        let Some(time) = event.time else {
            return;
        };
        self.latest = self.latest.max(Some(time));
        if let Some(charter) = Charter::of(&event) {
            let definition = charter.definition();
            self.step(time, Input::Project(charter.project, Some(definition)));
            return;
        }
        if self.came(&event.id) {
            return;
        }
        if event.source == Engine::SOURCE {
            // Not from an input: it became due.
            self.step(time, Input::Tick);
            if self.came(&event.id) {
                return;
            }
        }
        let input = match Control::of(&event) {
            Some(control) => Input::Control(control),
            None => Input::Event(event),
        };
        self.step(time, input);
    }

    /// Ends: what was made and did not come is lost.
    pub(in crate::app) fn end(self) -> Replayed {
        let Self {
            engine,
            made: mut lost,
            mut latest,
            ..
        } = self;
        for event in &mut lost {
            let after = latest.map(|time| time.checked_add(SignedDuration::from_micros(1)));
            latest = after.and_then(Result::ok).or(latest);
            event.time = latest;
        }
        Replayed {
            engine,
            lost,
            latest,
        }
    }

    /// Tells whether an event is one that the engine made, and notes that it came.
    fn came(&mut self, id: &str) -> bool {
        let Some(place) = self.made.iter().position(|made| made.id == id) else {
            return self.came.contains(id);
        };
        let made = self.made.remove(place);
        self.came.insert(made.id);
        true
    }

    /// Steps the engine, and notes what it makes.
    fn step(&mut self, now: Timestamp, input: Input) {
        let Step {
            events,
            changed,
            ignored: _,
        } = self.engine.step(now, input);
        self.made.extend(events);
        self.changed.extend(changed);
    }
}
