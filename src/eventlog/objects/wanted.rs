//! A filter, in the words of keys.

use std::collections::HashMap;

use super::key::{self, Half};
use super::scan::Entry;
use crate::eventlog::{Filter, Kinds};
use crate::gate::event::EventType;

/// A filter whose texts are encoded as they are in keys.
pub(super) struct Wanted<'a> {
    /// The filter.
    filter: &'a Filter,
    /// The project.
    project: Option<String>,
    /// The stage.
    stage: Option<String>,
    /// The service.
    service: Option<String>,
    /// The types; `None` is any.
    kinds: Option<Vec<String>>,
    /// The context.
    context: Option<String>,
    /// The halves of the log to look at.
    pub halves: Vec<Half>,
}

impl<'a> Wanted<'a> {
    /// Encodes a filter.
    pub(super) fn of(filter: &'a Filter) -> Self {
        let name = |text: &Option<String>| text.as_deref().map(key::name);
        let (kinds, halves) = match &filter.kinds {
            Kinds::Any => (None, vec![Half::Events, Half::Steering]),
            Kinds::Steering => (None, vec![Half::Steering]),
            Kinds::Types(types) => {
                let is_in = |half| types.iter().any(|one| Half::of(one) == half);
                let halves = [Half::Events, Half::Steering];
                (
                    Some(types.iter().map(|one| key::kind(one)).collect()),
                    halves.into_iter().filter(|half| is_in(*half)).collect(),
                )
            }
        };
        Self {
            filter,
            project: name(&filter.project),
            stage: name(&filter.stage),
            service: name(&filter.service),
            kinds,
            context: filter.context.as_deref().map(|c| key::context(Some(c))),
            halves,
        }
    }

    /// Returns the names that are known, from the project on.
    pub(super) fn names(&self) -> Vec<String> {
        let names = [&self.project, &self.stage, &self.service];
        names.into_iter().map_while(Clone::clone).collect()
    }

    /// Tells whether the filter lets an event through.
    pub(super) fn admits(&self, entry: &Entry) -> bool {
        let is =
            |wanted: &Option<String>, found: &String| wanted.as_ref().is_none_or(|w| w == found);
        let (key, filter) = (&entry.key, self.filter);
        is(&filter.id, &entry.id)
            && is(&self.project, &key.place.project)
            && is(&self.stage, &key.place.stage)
            && is(&self.service, &key.place.service)
            && is(&self.context, &key.context)
            && self
                .kinds
                .as_ref()
                .is_none_or(|kinds| kinds.contains(&key.kind))
            && (filter.results.is_empty()
                || key.result.is_some_and(|r| filter.results.contains(&r)))
            && filter
                .since
                .is_none_or(|s| key.time.is_some_and(|t| t >= s))
            && filter.until.is_none_or(|u| key.time.is_none_or(|t| t < u))
            && filter
                .before
                .as_ref()
                .is_none_or(|b| entry.order() < (b.time, &b.id))
    }

    /// Returns what was found, newest first: of several objects with one id only the one that stands earliest counts.
    pub(super) fn matching<'e>(&self, entries: impl Iterator<Item = &'e Entry>) -> Vec<&'e Entry> {
        let mut first: HashMap<&str, &Entry> = HashMap::new();
        for entry in entries {
            let known = first.entry(&entry.id).or_insert(entry);
            if (entry.key.time, &entry.path) < (known.key.time, &known.path) {
                *known = entry;
            }
        }
        let mut found: Vec<&Entry> = first.into_values().filter(|e| self.admits(e)).collect();
        found.sort_unstable_by(|one, other| other.order().cmp(&one.order()));
        found
    }
}

/// Tells whether events of a type end an evaluation or say something about one: whatever they need is stored before them.
pub(super) fn is_last(event_type: &str) -> bool {
    event_type == EventType::FINISHED || EventType::is_steering(event_type)
}
