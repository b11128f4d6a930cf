//! Goes through a log from the oldest event to the newest, a page at a time, although logs answer newest first: first
//! down, remembering only where each page begins, then up again.
//!
//! Whatever was stored when it began comes, once; so does what is added to the pages that are still to come.

use crate::eventlog::{Cursor, EventLog, Filter, ReadError};
use crate::gate::event::CloudEvent;

/// A walk from the oldest event to the newest.
pub struct Chronology<'a> {
    /// The log.
    log: &'a dyn EventLog,
    /// Which events.
    filter: Filter,
    /// How many events come at once.
    size: usize,
    /// Where the pages end that were passed on the way down.
    waiting: Vec<Option<Cursor>>,
    /// Where the page ends that is read next.
    upper: Option<Cursor>,
    /// The last event that came.
    lower: Option<Cursor>,
    /// Whether everything came.
    is_over: bool,
    /// What could not be read, each once.
    pub warnings: Vec<String>,
}

impl<'a> Chronology<'a> {
    /// How many events come at once.
    const SIZE: usize = 500;

    /// Starts below the oldest event.
    pub fn new(log: &'a dyn EventLog, filter: Filter) -> Self {
        Self {
            log,
            size: Self::SIZE,
            waiting: Vec::new(),
            upper: filter.before.clone(),
            lower: None,
            filter,
            is_over: false,
            warnings: Vec::new(),
        }
    }

    /// Returns the next events, oldest first; `None` after the newest.
    pub async fn next(&mut self) -> Result<Option<Vec<CloudEvent>>, ReadError> {
        while !self.is_over {
            let mut events = self.read().await?;
            let found = events.len();
            if let Some(lower) = &self.lower {
                events.retain(|event| Cursor::of(event) > *lower);
            }
            if found > self.size && events.len() == found {
                // There is more below: this page comes later.
                let first = events.get(self.size.saturating_sub(1)).map(Cursor::of);
                self.waiting.push(std::mem::replace(&mut self.upper, first));
                continue;
            }
            match self.waiting.pop() {
                Some(upper) => self.upper = upper,
                None => self.is_over = true,
            }
            events.reverse();
            if let Some(last) = events.last() {
                self.lower = Some(Cursor::of(last));
                return Ok(Some(events));
            }
        }
        Ok(None)
    }

    /// Reads one event more than a page, down from its end.
    async fn read(&mut self) -> Result<Vec<CloudEvent>, ReadError> {
        let lowest = self.lower.as_ref().and_then(|lower| lower.time);
        let filter = Filter {
            since: self.filter.since.max(lowest),
            before: self.upper.clone(),
            ..self.filter.clone()
        };
        let page = self.log.events(&filter, self.size + 1).await?;
        for warning in page.warnings {
            if !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
        Ok(page.events)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::app::samples::{event, memory};
    use crate::eventlog::Times;

    /// Walks through a log in steps of a size; between the steps, an event is added each.
    async fn walked(log: &dyn EventLog, size: usize, added: &[CloudEvent]) -> Vec<String> {
        let mut chronology = Chronology {
            size,
            ..Chronology::new(log, Filter::default())
        };
        let mut ids = Vec::new();
        let mut added = added.iter();
        while let Some(events) = chronology.next().await.unwrap() {
            assert!(events.len() <= size + 1);
            ids.extend(events.into_iter().map(|event| event.id));
            if let Some(event) = added.next() {
                log.append(vec![event.clone()], Times::Kept).await.unwrap();
            }
        }
        ids
    }

    proptest! {
        #[test]
        fn every_event_comes_once_and_oldest_first(
            minutes in prop::collection::vec(prop::option::of(0..20_u32), 0..40),
            size in 1..7_usize,
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                let log = memory();
                let mut expected = Vec::new();
                for (at, minute) in minutes.iter().enumerate() {
                    let event = event(&format!("e{at:02}"), *minute);
                    expected.push(Cursor::of(&event));
                    log.append(vec![event], Times::Kept).await.unwrap();
                }
                expected.sort();
                let expected: Vec<String> = expected.into_iter().map(|cursor| cursor.id).collect();
                assert_eq!(walked(log.as_ref(), size, &[]).await, expected);
            });
        }
    }

    #[tokio::test]
    async fn what_is_stored_at_the_start_comes_even_while_others_write() {
        let log = memory();
        for at in 0..30 {
            let event = event(&format!("e{at:02}"), Some(at));
            log.append(vec![event], Times::Kept).await.unwrap();
        }
        let added: Vec<CloudEvent> = (0..8)
            .map(|at| event(&format!("late{at}"), Some(at * 5)))
            .collect();
        let ids = walked(log.as_ref(), 4, &added).await;
        let own: Vec<&String> = ids.iter().filter(|id| id.starts_with('e')).collect();
        assert_eq!(own.len(), 30);
        let mut once = ids.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), ids.len());
        assert!(ids.contains(&"late7".to_owned()));
    }
}
