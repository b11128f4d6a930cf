//! A log that lives as long as the process: for trying things out, for backtests, and for tests.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::envelope::{Envelope, encode};
use super::failure::{AppendError, ReadError};
use super::filter::Filter;
use super::index::{Index, Stamped};
use super::page::Page;
use super::warnings::Warnings;
use super::{EventLog, Times};
use crate::gate::event::CloudEvent;

/// A log in memory; gone when it is dropped.
#[derive(Debug, Default)]
pub struct MemoryLog {
    /// The events, with their envelopes.
    index: Mutex<Index<CloudEvent>>,
}

impl MemoryLog {
    /// Returns an empty log.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the index. A batch is added in one step that can't panic half-way, so a poisoned lock harms nothing.
    fn index(&self) -> MutexGuard<'_, Index<CloudEvent>> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl EventLog for MemoryLog {
    async fn append(
        &self,
        events: Vec<CloudEvent>,
        times: Times,
    ) -> Result<Vec<CloudEvent>, AppendError> {
        let mut index = self.index();
        let stamped = index.stamp(events, times);
        for event in &stamped {
            if let Stamped::Fresh(event) = event {
                encode(event)?;
            }
        }
        let mut stored = Vec::with_capacity(stamped.len());
        for event in stamped {
            match event {
                Stamped::Fresh(event) => {
                    index.insert(Envelope::of(&event), (*event).clone());
                    stored.push(*event);
                }
                Stamped::Known(id) => stored.extend(index.place(&id).cloned()),
            }
        }
        Ok(stored)
    }

    async fn events(&self, filter: &Filter, limit: usize) -> Result<Page, ReadError> {
        let index = self.index();
        let mut warnings = Warnings::default();
        let mut events = Vec::new();
        for entry in index.matching(filter).into_iter().take(limit) {
            warnings.check_time("memory", &entry.place);
            events.push(entry.place.clone());
        }
        Ok(Page {
            events,
            warnings: warnings.into_lines(),
        })
    }

    async fn remove(&self, events: &[CloudEvent]) -> Result<usize, AppendError> {
        let ids = events.iter().map(|event| event.id.as_str()).collect();
        Ok(self.index().remove(&ids))
    }
}
