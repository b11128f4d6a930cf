//! The conductor itself, and the handle that others hold.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::broadcast;

use super::journal::{Journal, JournalError};
use crate::executor::Executor;
use crate::gate::event::CloudEvent;
use crate::sequence::{Control, Engine, EngineSettings, Ignored, ProjectDefinition};

/// What a conductor consists of.
pub struct ConductorParts {
    /// Where everything is kept.
    pub journal: Arc<dyn Journal>,
    /// The settings of the engine.
    pub settings: EngineSettings,
    /// Who carries out tasks in this process; the first that takes a task gets it, and a task that none takes waits for
    /// somebody outside.
    pub bindings: Vec<Binding>,
    /// The clock.
    pub moments: Moments,
}

/// Returns the present moment.
pub type Moments = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Which tasks an executor takes.
#[derive(Clone)]
pub struct Binding {
    /// The task; `None`: any.
    pub task: Option<String>,
    /// The executor.
    pub executor: Arc<dyn Executor>,
}

/// Somebody's event was taken in: it is durable, and so is what followed from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The event as it was stored: its id.
    pub id: String,
    /// Its context.
    pub context: String,
    /// Why it changes nothing, where it does not.
    pub ignored: Option<Ignored>,
}

/// Something was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// It could not be stored. Nothing of it happened.
    #[error(transparent)]
    Journal(Arc<JournalError>),
    /// The conductor has stopped.
    #[error("the conductor has stopped")]
    Stopped,
}

/// A handle on a conductor; clones speak to the same one.
#[derive(Clone)]
pub struct Conductor {}

impl Conductor {
    /// Starts conducting: remembers what was under way, and calls executors again for what they had begun.
    pub async fn start(_parts: ConductorParts) -> Result<Self, JournalError> {
        Ok(Self {})
    }

    /// Takes an event in. When this returns, the event and everything that followed from it are durable.
    pub async fn submit(&self, _event: CloudEvent) -> Result<Accepted, SubmitError> {
        Err(SubmitError::Stopped)
    }

    /// Pauses, resumes or aborts; the control is stored like an event.
    pub async fn control(&self, _control: Control) -> Result<Accepted, SubmitError> {
        Err(SubmitError::Stopped)
    }

    /// Tells the engine of a project that is new, changed, or gone.
    pub async fn define(
        &self,
        _project: String,
        _definition: Option<ProjectDefinition>,
    ) -> Result<(), SubmitError> {
        Err(SubmitError::Stopped)
    }

    /// Asks the engine something, between two inputs.
    pub async fn ask<T: Send + 'static>(
        &self,
        _question: impl FnOnce(&Engine) -> T + Send + 'static,
    ) -> Result<T, SubmitError> {
        Err(SubmitError::Stopped)
    }

    /// Hears of every event once it is durable. Who is too slow misses some, and is told how many.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<CloudEvent>> {
        broadcast::channel(1).1
    }

    /// Stops: no input is taken any more, executors are dropped, and what they had begun is begun again at the next start.
    pub async fn stop(&self) {}
}
