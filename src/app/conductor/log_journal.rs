//! A journal of one run, in any event log: the state is not stored, but built again from the events.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;

use super::journal::{Entry, Journal, JournalError, Remembered};
use super::replay::{Replay, Replayed};
use crate::app::chronology::Chronology;
use crate::eventlog::{EventLog, Filter, Times};
use crate::gate::event::CloudEvent;
use crate::sequence::EngineSettings;

/// A journal of one run.
pub struct LogJournal {
    /// The log.
    log: Arc<dyn EventLog>,
    /// The project.
    project: String,
    /// The Keptn context of the run.
    context: String,
    /// The settings of the engine.
    settings: EngineSettings,
}

impl LogJournal {
    /// Opens the journal of a run. Its first event has to be its [charter](super::Charter).
    #[must_use]
    pub fn new(
        log: Arc<dyn EventLog>,
        project: String,
        context: String,
        settings: EngineSettings,
    ) -> Self {
        Self {
            log,
            project,
            context,
            settings,
        }
    }

    /// Returns every event of the run, oldest first.
    pub async fn events(&self) -> Result<Vec<CloudEvent>, JournalError> {
        let filter = Filter {
            context: Some(self.context.clone()),
            project: Some(self.project.clone()),
            ..Filter::default()
        };
        let mut chronology = Chronology::new(self.log.as_ref(), filter);
        let mut all = Vec::new();
        while let Some(events) = chronology.next().await? {
            all.extend(events);
        }
        // A log with holes would be another history.
        match chronology.warnings.into_iter().next() {
            Some(warning) => Err(JournalError::Damaged(warning)),
            None => Ok(all),
        }
    }
}

#[async_trait]
impl Journal for LogJournal {
    async fn remember(&self) -> Result<Remembered, JournalError> {
        let mut replay = Replay::new(self.settings.clone());
        for event in self.events().await? {
            replay.take(event);
        }
        let Replayed {
            engine,
            lost,
            latest,
        } = replay.end();
        if !lost.is_empty() {
            self.log.append(lost, Times::Kept).await?;
        }
        let definition = engine.project(&self.project).cloned();
        let projects: BTreeMap<_, _> = definition
            .map(|definition| (self.project.clone(), definition))
            .into_iter()
            .collect();
        Ok(Remembered {
            projects,
            open: engine.open().cloned().collect(),
            latest,
        })
    }

    async fn known(&self, ids: &[String]) -> Result<BTreeSet<String>, JournalError> {
        let mut known = BTreeSet::new();
        for id in ids {
            let filter = Filter {
                id: Some(id.clone()),
                ..Filter::default()
            };
            let page = self.log.events(&filter, 1).await?;
            known.extend(page.events.into_iter().map(|event| event.id));
        }
        Ok(known)
    }

    async fn commit(&self, entries: Vec<Entry>) -> Result<(), JournalError> {
        let events = entries
            .into_iter()
            .flat_map(|entry| entry.input.into_iter().chain(entry.events));
        let events: Vec<CloudEvent> = events.collect();
        if !events.is_empty() {
            self.log.append(events, Times::Kept).await?;
        }
        Ok(())
    }
}
