//! A page of events: along the trails of the subjects that can have them, or by a scan where that is cheaper or surer.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use futures_util::future::join_all;
use jiff::Timestamp;

use super::fault::Fault;
use super::message::{Found, Messages, Stored};
use super::stream::StreamState;
use super::subject::Subjects;
use super::walk::{Stop, Walk};
use crate::eventlog::filter::{Filter, Kinds};
use crate::eventlog::page::Page;
use crate::eventlog::warnings::Warnings;
use crate::gate::event::CloudEvent;

/// The most events that are fetched one by one; for more a scan is faster.
const MOST_FETCHED: usize = 256;
/// The most messages that are looked at one by one before a scan takes over.
const MOST_LOOKED_AT: usize = 2000;
/// The most subjects whose trails are followed.
const MOST_SUBJECTS: usize = 1000;
/// How many requests are under way at once.
const AT_ONCE: usize = 16;

/// What is to be read, and from where.
pub(super) struct Reading<'a> {
    /// The messages of the stream.
    pub messages: &'a Messages,
    /// The stream as it was a moment ago, with the subjects that the filter's pattern lets through.
    pub state: &'a StreamState,
    /// Which events.
    pub filter: &'a Filter,
    /// How many at most.
    pub limit: usize,
}

impl Reading<'_> {
    /// Reads a page.
    pub(super) async fn page(&self) -> Result<Page, Fault> {
        let mut warnings = Warnings::default();
        for setting in self.state.config.forgets() {
            warnings.add(format_args!("stream `{}`", self.messages.stream), setting);
        }
        let subjects: BTreeMap<&str, u64> = self
            .state
            .subjects()
            .into_iter()
            .filter(|(subject, _)| Subjects::admits(self.filter, subject))
            .collect();
        let total = subjects
            .values()
            .fold(0, |sum: u64, count| sum.saturating_add(*count));
        let wanted = self.limit.min(usize::try_from(total).unwrap_or(usize::MAX));
        let found = if wanted == 0 {
            Vec::new()
        } else if wanted > MOST_FETCHED || subjects.len() > MOST_SUBJECTS || self.is_everything() {
            self.scanned(&mut warnings).await?
        } else {
            self.walked(subjects.keys().copied().collect(), &mut warnings)
                .await?
        };
        let mut events: Vec<CloudEvent> = Vec::with_capacity(found.len());
        for stored in found {
            let place = stored.place(&self.messages.stream);
            if let Ok(Found { event, .. }) = stored.content {
                warnings.check_time(place, &event);
                events.push(event);
            }
        }
        Ok(Page {
            events,
            warnings: warnings.into_lines(),
        })
    }

    /// Tells whether someone wants to see all there is: then what is broken is to be seen, too.
    fn is_everything(&self) -> bool {
        self.limit > MOST_FETCHED && self.filter.kinds == Kinds::Any
    }

    /// Reads every message.
    async fn scanned(&self, warnings: &mut Warnings) -> Result<Vec<Stored>, Fault> {
        let pattern = self.messages.subjects.of_filter(self.filter);
        Ok(self.scan(&pattern, warnings).await?.into())
    }

    /// Reads every message that a pattern lets through; keeps the newest that the filter lets through.
    async fn scan(
        &self,
        pattern: &str,
        warnings: &mut Warnings,
    ) -> Result<VecDeque<Stored>, Fault> {
        let mut newest = Newest::new(self.limit);
        let stream = &self.messages.stream;
        let take = |stored: Stored| match &stored.content {
            Ok(found) if self.filter.admits(&found.envelope) => newest.take(stored),
            Ok(_not_wanted) => {}
            Err(problem) => warnings.add(stored.place(stream), problem),
        };
        self.messages.scan(pattern, take).await?;
        Ok(newest.into_events())
    }

    /// Follows the trails of subjects; a subject whose trail is lost is scanned.
    async fn walked(
        &self,
        subjects: Vec<&str>,
        warnings: &mut Warnings,
    ) -> Result<Vec<Stored>, Fault> {
        let mut scanned: HashMap<&str, VecDeque<Stored>> = HashMap::new();
        loop {
            let sources = subjects.iter().map(|subject| Source {
                subject,
                ready: scanned.get(subject).cloned().unwrap_or_default(),
                walk: (!scanned.contains_key(subject)).then(|| {
                    let first = self.state.state.first_seq;
                    Walk::new(self.messages, subject, &self.filter.results, first)
                }),
            });
            match self.merged(sources.collect()).await {
                Ok(found) => return Ok(found),
                Err(Merge::Failed(fault)) => return Err(fault),
                Err(Merge::TooFar) => return self.scanned(warnings).await,
                Err(Merge::Lost(lost)) => {
                    for subject in lost {
                        let events = self.scan(subject, warnings).await?;
                        scanned.insert(subject, events);
                    }
                }
            }
        }
    }

    /// Takes the newest event of all sources, again and again.
    async fn merged<'s>(&self, mut sources: Vec<Source<'s>>) -> Result<Vec<Stored>, Merge<'s>> {
        let mut found = Vec::new();
        let mut looked_at = 0;
        while found.len() < self.limit {
            let ahead = if sources.len() == 1 {
                self.limit - found.len()
            } else {
                4
            };
            fill(&mut sources, ahead).await?;
            let next = sources
                .iter_mut()
                .filter(|source| !source.ready.is_empty())
                .max_by(|a, b| a.order().cmp(&b.order()));
            let Some(stored) = next.and_then(|source| source.ready.pop_front()) else {
                break;
            };
            looked_at += 1;
            if looked_at > MOST_LOOKED_AT {
                return Err(Merge::TooFar);
            }
            let Some(Found { envelope, .. }) = stored.found() else {
                continue;
            };
            let is_too_old = |since: Timestamp| envelope.time.is_none_or(|time| time < since);
            if self.filter.since.is_some_and(is_too_old) {
                break;
            }
            if self.filter.admits(envelope) {
                found.push(stored);
            }
        }
        Ok(found)
    }
}

