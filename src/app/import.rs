//! Copies the history of another log, event by event, as it is: ids and times stay, and nothing is stored twice.

use std::collections::{BTreeMap, HashSet};

use jiff::SignedDuration;

use super::pages::{PAGE, Pages};
use crate::eventlog::{AppendError, EventLog, Filter, Kinds, ReadError, Times};
use crate::gate::event::{CloudEvent, EventType, upgrade};

/// The types that are asked for: those that count as history, and what they were called before Keptn 0.8.
const ASKED: [&str; 9] = [
    EventType::FINISHED,
    EventType::TRIGGERED,
    EventType::INVALIDATED,
    EventType::REINSTATED,
    EventType::PINNED,
    EventType::UNPINNED,
    "sh.keptn.events.evaluation-done",
    "sh.keptn.events.evaluation.invalidated",
    "sh.keptn.event.start-evaluation",
];

/// Whether something is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It is.
    Store,
    /// It is only counted.
    Count,
}

/// An import came to an end before its time. What it stored until then stays, and is known when it is repeated.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The other log can't be read.
    #[error(transparent)]
    Source(ReadError),
    /// Our log can't be read.
    #[error(transparent)]
    Read(ReadError),
    /// Our log can't be written.
    #[error(transparent)]
    Append(AppendError),
}

/// What an import came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// How many events were read.
    pub read: usize,
    /// How many were stored, or would be.
    pub new: usize,
    /// How many were stored before.
    pub known: usize,
    /// How many of those that count are of a Keptn before 0.8, and were brought into the form of today.
    pub upgraded: usize,
    /// How many were left out, by the reason.
    pub skipped: BTreeMap<&'static str, usize>,
    /// What could not be read, with its place.
    pub problems: Vec<String>,
}

/// Takes events into a log.
pub struct Importer<'a> {
    /// The log.
    log: &'a dyn EventLog,
    /// Whether they are stored.
    purpose: Purpose,
    /// Only events of these projects; empty: of all.
    projects: &'a [String],
    /// The ids of the events so far.
    seen: HashSet<String>,
    /// What it came to so far.
    imported: Imported,
}

impl<'a> Importer<'a> {
    /// Starts an import of some projects, or of all where none is named.
    pub fn new(log: &'a dyn EventLog, purpose: Purpose, projects: &'a [String]) -> Self {
        Self {
            log,
            purpose,
            projects,
            seen: HashSet::new(),
            imported: Imported::default(),
        }
    }

    /// Returns what it came to so far.
    pub fn imported(&self) -> &Imported {
        &self.imported
    }

    /// Names what could not be read.
    pub fn complain(&mut self, problems: impl IntoIterator<Item = String>) {
        self.imported.problems.extend(problems);
    }

    /// Takes the whole history that another log has of a project.
    pub async fn take_history(
        &mut self,
        source: &dyn EventLog,
        project: &str,
    ) -> Result<(), ImportError> {
        for event_type in ASKED {
            let filter = Filter {
                project: Some(project.to_owned()),
                kinds: Kinds::only(event_type),
                ..Filter::default()
            };
            let mut pages = Pages::of(source, filter);
            while let Some(page) = pages.next().await.map_err(ImportError::Source)? {
                self.complain(page.warnings);
                self.take(page.events).await?;
            }
        }
        Ok(())
    }

    /// Takes events of any kind and order.
    pub async fn take(&mut self, events: Vec<CloudEvent>) -> Result<(), ImportError> {
        let mut by_project: BTreeMap<String, Vec<CloudEvent>> = BTreeMap::new();
        for event in events {
            self.imported.read += 1;
            match self.sorted(event) {
                Ok((project, event)) => by_project.entry(project).or_default().push(event),
                Err(reason) => *self.imported.skipped.entry(reason).or_default() += 1,
            }
        }
        for (project, mut events) in by_project {
            // Newest first, so that what is known of a part of them lies close together.
            events.sort_by(|a, b| (b.time, &b.id).cmp(&(a.time, &a.id)));
            for part in events.chunks(PAGE) {
                self.store(&project, part).await?;
            }
        }
        Ok(())
    }

