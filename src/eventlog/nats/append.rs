//! Appending: each event follows the last message of its subject, or is not stored; whoever comes second reads again.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use async_nats::HeaderMap;
use futures_util::future::try_join_all;
use jiff::Timestamp;
use serde::Deserialize;
use tokio::time::{Instant, sleep};

use super::fault::{ApiError, Fault};
use super::link::{Unanswered, parse_answer};
use super::message::{Found, Messages};
use super::place::Place;
use super::stream::StreamState;
use super::subject::word;
use super::tail::{Tail, is_event};
use crate::eventlog::Times;
use crate::eventlog::envelope::{Envelope, encode, stamp};
use crate::eventlog::failure::{AppendError, Trouble};
use crate::gate::event::CloudEvent;

/// How many bytes of a message are left for its headers.
pub(super) const HEADROOM: usize = 4096;
/// How long to wait where for now nobody takes a message: a cluster chooses who leads.
const PAUSE: Duration = Duration::from_millis(100);

/// Events could not be appended.
#[derive(Debug)]
pub(super) enum AppendFault {
    /// The server did not take them.
    Server(Fault),
    /// They can't be written at all.
    Event(AppendError),
}

impl From<Fault> for AppendFault {
    fn from(fault: Fault) -> Self {
        Self::Server(fault)
    }
}

/// The ends of the subjects of a series, as far as they are known, by subject.
pub(super) type Ends = HashMap<String, Tail>;

/// An append to one series.
pub(super) struct Append<'a> {
    /// The messages of the stream.
    pub messages: &'a Messages,
    /// Where the stream is.
    pub place: &'a Place,
    /// What is known of the ends of the subjects of the series.
    pub ends: Ends,
    /// What becomes of the times.
    pub times: Times,
}

/// What became of a message.
enum Published {
    /// It is stored.
    Stored,
    /// One of its id is stored, with this number; or it was, and is removed.
    Known(u64),
    /// Another message came first.
    TooLate,
    /// For now nobody takes it.
    NobodyThere,
}