/// Why the trails gave no page.
enum Merge<'s> {
    /// The server failed.
    Failed(Fault),
    /// The trails of these subjects are lost.
    Lost(Vec<&'s str>),
    /// There was too much to look at.
    TooFar,
}

/// Where events come from, newest first.
struct Source<'s> {
    /// The subject.
    subject: &'s str,
    /// Those that are here already.
    ready: VecDeque<Stored>,
    /// Where others come from.
    walk: Option<Walk<'s>>,
}

impl Source<'_> {
    /// Returns the place of the next event in the order.
    fn order(&self) -> Option<(Option<Timestamp>, &String)> {
        Some(self.ready.front()?.found()?.envelope.order())
    }

    /// Fetches the next few.
    async fn fill(&mut self, ahead: usize) -> Result<(), Stop> {
        let Some(walk) = &mut self.walk else {
            return Ok(());
        };
        let some = walk.next(ahead).await?;
        if some.is_empty() {
            self.walk = None;
        }
        self.ready.extend(some);
        Ok(())
    }
}

/// Fills every source that has nothing ready.
async fn fill<'s>(sources: &mut [Source<'s>], ahead: usize) -> Result<(), Merge<'s>> {
    let dry = sources
        .iter_mut()
        .filter(|source| source.ready.is_empty() && source.walk.is_some());
    let mut dry: Vec<&mut Source<'s>> = dry.collect();
    let mut lost = Vec::new();
    for some in dry.chunks_mut(AT_ONCE) {
        let mut filling = Vec::with_capacity(AT_ONCE);
        for source in some {
            filling.push(async move { (source.subject, source.fill(ahead).await) });
        }
        for (subject, outcome) in join_all(filling).await {
            match outcome {
                Ok(()) => {}
                Err(Stop::Lost) => lost.push(subject),
                Err(Stop::Failed(fault)) => return Err(Merge::Failed(fault)),
            }
        }
    }
    if lost.is_empty() {
        Ok(())
    } else {
        Err(Merge::Lost(lost))
    }
}

/// The newest events of many; of several with one id the one that was stored first.
struct Newest {
    /// How many are kept.
    limit: usize,
    /// Those, in their order.
    kept: BTreeMap<(Option<Timestamp>, String), Stored>,
    /// Their ids.
    ids: HashSet<String>,
}

impl Newest {
    /// Keeps so many.
    fn new(limit: usize) -> Self {
        Self {
            limit,
            kept: BTreeMap::new(),
            ids: HashSet::new(),
        }
    }

    /// Takes an event, if it is new enough.
    fn take(&mut self, stored: Stored) {
        let Some(Found { envelope, .. }) = stored.found() else {
            return;
        };
        if !self.ids.insert(envelope.id.clone()) {
            return;
        }
        self.kept
            .insert((envelope.time, envelope.id.clone()), stored);
        if self.kept.len() > self.limit
            && let Some(((_, id), _)) = self.kept.pop_first()
        {
            self.ids.remove(&id);
        }
    }

    /// Returns them, newest first.
    fn into_events(self) -> VecDeque<Stored> {
        self.kept.into_values().rev().collect()
    }
}
