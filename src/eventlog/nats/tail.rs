//! The end of a subject: what the next message must follow, and which ids stand before it.

use std::collections::HashMap;

use jiff::Timestamp;

use super::fault::Fault;
use super::message::{self, Found, Messages, Stored};
use super::trail::Trail;
use super::walk::{Stop, Walk};
use crate::eventlog::envelope::Envelope;

/// The most messages that are looked at one by one for an id, before all ids of the subject are read.
const MOST_LOOKED_AT: usize = 60;

/// The end of a subject.
#[derive(Clone, Debug, Default)]
pub(super) struct Tail {
    /// The last message, an event or not; 0 where there is none.
    pub sequence: u64,
    /// The last number of the whole stream, where the server lost track of the subject.
    pub end: Option<u64>,
    /// The last event.
    last: Option<Last>,
    /// The numbers of all events by their ids, once it was worth the while to read them.
    numbers: Option<HashMap<String, u64>>,
}

/// The last event of a subject.
#[derive(Clone, Debug)]
struct Last {
    /// The number of its message.
    sequence: u64,
    /// What it is found by.
    envelope: Envelope,
    /// What it says, or should say, of those before it.
    trail: Trail,
}

impl Tail {
    /// Reads the end of a subject. What is known already stays where nothing came after it.
    pub(super) async fn read(
        messages: &Messages,
        subject: &str,
        known: Option<Self>,
    ) -> Result<Self, Fault> {
        let message::Last { stored, end } = messages.last_of(subject).await?;
        let Some(stored) = stored else {
            return Ok(Self {
                end,
                ..Self::default()
            });
        };
        if let Some(known) = known.filter(|known| known.sequence == stored.sequence) {
            return Ok(Self { end, ..known });
        }
        let Stored {
            sequence,
            trail,
            content,
            ..
        } = stored;
        match (content, trail) {
            (Ok(Found { envelope, .. }), Some(trail)) => Ok(Self {
                sequence,
                end,
                last: Some(Last {
                    sequence,
                    envelope,
                    trail,
                }),
                numbers: None,
            }),
            // Someone else wrote it: what it should say of those before it, only they can tell.
            _ => Ok(Self {
                end,
                ..Self::scan(messages, subject).await?
            }),
        }
    }

    /// Reads a whole subject.
    async fn scan(messages: &Messages, subject: &str) -> Result<Self, Fault> {
        let mut read = Self {
            numbers: Some(HashMap::new()),
            ..Self::default()
        };
        let take = |stored: Stored| {
            read.sequence = stored.sequence;
            if let Ok(Found { envelope, .. }) = stored.content {
                let trail = read.trail_for(&envelope);
                read.push(stored.sequence, envelope, trail);
            }
        };
        messages.scan(subject, take).await?;
        Ok(read)
    }

    /// Returns the newest time of the subject.
    pub(super) fn newest(&self) -> Option<Timestamp> {
        self.last.as_ref()?.trail.newest
    }

    /// Returns what the next event is to say of those before it.
    pub(super) fn trail_for(&self, event: &Envelope) -> Trail {
        match &self.last {
            None => Trail::first(event),
            Some(Last {
                sequence,
                envelope,
                trail,
            }) => trail.after(*sequence, envelope, event),
        }
    }

    /// Adds an event that is stored.
    pub(super) fn push(&mut self, sequence: u64, envelope: Envelope, trail: Trail) {
        self.sequence = sequence;
        self.end = None;
        if let Some(numbers) = &mut self.numbers {
            // Of several with one id the first counts.
            numbers.entry(envelope.id.clone()).or_insert(sequence);
        }
        self.last = Some(Last {
            sequence,
            envelope,
            trail,
        });
    }

    /// Forgets an event that is removed.
    pub(super) fn remove(&mut self, id: &str) {
        if let Some(numbers) = &mut self.numbers {
            numbers.remove(id);
        }
    }

    /// Makes the last message unknown, and keeps the ids.
    pub(super) async fn read_again(
        &mut self,
        messages: &Messages,
        subject: &str,
    ) -> Result<(), Fault> {
        let numbers = self.numbers.take();
        *self = Self::read(messages, subject, None).await?;
        if self.numbers.is_none() {
            self.numbers = numbers;
        }
        Ok(())
    }

    /// Looks for an event by its id among those at or after a time: a stored event never stands before its own time.
    pub(super) async fn find(
        &mut self,
        messages: &Messages,
        subject: &str,
        id: &str,
        since: Option<Timestamp>,
    ) -> Result<Option<Stored>, Fault> {
        if self.last.is_none() || since.is_some_and(|since| self.newest() < Some(since)) {
            return Ok(None);
        }
        if self.numbers.is_none() {
            match walk(messages, subject, id, since).await {
                Ok(found) => return Ok(found),
                Err(Stop::Failed(fault)) => return Err(fault),
                Err(Stop::Lost) => {
                    let end = self.end;
                    *self = Self::scan(messages, subject).await?;
                    self.end = end;
                }
            }
        }
        let number = self.numbers.as_ref().and_then(|numbers| numbers.get(id));
        let Some(number) = number else {
            return Ok(None);
        };
        let stored = messages.by_number(*number).await?;
        Ok(stored.filter(|stored| is_event(stored, id)))
    }
}

/// Tells whether a message has the event of that id.
pub(super) fn is_event(stored: &Stored, id: &str) -> bool {
    stored.found().is_some_and(|found| found.envelope.id == id)
}

/// Looks along the trail; lost where it gets long.
async fn walk(
    messages: &Messages,
    subject: &str,
    id: &str,
    since: Option<Timestamp>,
) -> Result<Option<Stored>, Stop> {
    let mut walk = Walk::new(messages, subject, &[], 0);
    let mut looked_at = 0;
    while looked_at < MOST_LOOKED_AT {
        // One first: mostly the last event is older already.
        let some = walk.next(looked_at.max(1)).await?;
        if some.is_empty() {
            return Ok(None);
        }
        for stored in some {
            looked_at += 1;
            if is_event(&stored, id) {
                return Ok(Some(stored));
            }
            let time = stored.found().and_then(|found| found.envelope.time);
            if since.is_some_and(|since| time < Some(since)) {
                return Ok(None);
            }
        }
    }
    Err(Stop::Lost)
}
