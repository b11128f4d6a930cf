//! Reading: which questions a filter comes to, their pages, and the order of the log, which is not that of Keptn.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use futures_util::future::try_join_all;
use jiff::Timestamp;

use super::KeptnLog;
use super::marks::unmarked;
use crate::control::{EventQuestion, KeptnClient};
use crate::eventlog::envelope::Envelope;
use crate::eventlog::failure::{ReadError, RemoteFailure, Trouble};
use crate::eventlog::filter::{Filter, Kinds};
use crate::eventlog::page::Page;
use crate::eventlog::warnings::Warnings;
use crate::gate::event::{CloudEvent, EventType};

/// How many questions are asked at the same time.
const AT_ONCE: usize = 4;
/// How many events more than needed are asked for: Keptn orders those of one second by their text.
pub(super) const SPARE: usize = 10;
/// The most pages of one question.
const MOST_PAGES: usize = 100_000;
/// The most pages in a row that bring nothing new: a few may, while others append.
const MOST_STALE_PAGES: usize = 10;
/// The types that say something about evaluations, as far as they can be asked for.
const STEERING: [&str; 4] = [
    EventType::INVALIDATED,
    EventType::REINSTATED,
    EventType::PINNED,
    EventType::UNPINNED,
];

impl KeptnLog {
    /// Reads the newest events that a filter lets through.
    pub(super) async fn read(&self, filter: &Filter, limit: usize) -> Result<Page, ReadError> {
        let mut found = Found::default();
        if limit == 0 {
            return Ok(Page::default());
        }
        let questions = self.questions(filter).await?;
        for several in questions.chunks(AT_ONCE) {
            let asked = several
                .iter()
                .map(|question| self.answer(question, filter, limit));
            for part in try_join_all(asked).await? {
                found.join(part);
            }
        }
        Ok(found.into_page(&self.name, limit))
    }

    /// Answers one question, by the shortest way there is.
    async fn answer(
        &self,
        question: &EventQuestion,
        filter: &Filter,
        limit: usize,
    ) -> Result<Found, ReadError> {
        if let Some(found) = self.narrowed(question, filter, limit).await? {
            return Ok(found);
        }
        let mut found = Found::default();
        let mut pages = Pages::new(self, question.clone(), limit.saturating_add(SPARE).max(20));
        while let Some(events) = pages.next().await? {
            let oldest = oldest_second(&events);
            for event in events {
                found.take(filter, event);
            }
            if found.is_complete(limit, oldest) {
                break;
            }
        }
        found.warnings = pages.warnings;
        Ok(found)
    }

    /// Returns the questions that a filter comes to: Keptn answers for one project and one type at a time.
    async fn questions(&self, filter: &Filter) -> Result<Vec<EventQuestion>, ReadError> {
        let projects = match (&filter.project, &filter.context) {
            (Some(project), _) => vec![Some(project.clone())],
            // Keptn knows where a context belongs.
            (None, Some(_)) => vec![None],
            (None, None) => {
                let known = self.projects().await?;
                known.into_iter().map(Some).chain([None]).collect()
            }
        };
        let types: Vec<Option<String>> = match &filter.kinds {
            Kinds::Any => vec![None],
            Kinds::Types(types) => types.iter().cloned().map(Some).collect(),
            Kinds::Steering => STEERING.iter().map(|one| Some((*one).to_owned())).collect(),
        };
        let before = filter.before.as_ref();
        let until = [filter.until, before.and_then(|before| before.time)];
        let question = |project: &Option<String>, event_type: &Option<String>| EventQuestion {
            project: project.clone(),
            stage: filter.stage.clone(),
            service: filter.service.clone(),
            event_type: event_type.clone(),
            context: filter.context.clone(),
            id: None,
            since: filter.since,
            until: until.into_iter().flatten().min(),
        };
        let of_project = |project| types.iter().map(move |one| question(project, one));
        Ok(projects.iter().flat_map(of_project).collect())
    }
}

/// The pages of a question, one after the other.
pub(super) struct Pages<'a> {
    /// Whom to ask.
    log: &'a KeptnLog,
    /// What to ask.
    question: EventQuestion,
    /// How many events a page has.
    size: usize,
    /// Where the next page begins; `None` at the start.
    key: Option<String>,
    /// How many pages were read; `None` at the end.
    read: Option<usize>,
    /// How many of the last pages brought nothing new.
    stale: usize,
    /// Keptn's ids of the events so far: pages are counted from the newest event, and shift when one is added.
    seen: HashSet<String>,
    /// What could not be read.
    pub warnings: Warnings,
}

