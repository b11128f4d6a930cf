//! Appending: look at the newest keys, stamp, store.

use std::collections::HashMap;

use futures_util::StreamExt as _;
use futures_util::future::try_join;
use jiff::{SignedDuration, Timestamp};

use super::ObjectLog;
use super::key::{Half, Key, Place};
use super::scan::{Entry, Scan, Scope};
use super::wanted::is_last;
use crate::eventlog::envelope::{Envelope, SeriesKey, encode, stamp};
use crate::eventlog::{AppendError, RemoteFailure, Times, Trouble};
use crate::gate::event::CloudEvent;

/// How many keys of a series an append looks at first.
const FIRST: usize = 50;
/// How many objects are stored at once.
const AT_ONCE: usize = 16;

/// An event that is to be stored.
struct Fresh {
    /// Where.
    path: String,
    /// What.
    json: String,
    /// Whether it makes the others count.
    is_last: bool,
}

/// What is stored already around a batch.
struct Around {
    /// The earliest object of each id.
    known: HashMap<String, Entry>,
    /// The newest time of each series.
    newest: HashMap<Place, Timestamp>,
}

/// What becomes of an event of a batch.
enum Fate {
    /// It is stored as it is here.
    Stored(Box<CloudEvent>),
    /// One of this id is stored already.
    Known(Box<Entry>),
    /// One of this id stands earlier in the batch, there.
    Repeated(usize),
}

impl ObjectLog {
    /// Stamps events and stores them.
    pub(super) async fn store(
        &self,
        events: Vec<CloudEvent>,
        times: Times,
    ) -> Result<Vec<CloudEvent>, AppendError> {
        for event in &events {
            encode(event)?;
        }
        if events.is_empty() {
            return Ok(events);
        }
        let checked = async { self.check_version().await.map_err(AppendError::from) };
        let around = async { self.around(&events).await.map_err(AppendError::from) };
        let ((), around) = try_join(checked, around).await?;
        let (fates, fresh) = around.settle(events, times, &self.base)?;
        self.put_all(&fresh).await?;
        self.as_stored(fates).await
    }

    /// Looks at what is stored: as far back as the events' own times, because none is ever stored before its own.
    async fn around(&self, events: &[CloudEvent]) -> Result<Around, RemoteFailure> {
        let mut floors: HashMap<(Half, Vec<String>), Option<Timestamp>> = HashMap::new();
        for event in events {
            let place = Place::of(&SeriesKey::of(event));
            let floor = event.time.and_then(|time| {
                // A stamp is a millisecond later than the newest before it.
                time.checked_sub(SignedDuration::from_millis(1)).ok()
            });
            let series = vec![place.project.clone(), place.stage, place.service];
            for scope in [
                (Half::Events, series),
                (Half::Steering, vec![place.project]),
            ] {
                let known = floors.entry(scope).or_insert(floor);
                *known = floor.min(*known);
            }
        }
        let survey = |half, names, floor| async move {
            let scope = Scope {
                half,
                names,
                newest: None,
                first: FIRST,
            };
            let mut scan = Scan::new(&self.bucket, &self.base, scope);
            scan.reach(floor).await?;
            Ok::<_, RemoteFailure>(scan.entries)
        };
        let surveys: Vec<_> = floors
            .into_iter()
            .map(|((half, names), floor)| survey(half, names, floor))
            .collect();
        let mut around = Around {
            known: HashMap::new(),
            newest: HashMap::new(),
        };
        let mut answers = futures_util::stream::iter(surveys).buffer_unordered(AT_ONCE);
        while let Some(entries) = answers.next().await {
            entries?.into_iter().for_each(|entry| around.add(entry));
        }
        Ok(around)
    }

    /// Stores all; what makes an evaluation count comes after everything else of the batch.
    async fn put_all(&self, fresh: &[Fresh]) -> Result<(), RemoteFailure> {
        for is_last in [false, true] {
            let wave = fresh.iter().filter(|one| one.is_last == is_last);
            let puts: Vec<_> = wave
                .map(|one| self.bucket.put(&one.path, &one.json))
                .collect();
            let mut answers = futures_util::stream::iter(puts).buffered(AT_ONCE);
            let mut worst = Ok(());
            // All of them end before the first failure is told: none may be stored behind our back later.
            while let Some(answer) = answers.next().await {
                worst = worst.and(answer);
            }
            worst?;
        }
        Ok(())
    }

    /// Returns the events of a batch as they are stored.
    async fn as_stored(&self, fates: Vec<Fate>) -> Result<Vec<CloudEvent>, AppendError> {
        let mut reads = Vec::new();
        for fate in &fates {
            if let Fate::Known(entry) = fate {
                reads.push(self.stored(entry));
            }
        }
        let known: Vec<_> = futures_util::stream::iter(reads)
            .buffered(AT_ONCE)
            .collect()
            .await;
        let mut known = known.into_iter();
        let mut stored: Vec<CloudEvent> = Vec::with_capacity(fates.len());
        for fate in fates {
            let event = match fate {
                Fate::Stored(event) => Some(*event),
                Fate::Known(_) => known.next().transpose()?.flatten(),
                Fate::Repeated(position) => stored.get(position).cloned(),
            };
            stored.push(event.ok_or_else(|| {
                let text =
                    "an event that was stored already was removed meanwhile; append it again";
                self.bucket.cannot(Trouble::InDoubt, text)
            })?);
        }
        Ok(stored)
    }
}

impl Around {
    /// Adds an object.
    fn add(&mut self, entry: Entry) {
        if let Some(time) = entry.key.time {
            let newest = self.newest.entry(entry.key.place.clone()).or_insert(time);
            *newest = time.max(*newest);
        }
        match self.known.get_mut(&entry.id) {
            Some(known) if (known.key.time, &known.path) <= (entry.key.time, &entry.path) => {}
            Some(known) => *known = entry,
            None => drop(self.known.insert(entry.id.clone(), entry)),
        }
    }

    /// Decides what becomes of each event, and what is to be stored.
    fn settle(
        mut self,
        events: Vec<CloudEvent>,
        times: Times,
        base: &str,
    ) -> Result<(Vec<Fate>, Vec<Fresh>), AppendError> {
        let (mut fates, mut fresh) = (Vec::with_capacity(events.len()), Vec::new());
        let mut positions: HashMap<String, usize> = HashMap::new();
        for (position, mut event) in events.into_iter().enumerate() {
            if let Some(first) = positions.get(&event.id) {
                fates.push(Fate::Repeated(*first));
                continue;
            }
            positions.insert(event.id.clone(), position);
            if let Some(entry) = self.known.remove(&event.id) {
                fates.push(Fate::Known(Box::new(entry)));
                continue;
            }
            let own = event.time;
            let place = Place::of(&SeriesKey::of(&event));
            if times == Times::Stamped {
                event.time = stamp(own, self.newest.get(&place).copied());
                if let Some(time) = event.time {
                    self.newest.insert(place, time);
                }
            }
            let json = encode(&event)?;
            let key = Key::of(&Envelope::of(&event), own, json.as_bytes());
            fresh.push(Fresh {
                path: format!("{base}{}", key.path()),
                json,
                is_last: is_last(&event.event_type),
            });
            fates.push(Fate::Stored(Box::new(event)));
        }
        Ok((fates, fresh))
    }
}
