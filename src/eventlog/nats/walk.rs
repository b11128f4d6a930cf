//! The newest events of one subject, along the trail that its messages carry.

use futures_util::future::try_join_all;
use jiff::Timestamp;

use super::fault::Fault;
use super::message::{Messages, Stored};
use super::trail::{LENGTH, Order, Trail};
use crate::gate::Verdict;

/// Why a walk went no further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// There is no trail, or it leads nowhere: only a scan of the subject is right.
    Lost,
    /// The server failed.
    Failed(Fault),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault)
    }
}

/// A walk from the last message of a subject to its first.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    /// The messages of the stream.
    messages: &'a Messages,
    /// The subject.
    subject: String,
    /// Which results are wanted; none stands for any.
    results: &'a [Verdict],
    /// The oldest message of the stream.
    first: u64,
    /// Where the walk is.
    at: At,
}

/// Where a walk is.
#[derive(Debug)]
enum At {
    /// Before the last message.
    Start,
    /// At a message.
    Message(Step),
    /// At a message without a trail.
    Unmarked,
    /// At the end.
    End,
}

/// A message on the way.
#[derive(Debug)]
struct Step {
    /// Its number.
    sequence: u64,
    /// Its place in the order.
    order: (Option<Timestamp>, String),
    /// What it says of those before it.
    trail: Trail,
}

impl<'a> Walk<'a> {
    /// Begins at the last message of a subject.
    pub(super) fn new(
        messages: &'a Messages,
        subject: &str,
        results: &'a [Verdict],
        first: u64,
    ) -> Self {
        Self {
            messages,
            subject: subject.to_owned(),
            results,
            first,
            at: At::Start,
        }
    }

    /// Returns the next few messages, newest first, each with an event; none at the end. The first is the last of the
    /// subject, whatever its result is.
    pub(super) async fn next(&mut self, wanted: usize) -> Result<Vec<Stored>, Stop> {
        let step = match std::mem::replace(&mut self.at, At::End) {
            At::End => return Ok(Vec::new()),
            At::Unmarked => return Err(Stop::Lost),
            At::Start => {
                let Some(last) = self.messages.last_of(&self.subject).await?.stored else {
                    return Ok(Vec::new());
                };
                let event = last.found().ok_or(Stop::Lost)?;
                // Whether this one is the newest, only a trail tells.
                let trail = last.trail.as_ref().ok_or(Stop::Lost)?;
                if trail.order == Order::NotHere {
                    return Err(Stop::Lost);
                }
                let order = (event.envelope.time, event.envelope.id.clone());
                self.at = At::Message(Step {
                    sequence: last.sequence,
                    order,
                    trail: trail.clone(),
                });
                return Ok(vec![last]);
            }
            At::Message(step) => step,
        };
        self.follow(step, wanted).await
    }

    /// Goes on from a message.
    async fn follow(&mut self, step: Step, wanted: usize) -> Result<Vec<Stored>, Stop> {
        let (mut numbers, is_whole) = step.trail.earlier(self.results);
        let named = numbers.len();
        numbers.retain(|number| *number >= self.first);
        let mut is_end = is_whole || numbers.len() < named;
        let unordered = match step.trail.order {
            Order::Throughout => 0,
            Order::After(number) => number,
            Order::NotHere => u64::MAX,
        };
        let there = numbers.len();
        numbers.retain(|number| *number > unordered);
        if numbers.len() < there {
            is_end = false;
        }
        for some in numbers.chunks(wanted.clamp(1, LENGTH)) {
            let fetched = some.iter().map(|number| self.messages.by_number(*number));
            let fetched = try_join_all(fetched).await?;
            // What was removed is passed over: the others tell the way.
            let found: Vec<Stored> = fetched.into_iter().flatten().collect();
            if !found.is_empty() {
                self.at = self.check(&step, &found)?;
                return Ok(found);
            }
        }
        if is_end {
            Ok(Vec::new())
        } else {
            Err(Stop::Lost)
        }
    }

    /// Checks that the trail told the truth; returns where it led.
    fn check(&self, from: &Step, found: &[Stored]) -> Result<At, Stop> {
        let mut before = from.order.clone();
        let mut at = At::Unmarked;
        for stored in found {
            let event = stored.found().ok_or(Stop::Lost)?;
            let order = (event.envelope.time, event.envelope.id.clone());
            let is_wanted = self.results.is_empty()
                || event
                    .envelope
                    .result
                    .is_some_and(|own| self.results.contains(&own));
            if stored.subject != self.subject
                || stored.sequence >= from.sequence
                || order >= before
                || !is_wanted
            {
                return Err(Stop::Lost);
            }
            before.clone_from(&order);
            at = match &stored.trail {
                Some(trail) => At::Message(Step {
                    sequence: stored.sequence,
                    order,
                    trail: trail.clone(),
                }),
                None => At::Unmarked,
            };
        }
        Ok(at)
    }
}
