//! What the server keeps: an event log in an SQLite file, and beside the events, in the same transactions, every
//! execution, how every delivery stands, and what was last seen of every service.
//!
//! One connection writes; a few others read, and never wait for it. A start reads what is open, however much is stored.

mod contexts;
mod events;
mod file;
mod journal;
mod search;
mod sequences;
mod sightings;
mod statistics;
mod tables;
#[cfg(test)]
mod tests;
mod views;
mod writer;

pub use file::Store;
pub use search::{EventSearch, Member};
pub use sequences::{ContextSearch, ExecutionSearch, StoredContext, StoredTask, WaitingTask};
pub use statistics::EventCount;
pub(crate) use views::{shown_after, shown_before};
