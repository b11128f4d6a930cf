//! What a conductor is asked to do, and how whoever asked hears of it.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::baton::{Accepted, SubmitError};
use super::journal::JournalError;
use crate::gate::event::CloudEvent;
use crate::sequence::{Control, Engine, ProjectDefinition};

/// What a conductor is asked to do.
pub(super) enum Request {
    /// Something to step the engine with.
    Order(Box<Order>),
    /// A question to the engine.
    Question(Question),
    /// To stop; the sender is told when it has.
    Stop(oneshot::Sender<()>),
}

/// A question to the engine; it answers on its own.
pub(super) type Question = Box<dyn FnOnce(&Engine) + Send>;

/// Something to step the engine with.
pub(super) struct Order {
    /// What.
    pub(super) matter: Matter,
    /// Who waits for it.
    pub(super) reply: Reply,
}

/// What the engine is stepped with.
#[derive(Clone)]
pub(super) enum Matter {
    /// An event.
    Event(CloudEvent, Origin),
    /// Somebody pauses, resumes or aborts.
    Control(Control),
    /// A project is new, changed, or gone.
    Project(String, Option<ProjectDefinition>),
}

/// Where an event comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// From anywhere: it may have come before.
    Anyone,
    /// From an executor of ours, for the first time.
    Ourselves,
}

/// Who waits for an order.
pub(super) enum Reply {
    /// Somebody who sent an event or a control.
    Accepted(oneshot::Sender<Result<Accepted, SubmitError>>),
    /// Somebody who defined a project.
    Done(oneshot::Sender<Result<(), SubmitError>>),
}

impl Reply {
    /// Says that it is durable. Who no longer waits misses nothing that is not stored.
    pub(super) fn accept(self, accepted: Accepted) {
        match self {
            Self::Accepted(sender) => drop(sender.send(Ok(accepted))),
            Self::Done(sender) => drop(sender.send(Ok(()))),
        }
    }

    /// Says that nothing of it happened.
    pub(super) fn refuse(self, error: &Arc<JournalError>) {
        let error = SubmitError::Journal(Arc::clone(error));
        match self {
            Self::Accepted(sender) => drop(sender.send(Err(error))),
            Self::Done(sender) => drop(sender.send(Err(error))),
        }
    }
}
