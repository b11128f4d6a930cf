//! All events that a filter lets through, newest first, a page at a time.

use crate::eventlog::{Cursor, EventLog, Filter, Page, ReadError};

/// How many events are read at once where it is not known how many are needed.
pub(super) const PAGE: usize = 500;

/// The pages that are still to be read.
pub(super) struct Pages<'a> {
    /// The log.
    log: &'a dyn EventLog,
    /// What is still to be read.
    filter: Filter,
    /// Whether the last page was read.
    is_done: bool,
}

impl<'a> Pages<'a> {
    /// Begins with the newest events.
    pub(super) fn of(log: &'a dyn EventLog, filter: Filter) -> Self {
        Self {
            log,
            filter,
            is_done: false,
        }
    }

    /// Reads the next page; `None` behind the last one, which may be empty.
    pub(super) async fn next(&mut self) -> Result<Option<Page>, ReadError> {
        if self.is_done {
            return Ok(None);
        }
        let page = self.log.events(&self.filter, PAGE).await?;
        self.is_done = page.events.len() < PAGE;
        self.filter.before = page.events.last().map(Cursor::of);
        Ok(Some(page))
    }

    /// Tells whether the last page was read.
    pub(super) fn is_done(&self) -> bool {
        self.is_done
    }
}
