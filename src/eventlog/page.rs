//! What a read returns, and where the next one goes on.

use jiff::Timestamp;

use crate::gate::event::CloudEvent;

/// A place in the order of events: by time, then by id.
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

/// What a filter found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The events, newest first.
    pub events: Vec<CloudEvent>,
    /// What could not be read, or has no time, with its place; the first few, and how many more there are.
    pub warnings: Vec<String>,
}