impl Append<'_> {
    /// Stores one event, unless it is stored already; returns it as stored.
    pub(super) async fn store(&mut self, event: CloudEvent) -> Result<CloudEvent, AppendFault> {
        let id = event.id.clone();
        let subject = self.messages.subjects.of(&Envelope::of(&event));
        let timeout = self.messages.link.timeout();
        let end = Instant::now() + timeout;
        // After an event was removed its id is still known for a while: then it comes back by another name.
        let mut removed = None;
        while Instant::now() < end {
            let series = self.read_tails(&subject, &event).await?;
            if let Some(known) = self.find(&subject, &event).await? {
                return Ok(known);
            }
            let mut event = event.clone();
            if self.times == Times::Stamped {
                // Only now: the search may have read a later end.
                event.time = stamp(event.time, self.newest(&series));
            }
            match self.publish(&subject, &event, removed).await? {
                Published::Stored => return Ok(event),
                Published::Known(sequence) => {
                    let known = self.messages.by_number(sequence).await?;
                    let known = known.filter(|known| is_event(known, &id));
                    if let Some(Ok(Found { event, .. })) = known.map(|known| known.content) {
                        return Ok(event);
                    }
                    removed = Some(sequence);
                }
                Published::TooLate => drop(self.ends.remove(&subject)),
                Published::NobodyThere => {
                    sleep(PAUSE).await;
                    self.ends.clear();
                    StreamState::read_or_make(&self.messages.link, self.place, &subject).await?;
                }
            }
        }
        let said = format!("other writers came first for {} s", timeout.as_secs_f64());
        Err(Fault::new(Trouble::Throttled, said).into())
    }

    /// Returns the newest time of some subjects whose ends are known.
    fn newest(&self, subjects: &[String]) -> Option<Timestamp> {
        let tails = subjects.iter().filter_map(|subject| self.ends.get(subject));
        tails.filter_map(Tail::newest).max()
    }

    /// Reads the end of a subject, and of the others of its series where a stamp must be later than those; returns which
    /// were read.
    async fn read_tails(
        &mut self,
        subject: &str,
        event: &CloudEvent,
    ) -> Result<Vec<String>, Fault> {
        let mut subjects = BTreeSet::from([subject.to_owned()]);
        match self.times {
            // If what is known is not true any more, the server will say so.
            Times::Kept if self.ends.contains_key(subject) => return Ok(Vec::new()),
            Times::Kept => {}
            Times::Stamped => {
                let pattern = self.messages.subjects.of_series(&Envelope::of(event));
                let link = &self.messages.link;
                let state = StreamState::read_or_make(link, self.place, &pattern).await?;
                subjects.extend(state.subjects().into_keys().map(str::to_owned));
            }
        }
        let messages = self.messages;
        let mut reads = Vec::with_capacity(subjects.len());
        for subject in subjects {
            let known = self.ends.remove(&subject);
            reads.push(async move {
                let tail = Tail::read(messages, &subject, known).await?;
                Ok::<_, Fault>((subject, tail))
            });
        }
        let read = try_join_all(reads).await?;
        let subjects = read.iter().map(|(subject, _)| subject.clone()).collect();
        self.ends.extend(read);
        Ok(subjects)
    }

    /// Looks for the event in its subject.
    async fn find(
        &mut self,
        subject: &str,
        event: &CloudEvent,
    ) -> Result<Option<CloudEvent>, Fault> {
        let tail = self.ends.entry(subject.to_owned()).or_default();
        let found = tail
            .find(self.messages, subject, &event.id, event.time)
            .await?;
        Ok(found.and_then(|stored| Some(stored.content.ok()?.event)))
    }

    /// Sends an event to the end of its subject.
    async fn publish(
        &mut self,
        subject: &str,
        event: &CloudEvent,
        removed: Option<u64>,
    ) -> Result<Published, AppendFault> {
        let Messages {
            link,
            stream,
            identity,
            ..
        } = self.messages;
        let known = self.ends.entry(subject.to_owned()).or_default();
        let envelope = Envelope::of(event);
        let trail = known.trail_for(&envelope);
        let mut headers = HeaderMap::new();
        let name = removed.map_or_else(String::new, |number| format!("~{number}"));
        headers.insert("Nats-Msg-Id", format!("{}{name}", word(&event.id)));
        headers.insert("Nats-Expected-Stream", stream.as_str());
        match known.end {
            None => headers.insert(
                "Nats-Expected-Last-Subject-Sequence",
                known.sequence.to_string(),
            ),
            Some(end) => headers.insert("Nats-Expected-Last-Sequence", end.to_string()),
        }
        trail.write(identity, &mut headers);
        let json = encode(event).map_err(AppendFault::Event)?;
        let answer = match link
            .request(subject, Some(headers), json.into_bytes())
            .await
        {
            Ok(answer) => answer,
            Err(Unanswered::NobodyThere) => return Ok(Published::NobodyThere),
            Err(Unanswered::Lost(fault)) => {
                return Err(Fault::new(Trouble::InDoubt, fault.said).into());
            }
            Err(Unanswered::Failed(fault)) => return Err(fault.into()),
        };
        match parse_answer::<Acknowledged>(&answer.payload)? {
            Ok(Acknowledged {
                seq,
                duplicate: true,
            }) => Ok(Published::Known(seq)),
            Ok(Acknowledged {
                seq,
                duplicate: false,
            }) => {
                known.push(seq, envelope, trail);
                Ok(Published::Stored)
            }
            Err(error) if error.err_code == ApiError::WRONG_LAST => Ok(Published::TooLate),
            Err(error) => Err(error.into_fault("the stream did not take the event").into()),
        }
    }
}

/// What the server says of a message that it stored.
#[derive(Deserialize)]
struct Acknowledged {
    /// The number.
    seq: u64,
    /// Whether it was stored before.
    #[serde(default)]
    duplicate: bool,
}

/// Refuses a batch with an event that the server would not take.
pub(super) fn check_sizes(events: &[CloudEvent], most: usize) -> Result<(), AppendError> {
    for event in events {
        let size = encode(event)?.len();
        let limit = most.saturating_sub(HEADROOM);
        if size > limit {
            let id = event.id.clone();
            return Err(AppendError::TooLarge { id, size, limit });
        }
    }
    Ok(())
}
