//! A batch: the events of one series one after the other, as each names the one before it, and several series at once.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::stream::{self, StreamExt as _};

use super::append::{Append, AppendFault, Ends};
use super::fault::Fault;
use super::message::Messages;
use super::place::Place;
use crate::eventlog::Times;
use crate::eventlog::envelope::Envelope;
use crate::eventlog::failure::Trouble;
use crate::gate::event::CloudEvent;

/// How many series are written at once.
const AT_ONCE: usize = 16;

/// The ends of the subjects of a stream, as far as they are known.
#[derive(Debug, Default)]
pub(super) struct Tails {
    /// Of which stream.
    identity: String,
    /// By the pattern of their series.
    known: HashMap<String, Ends>,
}

impl Tails {
    /// Forgets what belongs to another stream.
    pub(super) fn keep_only(&mut self, identity: &str) {
        if self.identity != identity {
            self.known.clear();
            identity.clone_into(&mut self.identity);
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.known.clear();
    }
}

/// A batch under way.
pub(super) struct Batch<'a> {
    /// The messages of the stream.
    pub messages: &'a Messages,
    /// Where the stream is.
    pub place: &'a Place,
    /// What is known of the ends of its subjects.
    pub tails: &'a mut Tails,
    /// What becomes of the times.
    pub times: Times,
}

/// The events of a batch that belong to one series.
struct Part<'a> {
    /// The pattern of the series.
    series: String,
    /// The events, each with its place in the batch.
    events: Vec<(usize, CloudEvent)>,
    /// What stores them.
    append: Append<'a>,
}

/// What became of a part.
struct Outcome {
    /// The pattern of the series.
    series: String,
    /// What is known now of the ends of its subjects.
    ends: Ends,
    /// The events that are stored, as they are, each with its place in the batch.
    stored: Vec<(usize, CloudEvent)>,
    /// Why the others are not.
    fault: Option<AppendFault>,
}

impl<'a> Batch<'a> {
    /// Stores events; returns them as stored, in the order given.
    pub(super) async fn run(
        mut self,
        events: Vec<CloudEvent>,
    ) -> Result<Vec<CloudEvent>, AppendFault> {
        let count = events.len();
        let parts = self.parts(events);
        let is_stopped = AtomicBool::new(false);
        let mut outcomes = Vec::with_capacity(parts.len());
        for part in parts {
            outcomes.push(part.run(&is_stopped));
        }
        let mut outcomes = stream::iter(outcomes).buffer_unordered(AT_ONCE);
        let mut stored: Vec<Option<CloudEvent>> = vec![None; count];
        let mut faults = Vec::new();
        // Also after a fault: what is under way is waited for, so that it is known what is stored.
        while let Some(outcome) = outcomes.next().await {
            self.tails.known.insert(outcome.series, outcome.ends);
            for (place, event) in outcome.stored {
                if let Some(slot) = stored.get_mut(place) {
                    *slot = Some(event);
                }
            }
            faults.extend(outcome.fault);
        }
        let stored: Vec<CloudEvent> = stored.into_iter().flatten().collect();
        match worst(faults) {
            None => Ok(stored),
            Some(fault) => Err(in_the_middle(fault, stored.len(), count)),
        }
    }

    /// Sorts events by their series.
    fn parts(&mut self, events: Vec<CloudEvent>) -> Vec<Part<'a>> {
        let mut order: Vec<(usize, CloudEvent)> = events.into_iter().enumerate().collect();
        if self.times == Times::Kept {
            // Oldest first: that keeps the trails in order.
            order.sort_by(|(_, a), (_, b)| (a.time, &a.id).cmp(&(b.time, &b.id)));
        }
        let mut parts: BTreeMap<String, Vec<(usize, CloudEvent)>> = BTreeMap::new();
        for (place, event) in order {
            let series = self.messages.subjects.of_series(&Envelope::of(&event));
            parts.entry(series).or_default().push((place, event));
        }
        let part = |(series, events): (String, _)| Part {
            append: Append {
                messages: self.messages,
                place: self.place,
                ends: self.tails.known.remove(&series).unwrap_or_default(),
                times: self.times,
            },
            series,
            events,
        };
        parts.into_iter().map(part).collect()
    }
}

impl Part<'_> {
    /// Stores the events one after the other, until one can't be stored, here or in another part.
    async fn run(mut self, is_stopped: &AtomicBool) -> Outcome {
        let mut stored = Vec::with_capacity(self.events.len());
        let mut fault = None;
        for (place, event) in self.events {
            if is_stopped.load(Ordering::Relaxed) {
                break;
            }
            match self.append.store(event).await {
                Ok(event) => stored.push((place, event)),
                Err(reason) => {
                    is_stopped.store(true, Ordering::Relaxed);
                    fault = Some(reason);
                    break;
                }
            }
        }
        Outcome {
            series: self.series,
            ends: self.append.ends,
            stored,
            fault,
        }
    }
}

/// Returns the fault to tell: one that leaves open what is stored, or else the first.
fn worst(mut faults: Vec<AppendFault>) -> Option<AppendFault> {
    let in_doubt = |fault: &AppendFault| match fault {
        AppendFault::Server(fault) => fault.trouble == Trouble::InDoubt,
        AppendFault::Event(_) => false,
    };
    let worst = faults.iter().position(in_doubt).unwrap_or_default();
    (worst < faults.len()).then(|| faults.swap_remove(worst))
}

/// Says, of a fault after some events of a batch were stored, that they are.
fn in_the_middle(fault: AppendFault, done: usize, count: usize) -> AppendFault {
    match fault {
        AppendFault::Server(Fault { said, .. }) if done > 0 => {
            let said = format!("{done} of {count} events are stored; then: {said}");
            AppendFault::Server(Fault::new(Trouble::InDoubt, said))
        }
        AppendFault::Server(_) | AppendFault::Event(_) => fault,
    }
}