impl<'a> Pages<'a> {
    /// Starts at the newest event.
    pub(super) fn new(log: &'a KeptnLog, question: EventQuestion, size: usize) -> Self {
        Self {
            log,
            question,
            size: size.min(KeptnClient::LARGEST_PAGE),
            key: None,
            read: Some(0),
            stale: 0,
            seen: HashSet::new(),
            warnings: Warnings::default(),
        }
    }

    /// Reads the next page; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<CloudEvent>>, ReadError> {
        let Some(read) = self.read else {
            return Ok(None);
        };
        let client = &self.log.client;
        let key = self.key.as_deref();
        let page = client.events(&self.question, self.size, key).await;
        let page = page.map_err(|error| self.log.failure(error))?;
        let events = self.events(&page.events);
        self.stale = if events.is_empty() { self.stale + 1 } else { 0 };
        let is_lost = page.next.is_some()
            && (page.next == self.key || self.stale > MOST_STALE_PAGES || read > MOST_PAGES);
        if is_lost {
            let problem = "its pages have no end";
            return Err(RemoteFailure::new(&self.log.name, Trouble::BadAnswer, problem).into());
        }
        self.read = page.next.is_some().then_some(read + 1);
        self.key = page.next;
        Ok(Some(events))
    }

    /// Reads the events of a page that are new, under our ids.
    pub(super) fn events(&mut self, page: &[Box<serde_json::value::RawValue>]) -> Vec<CloudEvent> {
        let mut events = Vec::with_capacity(page.len());
        for json in page {
            match serde_json::from_str::<CloudEvent>(json.get()) {
                Ok(event) if self.seen.insert(event.id.clone()) => events.push(unmarked(event)),
                Ok(_known) => {}
                Err(error) => self.warnings.add(
                    &self.log.name,
                    format_args!("an event can't be read: {error}"),
                ),
            }
        }
        events
    }
}

/// The events that were found, each under our id once: the one that was stored first.
#[derive(Default)]
pub(super) struct Found {
    /// The events by their ids.
    events: HashMap<String, (Envelope, CloudEvent)>,
    /// What could not be read.
    pub warnings: Warnings,
}

impl Found {
    /// Takes an event if the filter lets it through.
    pub(super) fn take(&mut self, filter: &Filter, event: CloudEvent) {
        let envelope = Envelope::of(&event);
        if filter.admits(&envelope) {
            self.insert(envelope, event);
        }
    }

    /// Keeps the older one of two that have one id.
    fn insert(&mut self, envelope: Envelope, event: CloudEvent) {
        let earlier = self.events.get(&envelope.id);
        if earlier.is_none_or(|(earlier, _)| envelope.time < earlier.time) {
            self.events.insert(envelope.id.clone(), (envelope, event));
        }
    }

    /// Adds what another question found.
    fn join(&mut self, other: Self) {
        for (envelope, event) in other.events.into_values() {
            self.insert(envelope, event);
        }
        self.warnings.join(other.warnings);
    }

    /// Tells whether no later page can hold an event that belongs among the newest `limit`, when the oldest event so far
    /// is of that second. Within one second Keptn's order means nothing.
    pub(super) fn is_complete(&self, limit: usize, oldest: Option<i64>) -> bool {
        let Some(oldest) = oldest.filter(|_| self.events.len() >= limit) else {
            return false;
        };
        let mut seconds: Vec<i64> = self.events.values().map(|(e, _)| second(e.time)).collect();
        seconds.sort_unstable_by_key(|second| Reverse(*second));
        let last = limit.checked_sub(1).and_then(|last| seconds.get(last));
        last.is_some_and(|last| oldest < *last)
    }

    /// Returns the newest events in the order of the log.
    fn into_page(self, log: &str, limit: usize) -> Page {
        let Self {
            events,
            mut warnings,
        } = self;
        let mut events: Vec<(Envelope, CloudEvent)> = events.into_values().collect();
        events.sort_unstable_by(|(a, _), (b, _)| b.order().cmp(&a.order()));
        events.truncate(limit);
        let events: Vec<CloudEvent> = events.into_iter().map(|(_, event)| event).collect();
        for event in &events {
            warnings.check_time(log, event);
        }
        Page {
            events,
            warnings: warnings.into_lines(),
        }
    }
}

/// Returns the second of the oldest event of a page; `None` where the page has none, or one of them has no time.
pub(super) fn oldest_second(events: &[CloudEvent]) -> Option<i64> {
    events
        .iter()
        .map(|event| event.time.map(Timestamp::as_second))
        .min()
        .flatten()
}

/// Returns the second of a time; that of none is before all.
fn second(time: Option<Timestamp>) -> i64 {
    time.map_or(i64::MIN, Timestamp::as_second)
}
