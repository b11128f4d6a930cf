//! A batch on its way into the file: what is new of it, when it happened, and the lines to write.

use std::collections::{HashMap, HashSet};
use std::io::{Read, Seek};

use jiff::Timestamp;

use super::catalogue::Catalogue;
use super::linker::Linker;
use super::links::{self, SeriesNumber};
use super::reader::{Doubt, Line};
use crate::eventlog::envelope::{Envelope, SeriesKey, encode, stamp};
use crate::eventlog::failure::AppendError;
use crate::eventlog::index::Stamped;
use crate::eventlog::{EVENT_LIMIT, Times};
use crate::gate::event::CloudEvent;

/// How many lines are looked at, one by one, for events that are stored already. Whoever adds a long history again is
/// better served by a look at the whole file.
const MOST_LOOKS: usize = 256;

/// A batch.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// What becomes of each event.
    events: Vec<Stamped>,
    /// Those that are stored already.
    old: HashMap<String, CloudEvent>,
    /// The newest times in the file, of the series in the batch.
    newest: HashMap<SeriesKey, Option<Timestamp>>,
}

/// There are no lines to write.
#[derive(Debug, thiserror::Error)]
pub(super) enum LinesError {
    /// An event is refused.
    #[error(transparent)]
    Refused(#[from] AppendError),
    /// The file can't be read.
    #[error(transparent)]
    Doubt(#[from] Doubt),
}

impl Batch {
    /// Stamps a batch by what the links of the file tell.
    pub(super) fn by_links<S: Read + Seek>(
        linker: &mut Linker<S>,
        events: &[CloudEvent],
        times: Times,
    ) -> Result<Self, Doubt> {
        let mut batch = Self::default();
        let mut ids = HashSet::new();
        let mut newest: HashMap<SeriesKey, Option<Timestamp>> = HashMap::new();
        let mut looks = MOST_LOOKS + events.len();
        for event in events {
            let series = SeriesKey::of(event);
            let is_new = ids.insert(event.id.as_str());
            if !is_new || batch.is_stored(linker, &series, event, &mut looks)? {
                batch.events.push(Stamped::Known(event.id.clone()));
                continue;
            }
            let mut event = event.clone();
            match times {
                Times::Kept => {}
                Times::Stamped => {
                    let before = newest.get(&series).or_else(|| batch.newest.get(&series));
                    event.time = stamp(event.time, before.copied().flatten());
                    newest.insert(series, event.time);
                }
            }
            batch.events.push(Stamped::Fresh(Box::new(event)));
        }
        Ok(batch)
    }

    /// Stamps a batch by what is known of every line.
    pub(super) fn by_catalogue(catalogue: &Catalogue, events: &[CloudEvent], times: Times) -> Self {
        let index = &catalogue.index;
        let newest = events.iter().map(SeriesKey::of).map(|series| {
            let time = index.newest(&series);
            (series, time)
        });
        Self {
            newest: newest.collect(),
            old: HashMap::new(),
            events: index.stamp(events.to_vec(), times),
        }
    }

    /// Returns the ids of events that are stored already and not looked up yet.
    pub(super) fn known(&self) -> impl Iterator<Item = &String> {
        self.events.iter().filter_map(|event| match event {
            Stamped::Known(id) => Some(id),
            Stamped::Fresh(_) => None,
        })
    }

    /// Takes an event that is stored already.
    pub(super) fn take_old(&mut self, event: CloudEvent) {
        self.old.insert(event.id.clone(), event);
    }

    /// Returns the lines to write from `offset` on. They are linked as long as each event is the newest of its series:
    /// whoever follows the links relies on that.
    pub(super) fn lines<S: Read + Seek>(
        &mut self,
        mut linker: Option<Linker<S>>,
        offset: u64,
    ) -> Result<String, LinesError> {
        let mut lines = String::new();
        for event in &mut self.events {
            let Stamped::Fresh(event) = event else {
                continue;
            };
            event.extensions.shift_remove(links::ATTRIBUTE);
            let json = encode(event)?;
            let envelope = Envelope::of(event);
            let newest = self.newest.entry(envelope.series.clone()).or_default();
            if event.time <= *newest {
                linker = None;
            }
            *newest = event.time.max(*newest);
            let place = offset + lines.len() as u64;
            if let Some(line) = tied(linker.as_mut(), place, &envelope, &json)? {
                lines.push_str(&line);
            } else {
                linker = None;
                lines.push_str(&json);
            }
            lines.push('\n');
        }
        Ok(lines)
    }

    /// Returns the batch as stored.
    pub(super) fn stored(self) -> Vec<CloudEvent> {
        let Self {
            events, mut old, ..
        } = self;
        let known: HashSet<String> = events
            .iter()
            .filter_map(|event| match event {
                Stamped::Known(id) => Some(id.clone()),
                Stamped::Fresh(_) => None,
            })
            .collect();
        let mut stored = Vec::with_capacity(events.len());
        for event in events {
            match event {
                Stamped::Fresh(event) => {
                    if known.contains(&event.id) {
                        old.insert(event.id.clone(), (*event).clone());
                    }
                    stored.push(*event);
                }
                Stamped::Known(id) => stored.extend(old.get(&id).cloned()),
            }
        }
        stored
    }

    /// Looks for an event in its series, back to its own time: it was never stored at an earlier one.
    fn is_stored<S: Read + Seek>(
        &mut self,
        linker: &mut Linker<S>,
        series: &SeriesKey,
        event: &CloudEvent,
        looks: &mut usize,
    ) -> Result<bool, Doubt> {
        let found = linker.find(SeriesNumber::of(series))?.found;
        let mut next = found.map(|links| links.offset);
        let mut later = None;
        while let Some(offset) = next {
            *looks = looks.checked_sub(1).ok_or(Doubt::Unlinked)?;
            let (line, links) = linker.line(offset)?;
            let time = in_order(&line, later)?;
            self.newest.entry(series.clone()).or_insert(Some(time));
            if line.envelope.id == event.id {
                self.take_old(line.event()?);
                return Ok(true);
            }
            if event.time.is_some_and(|own| time < own) {
                return Ok(false);
            }
            (next, later) = (links.previous, Some(time));
        }
        if linker.is_whole() {
            Ok(false)
        } else {
            Err(Doubt::Unlinked)
        }
    }
}

/// Returns the time of a line, which is before that of the line after it in its series.
pub(super) fn in_order(line: &Line, later: Option<Timestamp>) -> Result<Timestamp, Doubt> {
    let time = line.envelope.time.ok_or(Doubt::Unlinked)?;
    if later.is_some_and(|later| time >= later) {
        return Err(Doubt::Unlinked);
    }
    Ok(time)
}

/// Returns the line of an event with its links; `None` if it can't have any.
fn tied<S: Read + Seek>(
    linker: Option<&mut Linker<S>>,
    place: u64,
    envelope: &Envelope,
    json: &str,
) -> Result<Option<String>, Doubt> {
    let Some(linker) = linker else {
        return Ok(None);
    };
    match linker.extend(place, envelope) {
        Ok(links) => {
            let line = links::tie(&links, json);
            Ok((line.len() <= EVENT_LIMIT).then_some(line))
        }
        Err(Doubt::Unlinked) => Ok(None),
        Err(failed) => Err(failed),
    }
}
