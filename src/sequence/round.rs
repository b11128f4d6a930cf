//! One step of the engine while it is being made: what may change, and what came of it so far.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::Map;

use super::engine::{Ignored, ProjectDefinition, Step};
use super::execution::Execution;
use super::roster::{Roster, SlotKey};
use super::settings::EngineSettings;
use crate::gate::event::{CloudEvent, EventData};

/// The version of Keptn's specification that the events follow.
const KEPTN_SPEC_VERSION: &str = "0.2.4";

/// One step while it is being made.
pub(super) struct Round<'a> {
    /// The moment of the step.
    pub now: Timestamp,
    /// The settings.
    pub settings: &'a EngineSettings,
    /// The projects.
    pub projects: &'a mut BTreeMap<String, ProjectDefinition>,
    /// Everything that is under way.
    pub roster: &'a mut Roster,
    /// The slots that somebody may be able to take now.
    pub loose: BTreeSet<SlotKey>,
    /// The events so far.
    events: Vec<CloudEvent>,
    /// The ids of what changed, in the order in which it changed first.
    changed: Vec<String>,
    /// What ended.
    ended: BTreeMap<String, Execution>,
    /// How many moments were given away.
    moments: i64,
}

/// An event to be sent.
pub(super) struct Outgoing {
    /// Its id.
    pub id: String,
    /// Its type.
    pub event_type: String,
    /// What it answers.
    pub triggered_id: Option<String>,
    /// Its data.
    pub data: EventData,
}

impl<'a> Round<'a> {
    /// Begins a step.
    pub fn new(
        now: Timestamp,
        settings: &'a EngineSettings,
        projects: &'a mut BTreeMap<String, ProjectDefinition>,
        roster: &'a mut Roster,
    ) -> Self {
        Self {
            now,
            settings,
            projects,
            roster,
            loose: BTreeSet::new(),
            events: Vec::new(),
            changed: Vec::new(),
            ended: BTreeMap::new(),
            moments: 0,
        }
    }

    /// Returns what came of it.
    pub fn finish(mut self, ignored: Option<Ignored>) -> Step {
        let roster = self.roster;
        let ids = std::mem::take(&mut self.changed);
        let changed = ids.iter().filter_map(|id| {
            let ended = self.ended.remove(id);
            ended.or_else(|| roster.open.get(id).cloned())
        });
        Step {
            changed: changed.collect(),
            events: self.events,
            ignored,
        }
    }

    /// Returns a moment of its own for each thing that happens in the step.
    pub fn moment(&mut self) -> Timestamp {
        let moment = self
            .now
            .checked_add(SignedDuration::from_micros(self.moments));
        self.moments += 1;
        moment.unwrap_or(self.now)
    }

    /// Sends an event of an execution; returns its moment.
    pub fn send(&mut self, of: &Execution, outgoing: Outgoing) -> Timestamp {
        let time = self.moment();
        self.events.push(event(of, outgoing, time));
        time
    }

    /// Takes an execution out, to change it.
    pub fn take(&mut self, id: &str) -> Option<Execution> {
        let one = self.roster.take(id, self.settings)?;
        self.loose.insert(SlotKey::of(&one.scope));
        Some(one)
    }

    /// Puts an execution back that changed, or is new. One that ended is told and forgotten.
    pub fn put(&mut self, one: Execution) {
        if !self.changed.contains(&one.id) {
            self.changed.push(one.id.clone());
        }
        self.loose.insert(SlotKey::of(&one.scope));
        if one.ended.is_some() {
            self.ended.insert(one.id.clone(), one);
        } else {
            self.roster.put(one, self.settings);
        }
    }
}

/// Returns an event as it is published.
pub(super) fn event(of: &Execution, outgoing: Outgoing, time: Timestamp) -> CloudEvent {
    let mut extensions = Map::new();
    for (name, value) in [
        ("contenttype", "application/json"),
        ("datacontenttype", "application/json"),
        ("shkeptnspecversion", KEPTN_SPEC_VERSION),
    ] {
        extensions.insert(name.to_owned(), value.into());
    }
    if let Some(commit) = &of.scope.git_commit_id {
        extensions.insert("gitcommitid".to_owned(), commit.as_str().into());
    }
    CloudEvent {
        id: outgoing.id,
        source: super::Engine::SOURCE.to_owned(),
        specversion: "1.0".to_owned(),
        event_type: outgoing.event_type,
        time: Some(time),
        shkeptncontext: Some(of.scope.context.clone()),
        triggeredid: outgoing.triggered_id,
        data: outgoing.data,
        extensions,
    }
}
