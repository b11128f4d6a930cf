//! The event log: an append-only log of `CloudEvents`, the history of the gate.
//!
//! The contract, the same for every backend; the table in `docs/event-log.md` says what one of them can't do:
//! - `append` returns when the events are durable and can be read, all or none of them. An event whose id is stored
//!   already is not stored twice; the stored one is returned. With [`Times::Stamped`] each event gets the later of its own
//!   time and the newest time of its series (project, stage, service) plus one millisecond, and is returned as stored, so
//!   that clocks that disagree don't reorder history. With [`Times::Kept`] the times stay as they are: for events that
//!   come from another log. An event larger than [`EVENT_LIMIT`], or than the server takes, is refused. Whoever drops the
//!   future of an `append` does not know whether the events were stored.
//! - `events` answers a filter, newest first by (time as an instant, id), with a limit. Events without a readable time
//!   are the oldest. A log that does not exist yet is an empty history, and reading it creates nothing. What was said
//!   about evaluations later (invalidations, pins) are events like any other; [`crate::gate::Steering`] knows what they
//!   mean.
//! - `remove` takes events out for good, durably; those that are not there are passed over.
//! - What is broken is named with its place in [`Page::warnings`]; the rest stays readable.

mod background;
mod envelope;
mod failure;
mod filter;
mod folder;
mod index;
mod jsonl;
mod keptn;
mod memory;
mod nats;
mod objects;
mod open;
mod page;
mod postgres;
mod settings;
mod sqlite;
mod variables;
mod warnings;

#[cfg(test)]
pub(crate) mod contract;
#[cfg(test)]
mod processes;
#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
#[path = "../../tests/it/support/keptn.rs"]
#[expect(dead_code, reason = "the tests of the program include this file, too")]
mod test_keptn;
#[cfg(test)]
#[path = "../../tests/it/support/nats.rs"]
mod test_nats;
#[cfg(test)]
#[path = "../../tests/it/support/object_stores.rs"]
mod test_object_stores;

use async_trait::async_trait;

#[cfg(test)]
use failure::NotALog;
pub use failure::{AppendError, Cause, ReadError, RemoteFailure, Trouble};
pub use filter::{Filter, Kinds};
#[cfg(fuzzing)]
pub use jsonl::read_lines;
pub use keptn::KeptnLog;
pub use open::{OpenError, open};
pub use page::{Cursor, Page};
pub use settings::{EventLogSettings, LogUrl, RemoteLog, RemoteUrl};
pub use sqlite::SqliteHost;
pub use variables::Variables;

pub use crate::net::{Secret, TlsSettings};

use crate::gate::event::CloudEvent;

/// The most bytes that one event may have as JSON: more than any evaluation needs.
pub const EVENT_LIMIT: usize = 16 * 1024 * 1024;

/// What becomes of the times of events that are appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// Each is later than the newest of its series: for events that happen now.
    Stamped,
    /// They stay: for events of another log, which have their place in history.
    Kept,
}

/// An append-only log of events.
#[async_trait]
pub trait EventLog: Send + Sync {
    /// Appends events; returns them as stored, in the order given, once they are durable.
    async fn append(
        &self,
        events: Vec<CloudEvent>,
        times: Times,
    ) -> Result<Vec<CloudEvent>, AppendError>;

    /// Returns at most `limit` events that the filter lets through, newest first.
    async fn events(&self, filter: &Filter, limit: usize) -> Result<Page, ReadError>;

    /// Removes events, as they were read; returns how many were there.
    async fn remove(&self, events: &[CloudEvent]) -> Result<usize, AppendError>;
}
