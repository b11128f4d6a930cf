//! The event log: an append-only log of `CloudEvents`, the history of the gate.
//!
//! The contract, the same for every backend:
//! - `append` returns when the events are durable, all or none of them. An event whose id is stored already is not
//!   stored twice; the stored one is returned. Each event is stamped with the later of its own time and the newest time
//!   of its series (project, stage, service) plus one millisecond, and returned as stored, so that clocks that disagree
//!   don't reorder history. An event larger than [`EVENT_LIMIT`] is refused. Whoever drops the future of an `append`
//!   does not know whether the events were stored.
//! - `events` answers a filter, newest first by (time as an instant, id), with a limit. Events without a readable time
//!   are the oldest. An `evaluation.finished` event is invalidated if any `*.invalidated` event of the same project has
//!   the same, non-empty `triggeredid`. A log that does not exist yet is an empty history, and reading it creates nothing.
//! - What is broken is named with its place in [`Page::warnings`]; the rest stays readable.

mod background;
mod envelope;
mod failure;
mod filter;
mod folder;
mod index;
mod jsonl;
mod memory;
mod open;
mod page;
mod settings;
mod sqlite;
mod warnings;

#[cfg(test)]
mod contract;
#[cfg(test)]
mod processes;
#[cfg(test)]
mod samples;

use async_trait::async_trait;

#[cfg(test)]
use failure::NotALog;
pub use failure::{AppendError, ReadError};
pub use filter::Filter;
#[cfg(test)]
use filter::Invalidated;
pub use open::{OpenError, open};
pub use page::{Cursor, Page};
pub use settings::{EventLogSettings, LogUrl};

use crate::gate::event::CloudEvent;

/// The most bytes that one event may have as JSON: what every backend can take, and more than any evaluation needs.
pub const EVENT_LIMIT: usize = 16 * 1024 * 1024;

/// An append-only log of events.
#[async_trait]
pub trait EventLog: Send + Sync {
    /// Appends events; returns them as stored, in the order given, once they are durable.
    async fn append(&self, events: Vec<CloudEvent>) -> Result<Vec<CloudEvent>, AppendError>;

    /// Returns at most `limit` events that the filter lets through, newest first.
    async fn events(&self, filter: &Filter, limit: usize) -> Result<Page, ReadError>;
}
