//! Puts the server together: the store, the conductor with its executors, and every family of routes behind the guard.

use std::path::Path;
use std::sync::Arc;

use axum::Router;

use super::access::Guard;
use super::catalogue::Catalogue;
use super::metrics::{MeteredJournal, Metrics, count_events};
use super::router::router;
use super::routes::system::{self, SystemParts};
use super::routes::uniform::{self, UniformParts};
use super::settings::ServeSettings;
use super::uniform::{FailureLog, KeepError, Registry};
use crate::app::{Conductor, ConductorParts, Journal, JournalError, Moments};

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

/// Puts a server together.
pub async fn assemble(
    settings: &ServeSettings,
    parts: ServerParts,
    folder: &Path,
) -> Result<Assembled, AssemblyError> {
    let ServerParts { moments } = parts;
    let metrics = Arc::new(Metrics::new());
    let registry = Arc::new(Registry::open(folder, settings.integration_ttl)?);
    let log = Arc::new(FailureLog::open(folder, moments())?);
    let log_settings = crate::eventlog::EventLogSettings::new(crate::eventlog::LogUrl::Memory);
    let event_log: Arc<dyn crate::eventlog::EventLog> = Arc::from(crate::eventlog::open(log_settings).unwrap());
    let journal: Arc<dyn Journal> = Arc::new(MeteredJournal {
        journal: Arc::new(crate::app::LogJournal::new(event_log, String::new(), String::new(), settings.engine.clone())),
        metrics: Arc::clone(&metrics),
    });
    let conductor = Conductor::start(ConductorParts {
        journal,
        settings: settings.engine.clone(),
        bindings: Vec::new(),
        moments: Arc::clone(&moments),
    })
    .await?;
    tokio::spawn(count_events(
        conductor.subscribe(),
        Arc::clone(&metrics),
        Arc::clone(&moments),
    ));
    let families = [
        system::routes(SystemParts {
            conductor: conductor.clone(),
            catalogue: Catalogue::default(),
            metrics: Arc::clone(&metrics),
        }),
        uniform::routes(UniformParts {
            registry,
            log,
            moments,
        }),
    ];
    let guard = Arc::new(Guard::new(&settings.access, settings.limits.clone()));
    Ok(Assembled {
        router: router(families, guard),
        metrics,
        conductor,
    })
}
