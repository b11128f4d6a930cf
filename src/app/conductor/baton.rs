//! The conductor itself, and the handle that others hold.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{broadcast, mpsc, oneshot};

use super::actor::Actor;
use super::journal::{Journal, JournalError};
use super::request::{Matter, Order, Origin, Reply, Request};
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

/// How many requests may wait; whoever comes next waits outside.
const MOST_WAITING: usize = 1024;
/// How many events a subscriber may lag behind before it misses some.
const MOST_BEHIND: usize = 16 * 1024;

/// A handle on a conductor; clones speak to the same one.
#[derive(Clone)]
pub struct Conductor {
    /// The way to the one task that does everything.
    requests: mpsc::Sender<Request>,
    /// Where events are published.
    published: broadcast::Sender<Arc<CloudEvent>>,
}

impl Conductor {
    /// Starts conducting: remembers what was under way, and calls executors again for what they had begun.
    pub async fn start(parts: ConductorParts) -> Result<Self, JournalError> {
        let (requests, receiver) = mpsc::channel(MOST_WAITING);
        let (published, _) = broadcast::channel(MOST_BEHIND);
        let conductor = Self {
            requests,
            published: published.clone(),
        };
        let sender = conductor.requests.downgrade();
        let actor = Actor::start(parts, receiver, sender, published).await?;
        tokio::spawn(actor.conduct());
        Ok(conductor)
    }

    /// Takes an event in. When this returns, the event and everything that followed from it are durable. An event without
    /// an id or a context gets one; its time is the moment at which it is taken in.
    pub async fn submit(&self, event: CloudEvent) -> Result<Accepted, SubmitError> {
        let matter = Matter::Event(event, Origin::Anyone);
        self.order(matter, Reply::Accepted).await
    }

    /// Pauses, resumes or aborts; the control is stored like an event.
    pub async fn control(&self, control: Control) -> Result<Accepted, SubmitError> {
        self.order(Matter::Control(control), Reply::Accepted).await
    }

    /// Tells the engine of a project that is new, changed, or gone. The definition itself is kept by whoever tells it.
    pub async fn define(
        &self,
        project: String,
        definition: Option<ProjectDefinition>,
    ) -> Result<(), SubmitError> {
        let matter = Matter::Project(project, definition);
        self.order(matter, Reply::Done).await
    }

    /// Asks the engine something, between two inputs: what it sees is durable.
    pub async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Engine) -> T + Send + 'static,
    ) -> Result<T, SubmitError> {
        let (sender, answer) = oneshot::channel();
        let question = Box::new(move |engine: &Engine| drop(sender.send(question(engine))));
        self.send(Request::Question(question)).await?;
        answer.await.map_err(stopped)
    }

    /// Hears of every event once it is durable. Who is too slow misses some, and is told how many.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<CloudEvent>> {
        self.published.subscribe()
    }

    /// Stops: no input is taken any more, executors are dropped, and what they had begun is begun again at the next start.
    pub async fn stop(&self) {
        let (sender, stopped) = oneshot::channel();
        if self.send(Request::Stop(sender)).await.is_ok() {
            // An error says that another call stopped it.
            drop(stopped.await);
        }
    }

    /// Sends an order and waits until it is carried out.
    async fn order<T>(
        &self,
        matter: Matter,
        reply: impl FnOnce(oneshot::Sender<Result<T, SubmitError>>) -> Reply,
    ) -> Result<T, SubmitError> {
        let (sender, answer) = oneshot::channel();
        let reply = reply(sender);
        let order = Box::new(Order { matter, reply });
        self.send(Request::Order(order)).await?;
        answer.await.map_err(stopped)?
    }

    /// Sends a request.
    async fn send(&self, request: Request) -> Result<(), SubmitError> {
        let sent = self.requests.send(request).await;
        sent.map_err(|_closed| SubmitError::Stopped)
    }
}

/// Says that nobody answers any more.
fn stopped(_closed: oneshot::error::RecvError) -> SubmitError {
    SubmitError::Stopped
}
