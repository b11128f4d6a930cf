//! Puts the server together: the store, the conductor with its executors, and every family of routes behind the guard.

use std::path::Path;
use std::sync::Arc;

use axum::{Router, middleware};

use super::access::{Guard, guard};
use super::metrics::Metrics;
use super::settings::ServeSettings;
use super::uniform::KeepError;
use crate::app::{Conductor, JournalError, Moments};

/// What the surroundings give.
pub struct ServerParts {
    /// The clock.
    pub moments: Moments,
}

/// What was stored can't be used.
#[derive(Debug, thiserror::Error)]
pub enum AssemblyError {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Integrations, and what they wrote down.
    #[error(transparent)]
    Keep(#[from] KeepError),
}

/// A server that is ready.
pub struct Assembled {
    /// Where requests go.
    pub router: Router,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Who conducts.
    conductor: Conductor,
}

impl Assembled {
    /// Stops conducting.
    pub async fn stop(self) {
        self.conductor.stop().await;
    }
}
