//! Where a conductor keeps what happened.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::gate::event::CloudEvent;
use crate::sequence::{Execution, ProjectDefinition};

/// Keeps inputs, and what followed from them.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Returns what was under way when the journal was last written.
    async fn remember(&self) -> Result<Remembered, JournalError>;

    /// Returns which of these ids it has already.
    async fn known(&self, ids: &[String]) -> Result<BTreeSet<String>, JournalError>;

    /// Stores entries, all or none of them; durable when this returns. An event whose id is there already stays as it is.
    async fn commit(&self, entries: Vec<Entry>) -> Result<(), JournalError>;
}

/// One input, and what followed from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The event that came in; `None` where time alone passed, or a project changed.
    pub input: Option<CloudEvent>,
    /// The events that follow.
    pub events: Vec<CloudEvent>,
    /// The executions that are new or changed.
    pub changed: Vec<Execution>,
}

/// What a journal remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Remembered {
    /// The projects.
    pub projects: BTreeMap<String, ProjectDefinition>,
    /// The executions that are open.
    pub open: Vec<Execution>,
    /// The latest moment that was given to an event.
    pub latest: Option<Timestamp>,
}

/// A journal can't be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// It can't be read.
    #[error(transparent)]
    Read(#[from] crate::eventlog::ReadError),
    /// It can't be written.
    #[error(transparent)]
    Append(#[from] crate::eventlog::AppendError),
    /// What it holds can't be understood.
    #[error("the journal can't be understood: {0}")]
    Damaged(String),
}
