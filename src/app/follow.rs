//! New events of a log as they come.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::chronology::Chronology;
use crate::eventlog::{Cursor, EventLog, Filter, Page, ReadError};
use crate::gate::event::CloudEvent;

/// How far back is looked for events that come late: slow writers, and clocks that go wrong.
const LATE: SignedDuration = SignedDuration::from_mins(5);

/// Watches a log.
pub struct Follower<'a> {
    /// The log.
    log: &'a dyn EventLog,
    /// Which events.
    filter: Filter,
    /// The events of the last minutes that came already.
    seen: BTreeSet<Cursor>,
    /// The newest time that came.
    newest: Option<Timestamp>,
}

impl<'a> Follower<'a> {
    /// Starts after everything that a log has.
    pub async fn start(
        log: &'a dyn EventLog,
        filter: Filter,
        now: Timestamp,
    ) -> Result<Self, ReadError> {
        let mut follower = Self {
            log,
            newest: newest(log, filter.clone(), 1)
                .await?
                .events
                .first()
                .and_then(|e| e.time),
            filter,
            seen: BTreeSet::new(),
        };
        if follower.newest.is_some() {
            follower.poll(now).await?;
        }
        Ok(follower)
    }

    /// Takes note of events that were shown already.
    pub fn know(&mut self, events: &[CloudEvent]) {
        self.seen.extend(events.iter().map(Cursor::of));
    }

    /// Returns what came since the last time, oldest first.
    pub async fn poll(&mut self, now: Timestamp) -> Result<Vec<CloudEvent>, ReadError> {
        let back = |newest: Timestamp| newest.min(now).checked_sub(LATE).ok();
        let since = self.newest.and_then(back).max(self.filter.since);
        let filter = Filter {
            since,
            ..self.filter.clone()
        };
        let mut chronology = Chronology::new(self.log, filter);
        let mut fresh = Vec::new();
        while let Some(events) = chronology.next().await? {
            for event in events {
                if self.seen.insert(Cursor::of(&event)) {
                    self.newest = self.newest.max(event.time);
                    fresh.push(event);
                }
            }
        }
        // What is older than the next look goes back can't come again.
        let oldest = self.newest.and_then(back);
        self.seen.retain(|seen| seen.time >= oldest);
        Ok(fresh)
    }
}

/// Reads the newest events, in pages.
pub async fn newest(
    log: &dyn EventLog,
    mut filter: Filter,
    limit: usize,
) -> Result<Page, ReadError> {
    let mut all = Page::default();
    loop {
        let wanted = limit
            .saturating_sub(all.events.len())
            .min(super::pages::PAGE);
        if wanted == 0 {
            return Ok(all);
        }
        let page = log.events(&filter, wanted).await?;
        let is_last = page.events.len() < wanted;
        filter.before = page.events.last().map(Cursor::of);
        all.events.extend(page.events);
        for warning in page.warnings {
            if !all.warnings.contains(&warning) {
                all.warnings.push(warning);
            }
        }
        if is_last {
            return Ok(all);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::samples::{event, memory, store};

    fn at(minute: u32) -> Timestamp {
        event("", Some(minute)).time.unwrap()
    }

    #[tokio::test]
    async fn each_event_comes_once_also_when_its_stamp_is_a_little_late() {
        let log = memory();
        store(
            log.as_ref(),
            vec![event("a", Some(1)), event("b", Some(30))],
        )
        .await;
        let mut follower = Follower::start(log.as_ref(), Filter::default(), at(30))
            .await
            .unwrap();
        let mut came = Vec::new();
        for (id, minute) in [("c", 31), ("late", 29), ("d", 31), ("old", 2), ("e", 90)] {
            store(log.as_ref(), vec![event(id, Some(minute))]).await;
            let events = follower.poll(at(32)).await.unwrap();
            came.push(events.into_iter().map(|event| event.id).collect::<Vec<_>>());
        }
        assert_eq!(
            came,
            [vec!["c"], vec!["late"], vec!["d"], vec![], vec!["e"]]
        );
        // A clock that is an hour ahead hides nothing of the others.
        store(log.as_ref(), vec![event("f", Some(32))]).await;
        assert_eq!(follower.poll(at(33)).await.unwrap()[0].id, "f");
        assert!(follower.poll(at(33)).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn of_an_empty_log_everything_is_new() {
        let log = memory();
        let mut follower = Follower::start(log.as_ref(), Filter::default(), at(30))
            .await
            .unwrap();
        assert!(follower.poll(at(30)).await.unwrap().is_empty());
        store(log.as_ref(), vec![event("a", Some(1))]).await;
        assert_eq!(follower.poll(at(31)).await.unwrap().len(), 1);
        assert!(follower.poll(at(31)).await.unwrap().is_empty());
    }
}
