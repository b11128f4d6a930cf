//! A journal that is timed.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;

use super::Metrics;
use crate::app::{Entry, Journal, JournalError, Remembered};

/// A journal, and where it is told how long it took.
pub struct MeteredJournal {
    /// The journal.
    pub journal: Arc<dyn Journal>,
    /// The figures.
    pub metrics: Arc<Metrics>,
}

#[async_trait]
impl Journal for MeteredJournal {
    async fn remember(&self) -> Result<Remembered, JournalError> {
        self.journal.remember().await
    }

    async fn known(&self, ids: &[String]) -> Result<BTreeSet<String>, JournalError> {
        self.journal.known(ids).await
    }

    async fn commit(&self, entries: Vec<Entry>) -> Result<(), JournalError> {
        let began = Instant::now();
        let committed = self.journal.commit(entries).await;
        self.metrics.commit(began.elapsed());
        committed
    }
}