    /// Returns an event in the form of today, and its project; or why it is left out.
    fn sorted(&mut self, event: CloudEvent) -> Result<(String, CloudEvent), &'static str> {
        let old_type = event.event_type.clone();
        let event = upgrade(event);
        let counts = [EventType::FINISHED, EventType::TRIGGERED];
        let is_evaluation = counts.contains(&event.event_type.as_str());
        if !is_evaluation && !EventType::is_steering(&event.event_type) {
            return Err("of a type that is no history");
        }
        let project = event.data_text("project");
        if project.is_empty()
            || is_evaluation
                && (event.data_text("stage").is_empty() || event.data_text("service").is_empty())
        {
            return Err("without a project, stage, or service");
        }
        if !self.projects.is_empty() && !self.projects.contains(&project) {
            return Err("of another project");
        }
        if event.time.is_none() {
            return Err("without a readable time");
        }
        if old_type != event.event_type {
            self.imported.upgraded += 1;
        }
        Ok((project, event))
    }

    /// Stores those events of a part of a project's history that are not known yet.
    async fn store(&mut self, project: &str, part: &[CloudEvent]) -> Result<(), ImportError> {
        let known = self.known(project, part).await?;
        let mut fresh = Vec::new();
        for event in part {
            if self.seen.insert(event.id.clone()) && !known.contains(&event.id) {
                fresh.push(event.clone());
            } else {
                self.imported.known += 1;
            }
        }
        if fresh.is_empty() || self.purpose == Purpose::Count {
            self.imported.new += fresh.len();
            return Ok(());
        }
        let stored = self.log.append(fresh.clone(), Times::Kept).await;
        let stored = stored.map_err(ImportError::Append)?;
        // One that was stored before, at another time, came back with that.
        let pairs = stored.iter().zip(&fresh);
        let new = pairs
            .filter(|(stored, sent)| stored.time == sent.time)
            .count();
        self.imported.new += new;
        self.imported.known += fresh.len() - new;
        Ok(())
    }

    /// Returns the ids that our log has within the times of a part.
    async fn known(
        &self,
        project: &str,
        part: &[CloudEvent],
    ) -> Result<HashSet<String>, ImportError> {
        let (newest, oldest) = (part.first(), part.last());
        let newest = newest.and_then(|event| event.time);
        let next = |time: jiff::Timestamp| time.checked_add(SignedDuration::from_nanos(1)).ok();
        let filter = Filter {
            project: Some(project.to_owned()),
            since: oldest.and_then(|event| event.time),
            until: newest.and_then(next),
            ..Filter::default()
        };
        let mut pages = Pages::of(self.log, filter);
        let mut known = HashSet::new();
        while let Some(page) = pages.next().await.map_err(ImportError::Read)? {
            known.extend(page.events.into_iter().map(|event| event.id));
        }
        Ok(known)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::eventlog::{EventLogSettings, open};

    fn log() -> Box<dyn EventLog> {
        open(EventLogSettings::new("memory:".parse().unwrap())).unwrap()
    }

    fn event(id: &str, event_type: &str, time: &str) -> CloudEvent {
        let json = json!({
            "id": id, "type": event_type, "time": time, "triggeredid": "t",
            "data": {"project": "sockshop", "stage": "staging", "service": "carts", "result": "pass"},
        });
        serde_json::from_value(json).unwrap()
    }

    fn history() -> Vec<CloudEvent> {
        vec![
            event("1", EventType::FINISHED, "2024-02-01T10:00:00Z"),
            event("2", EventType::INVALIDATED, "2024-02-03T10:00:00Z"),
            event(
                "3",
                "sh.keptn.events.evaluation-done",
                "2020-02-02T10:00:00Z",
            ),
        ]
    }

    async fn ids(log: &dyn EventLog) -> Vec<String> {
        let page = log.events(&Filter::default(), 10).await.unwrap();
        page.events.into_iter().map(|event| event.id).collect()
    }

    #[tokio::test]
    async fn an_import_that_is_repeated_stores_nothing_twice() {
        let log = log();
        for (new, known) in [(3, 0), (0, 3)] {
            let mut importer = Importer::new(&*log, Purpose::Store, &[]);
            importer.take(history()).await.unwrap();
            let result = importer.imported();
            assert_eq!((result.read, result.new, result.known), (3, new, known));
            assert_eq!(result.upgraded, 1);
        }
        assert_eq!(ids(&*log).await, ["2", "1", "3"]);
    }

    #[tokio::test]
    async fn an_event_that_is_stored_at_another_time_is_known() {
        let log = log();
        log.append(history(), Times::Kept).await.unwrap();
        let moved = event("1", EventType::FINISHED, "2024-02-09T10:00:00Z");
        let mut importer = Importer::new(&*log, Purpose::Store, &[]);
        importer.take(vec![moved.clone(), moved]).await.unwrap();
        assert_eq!((importer.imported().new, importer.imported().known), (0, 2));
    }

    #[tokio::test]
    async fn counting_stores_nothing() {
        let log = log();
        let mut importer = Importer::new(&*log, Purpose::Count, &[]);
        importer.take(history()).await.unwrap();
        assert_eq!(importer.imported().new, 3);
        assert!(ids(&*log).await.is_empty());
    }

    #[tokio::test]
    async fn what_is_no_history_is_left_out_with_the_reason() {
        let log = log();
        let mut nowhere = event("4", EventType::FINISHED, "2024-02-01T10:00:00Z");
        nowhere.data.set("service", "".into());
        let mut elsewhere = event("5", EventType::FINISHED, "2024-02-01T10:00:00Z");
        elsewhere.data.set("project", "bookshop".into());
        let events = vec![
            event(
                "1",
                "sh.keptn.event.get-sli.finished",
                "2024-02-01T10:00:00Z",
            ),
            event(
                "2",
                "sh.keptn.event.evaluation.started",
                "2024-02-01T10:00:00Z",
            ),
            event("3", EventType::FINISHED, "yesterday"),
            nowhere,
            elsewhere,
        ];
        let projects = ["sockshop".to_owned()];
        let mut importer = Importer::new(&*log, Purpose::Store, &projects);
        importer.take(events).await.unwrap();
        let skipped: Vec<_> = importer.imported().skipped.clone().into_iter().collect();
        assert_eq!(
            skipped,
            [
                ("of a type that is no history", 2),
                ("of another project", 1),
                ("without a project, stage, or service", 1),
                ("without a readable time", 1),
            ]
        );
        assert!(ids(&*log).await.is_empty());
    }

    #[tokio::test]
    async fn a_history_is_taken_page_by_page_in_the_form_of_today() {
        let (source, log) = (log(), log());
        let many = (0..1200).map(|n| {
            let time = format!("2024-02-01T{:02}:{:02}:00Z", n / 60, n % 60);
            event(&format!("e{n}"), EventType::FINISHED, &time)
        });
        source
            .append(many.chain(history()).collect(), Times::Kept)
            .await
            .unwrap();
        let mut importer = Importer::new(&*log, Purpose::Store, &[]);
        importer.take_history(&*source, "sockshop").await.unwrap();
        assert_eq!(importer.imported().new, 1203);
        let filter = Filter {
            kinds: Kinds::only(EventType::FINISHED),
            ..Filter::default()
        };
        assert_eq!(log.events(&filter, 2000).await.unwrap().events.len(), 1202);
    }
}
