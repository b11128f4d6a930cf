//! The envelopes of a whole log in memory: how the logs without an index of their own order, find and stamp events.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::Times;
use super::envelope::{Envelope, SeriesKey, stamp};
use super::filter::Filter;
use crate::gate::event::CloudEvent;

/// The envelopes of a log. `P` says where the event itself is.
#[derive(Debug)]
pub(super) struct Index<P> {
    /// Every event once, in the order of the log.
    entries: Vec<Entry<P>>,
    /// The positions of the events by their ids.
    positions: HashMap<String, usize>,
    /// The newest time of each series.
    newest: HashMap<SeriesKey, Timestamp>,
}

/// One event of an index.
#[derive(Debug)]
pub(super) struct Entry<P> {
    /// Its envelope.
    pub envelope: Envelope,
    /// Where the event itself is.
    pub place: P,
}

/// What becomes of an event that is appended.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Stamped {
    /// It is new, and to be stored as it is here.
    Fresh(Box<CloudEvent>),
    /// One of this id is stored already, or stands earlier in the same batch.
    Known(String),
}

impl<P> Default for Index<P> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            positions: HashMap::new(),
            newest: HashMap::new(),
        }
    }
}

impl<P> Index<P> {
    /// Adds an event; of several with one id the first counts, so that an event delivered twice is one run.
    pub(super) fn insert(&mut self, envelope: Envelope, place: P) {
        if self.positions.contains_key(&envelope.id) {
            return;
        }
        if let Some(time) = envelope.time {
            match self.newest.get_mut(&envelope.series) {
                Some(newest) => *newest = time.max(*newest),
                None => drop(self.newest.insert(envelope.series.clone(), time)),
            }
        }
        self.positions
            .insert(envelope.id.clone(), self.entries.len());
        self.entries.push(Entry { envelope, place });
    }

    /// Returns where the event with this id is.
    pub(super) fn place(&self, id: &str) -> Option<&P> {
        let position = self.positions.get(id)?;
        self.entries.get(*position).map(|entry| &entry.place)
    }

    /// Returns the newest time of a series.
    pub(super) fn newest(&self, series: &SeriesKey) -> Option<Timestamp> {
        self.newest.get(series).copied()
    }

    /// Tells whether there is no event at all.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes events out; returns how many were there.
    pub(super) fn remove(&mut self, ids: &HashSet<&str>) -> usize {
        let before = self.entries.len();
        let kept = std::mem::take(self).entries.into_iter();
        for Entry { envelope, place } in kept.filter(|e| !ids.contains(e.envelope.id.as_str())) {
            self.insert(envelope, place);
        }
        before - self.entries.len()
    }

    /// Returns the events that the filter lets through, newest first.
    pub(super) fn matching(&self, filter: &Filter) -> Vec<&Entry<P>> {
        let mut found: Vec<_> = self
            .entries
            .iter()
            .filter(|entry| filter.admits(&entry.envelope))
            .collect();
        found.sort_unstable_by_key(|entry| Reverse(entry.envelope.order()));
        found
    }

    /// Stamps a batch, without adding it: it is not stored yet.
    pub(super) fn stamp(&self, events: Vec<CloudEvent>, times: Times) -> Vec<Stamped> {
        let mut ids: HashSet<String> = HashSet::new();
        let mut newest: HashMap<SeriesKey, Timestamp> = HashMap::new();
        let mut stamped = Vec::with_capacity(events.len());
        for mut event in events {
            if self.positions.contains_key(&event.id) || !ids.insert(event.id.clone()) {
                stamped.push(Stamped::Known(event.id));
                continue;
            }
            match times {
                Times::Kept => {}
                Times::Stamped => {
                    let series = SeriesKey::of(&event);
                    let before = newest.get(&series).or_else(|| self.newest.get(&series));
                    event.time = stamp(event.time, before.copied());
                    if let Some(time) = event.time {
                        newest.insert(series, time);
                    }
                }
            }
            stamped.push(Stamped::Fresh(Box::new(event)));
        }
        stamped
    }
}
