//! Reading events: keys first, then the objects that were chosen by them.

use std::collections::{HashMap, HashSet};

use futures_util::StreamExt as _;
use jiff::Timestamp;

use super::ObjectLog;
use super::key::{Key, inverted};
use super::scan::{Entry, PAGE, Scan, Scope};
use super::wanted::Wanted;
use crate::eventlog::Kinds;
use crate::eventlog::envelope::Envelope;
use crate::eventlog::warnings::Warnings;
use crate::eventlog::{EVENT_LIMIT, Filter, Page, ReadError, RemoteFailure, Trouble};
use crate::gate::event::CloudEvent;

/// How many objects are read at once.
const AT_ONCE: usize = 16;

/// What became of an object that was to be read.
enum Fetched {
    /// It is an event.
    Event(Box<CloudEvent>),
    /// It is not there any more.
    Gone,
    /// It is damaged, and how.
    Broken(String),
}

impl ObjectLog {
    /// Reads the events that a filter lets through, newest first.
    pub(super) async fn read(&self, filter: &Filter, limit: usize) -> Result<Page, ReadError> {
        let wanted = Wanted::of(filter);
        let limit = limit.min(filter.id.as_ref().map_or(usize::MAX, |_| 1));
        if limit == 0 || wanted.halves.is_empty() {
            return Ok(Page::default());
        }
        let mut scans = self.scans(filter, &wanted);
        let mut warnings = Warnings::default();
        let mut fetched: HashMap<String, Box<CloudEvent>> = HashMap::new();
        let mut lost: HashSet<String> = HashSet::new();
        let chosen = loop {
            let chosen = choose(&mut scans, &wanted, filter, limit, &lost).await?;
            let missing: Vec<&Entry> = chosen
                .iter()
                .filter(|entry| !fetched.contains_key(&entry.path))
                .collect();
            if missing.is_empty() {
                break chosen;
            }
            let reads: Vec<_> = missing.iter().map(|entry| self.fetch(entry)).collect();
            let mut answers = futures_util::stream::iter(reads).buffered(AT_ONCE);
            let mut answered = missing.iter();
            while let (Some(entry), Some(answer)) = (answered.next(), answers.next().await) {
                match answer? {
                    Fetched::Event(event) => {
                        fetched.insert(entry.path.clone(), event);
                        continue;
                    }
                    Fetched::Gone => {}
                    Fetched::Broken(problem) => {
                        warnings.add(self.bucket.shown(&entry.path), problem);
                    }
                }
                lost.insert(entry.path.clone());
            }
        };
        // That nothing was said about evaluations is usual, and whoever asks for that asks for evaluations, too.
        let is_suspicious = filter.kinds != Kinds::Steering && scans.iter().all(Scan::is_empty);
        if is_suspicious {
            self.check_version().await?;
        }
        for stranger in scans.iter().flat_map(|scan| &scan.strangers) {
            warnings.add(self.bucket.shown(stranger), "is no event of tidegate");
        }
        let mut events = Vec::with_capacity(chosen.len());
        for entry in &chosen {
            if let Some(event) = fetched.remove(&entry.path) {
                warnings.check_time(self.bucket.shown(&entry.path), &event);
                events.push(*event);
            }
        }
        Ok(Page {
            events,
            warnings: warnings.into_lines(),
        })
    }

    /// Makes the scans that a filter needs.
    fn scans(&self, filter: &Filter, wanted: &Wanted<'_>) -> Vec<Scan<'_>> {
        let before = filter.before.as_ref().map(|cursor| inverted(cursor.time));
        let until = filter.until.map(|time| inverted(Some(time)));
        // The later an inverted time is in the order of keys, the older it is.
        let newest = before.max(until);
        let halves = wanted.halves.iter();
        let scopes = halves.map(|half| Scope {
            half: *half,
            names: wanted.names(),
            newest: newest.clone(),
            first: PAGE,
        });
        scopes
            .map(|scope| Scan::new(&self.bucket, &self.base, scope))
            .collect()
    }

    /// Reads one event as it is stored; `None` where it is not there any more.
    pub(super) async fn stored(&self, entry: &Entry) -> Result<Option<CloudEvent>, RemoteFailure> {
        match self.fetch(entry).await? {
            Fetched::Event(event) => Ok(Some(*event)),
            Fetched::Gone => Ok(None),
            Fetched::Broken(problem) => Err(self.bucket.cannot(
                Trouble::BadAnswer,
                format!(
                    "{} {problem}; delete it, and append the event again",
                    self.bucket.shown(&entry.path)
                ),
            )),
        }
    }

    /// Reads one object, and checks that it is what its key says.
    async fn fetch(&self, entry: &Entry) -> Result<Fetched, RemoteFailure> {
        let limit = u64::try_from(EVENT_LIMIT).unwrap_or(u64::MAX);
        if entry.size > limit {
            return Ok(Fetched::Broken(format!(
                "has {} bytes; an event has at most {limit}",
                entry.size
            )));
        }
        let Some(json) = self.bucket.get(&entry.path).await? else {
            return Ok(Fetched::Gone);
        };
        let Ok(envelope) = Envelope::parse(&json) else {
            return Ok(Fetched::Broken("is damaged: it holds no event".to_owned()));
        };
        let found = Key::of(&envelope, entry.key.own, &json);
        if found.id != entry.key.id {
            return Ok(Fetched::Broken(format!(
                "is damaged: it holds the event `{}`",
                envelope.id
            )));
        }
        if found != entry.key {
            return Ok(Fetched::Broken(
                "is damaged: its content is not what its key says".to_owned(),
            ));
        }
        Ok(match serde_json::from_slice(&json) {
            Ok(event) => Fetched::Event(Box::new(event)),
            Err(error) => Fetched::Broken(format!("is damaged: {error}")),
        })
    }
}

/// Chooses the events of a page by their keys, and lists as much as that takes.
async fn choose(
    scans: &mut [Scan<'_>],
    wanted: &Wanted<'_>,
    filter: &Filter,
    limit: usize,
    lost: &HashSet<String>,
) -> Result<Vec<Entry>, RemoteFailure> {
    loop {
        let entries = scans.iter().flat_map(|scan| &scan.entries);
        // Of too few keys nothing can be chosen yet.
        let is_hopeless = filter.since.is_none() && entries.clone().count() < limit;
        let mut floor = None;
        if !is_hopeless || scans.iter().all(|scan| scan.reaches(None)) {
            let mut found = wanted.matching(entries.filter(|entry| !lost.contains(&entry.path)));
            found.truncate(limit);
            floor = lowest(&found, filter, limit);
            if scans.iter().all(|scan| scan.reaches(floor)) {
                return Ok(found.into_iter().cloned().collect());
            }
        }
        let mut pages = Vec::new();
        for scan in scans.iter_mut().filter(|scan| !scan.reaches(floor)) {
            pages.push(scan.read_page());
        }
        for page in futures_util::future::join_all(pages).await {
            page?;
        }
    }
}

/// Returns how far back the keys must be known for a choice to be final: an object that was stored later than its own
/// time may have a twin that stands earlier, and counts.
fn lowest(found: &[&Entry], filter: &Filter, limit: usize) -> Option<Timestamp> {
    let enough = if found.len() < limit {
        filter.since
    } else {
        found.last().and_then(|last| last.key.time)
    };
    let own = found.iter().map(|entry| entry.key.own);
    own.fold(enough, Option::min)
}
