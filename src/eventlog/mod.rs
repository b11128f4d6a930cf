//! The event log: an append-only log of `CloudEvents`, the history of the gate.
//!
//! The contract, the same for every backend:
//! - `append` returns when the events are durable, all or none of them. An event whose id is stored already is not
//!   stored twice. Each event is stamped with the later of its own time and the newest time of its series (project,
//!   stage, service) plus one millisecond, and returned as stored, so that clocks that disagree don't reorder history.
//! - `events` answers a filter, newest first by (time as an instant, id), with a limit. Events without a readable time
//!   are the oldest. An `evaluation.finished` event is invalidated if any `*.invalidated` event of the same project has
//!   the same, non-empty `triggeredid`.
//! - What is broken is named with its place in [`Page::warnings`]; the rest stays readable.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::gate::{Series, Verdict, event::CloudEvent};

/// Which events to read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Only events of this series.
    pub series: Option<Series>,
    /// Only events of this type.
    pub event_type: Option<String>,
    /// Only events of this Keptn context.
    pub context: Option<String>,
    /// Only events whose `data.result` is one of these; empty: any, or none at all.
    pub results: Vec<Verdict>,
    /// Only events at or after this instant.
    pub since: Option<Timestamp>,
    /// Only events before this place in the order: the last event of the page before.
    pub before: Option<Cursor>,
    /// What becomes of invalidated evaluations.
    pub invalidated: Invalidated,
}

/// A place in the order of events.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// The time of the event there; `None` sorts before every instant.
    pub time: Option<Timestamp>,
    /// Its id.
    pub id: String,
}

impl Cursor {
    /// Returns the place of an event.
    #[must_use]
    pub fn of(event: &CloudEvent) -> Self {
        Self {
            time: event.time,
            id: event.id.clone(),
        }
    }
}

/// What becomes of invalidated evaluations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Invalidated {
    /// They are left out, and use up no place of the limit.
    #[default]
    Hidden,
    /// They are returned like any other.
    Shown,
}

/// What a filter found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The events, newest first.
    pub events: Vec<CloudEvent>,
    /// What could not be read, with its place.
    pub warnings: Vec<String>,
}

/// An append-only log of events.
#[async_trait]
pub trait EventLog: Send + Sync {
    /// Appends events; returns them as stored, once they are durable.
    async fn append(&self, events: Vec<CloudEvent>) -> Result<Vec<CloudEvent>, AppendError>;

    /// Returns at most `limit` events that the filter lets through, newest first.
    async fn events(&self, filter: &Filter, limit: usize) -> Result<Page, ReadError>;
}

/// Events could not be appended: nothing of them is in the log.
#[derive(Debug, thiserror::Error)]
#[error("placeholder")]
pub struct AppendError;

/// The log could not be read.
#[derive(Debug, thiserror::Error)]
#[error("placeholder")]
pub struct ReadError;
