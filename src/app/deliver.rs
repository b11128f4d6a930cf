//! Stores events of another log, or of a file: each once, with its time.

use std::collections::HashSet;

use futures_util::future::try_join_all;
use jiff::{SignedDuration, Timestamp};

use super::pages::{PAGE, Pages};
use crate::eventlog::{AppendError, EventLog, Filter, ReadError, Times};
use crate::gate::event::CloudEvent;

/// How many bytes of payload are stored at once; one larger event goes alone.
const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// How many events of the log are looked at for each that may be known, before each is asked for by its id.
const CROWD: usize = 4;
/// How many ids are asked for at the same time.
const AT_ONCE: usize = 8;

/// What became of events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// How many were stored.
    pub fresh: usize,
    /// How many were there already.
    pub known: usize,
}

/// Events could not be stored.
#[derive(Debug, thiserror::Error)]
pub enum DeliverError {
    /// The log can't be read, so nobody knows what is there.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The log can't be written.
    #[error(transparent)]
    Append(#[from] AppendError),
}

/// Stores those events that a log does not have yet.
pub async fn deliver(
    log: &dyn EventLog,
    events: Vec<CloudEvent>,
) -> Result<Delivered, DeliverError> {
    let mut delivered = Delivered::default();
    if events.is_empty() {
        return Ok(delivered);
    }
    let mut known = known_ids(log, &events).await?;
    let mut batch = Vec::new();
    let mut bytes = 0;
    for event in events {
        if !known.insert(event.id.clone()) {
            delivered.known += 1;
            continue;
        }
        let size = event.data.json().len();
        if bytes > 0 && bytes + size > BATCH_BYTES {
            store(log, std::mem::take(&mut batch), &mut delivered).await?;
            bytes = 0;
        }
        bytes += size;
        batch.push(event);
    }
    store(log, batch, &mut delivered).await?;
    Ok(delivered)
}

/// Stores a batch, and counts. What comes back with another time was there already.
async fn store(
    log: &dyn EventLog,
    batch: Vec<CloudEvent>,
    delivered: &mut Delivered,
) -> Result<(), AppendError> {
    if batch.is_empty() {
        return Ok(());
    }
    let times: Vec<Option<Timestamp>> = batch.iter().map(|event| event.time).collect();
    let stored = log.append(batch, Times::Kept).await?;
    let moved = stored.iter().zip(&times).filter(|(s, t)| s.time != **t);
    let moved = moved.count();
    delivered.known += moved;
    delivered.fresh += times.len().saturating_sub(moved);
    Ok(())
}

/// Returns the ids of those events that a log has: where they lie close together by one look at that time, else one by
/// one.
pub async fn known_ids(
    log: &dyn EventLog,
    events: &[CloudEvent],
) -> Result<HashSet<String>, ReadError> {
    let mut known = HashSet::new();
    let is_searched = look_at_their_time(log, events, &mut known).await?;
    let open: Vec<&str> = events
        .iter()
        .filter(|event| !is_searched || event.time.is_none())
        .map(|event| event.id.as_str())
        .filter(|id| !known.contains(*id))
        .collect();
    for ids in open.chunks(AT_ONCE) {
        let found = try_join_all(ids.iter().map(|id| has(log, id))).await?;
        let found = ids.iter().zip(found).filter(|(_, found)| *found);
        known.extend(found.map(|(id, _)| (*id).to_owned()));
    }
    Ok(known)
}

/// Looks at all events of the time of these; tells whether that is all there are.
async fn look_at_their_time(
    log: &dyn EventLog,
    events: &[CloudEvent],
    known: &mut HashSet<String>,
) -> Result<bool, ReadError> {
    let times = || events.iter().filter_map(|event| event.time);
    let (Some(first), Some(last)) = (times().min(), times().max()) else {
        return Ok(true);
    };
    let filter = Filter {
        since: Some(first),
        until: last.checked_add(SignedDuration::from_nanos(1)).ok(),
        ..Filter::default()
    };
    let wanted: HashSet<&str> = events.iter().map(|event| event.id.as_str()).collect();
    let mut budget = events.len().saturating_mul(CROWD) + PAGE;
    let mut pages = Pages::of(log, filter);
    while let Some(page) = pages.next().await? {
        budget = budget.saturating_sub(page.events.len());
        let ids = page.events.into_iter().map(|event| event.id);
        known.extend(ids.filter(|id| wanted.contains(id.as_str())));
        if budget == 0 {
            break;
        }
    }
    Ok(pages.is_done())
}

/// Tells whether a log has an event.
async fn has(log: &dyn EventLog, id: &str) -> Result<bool, ReadError> {
    let filter = Filter {
        id: Some(id.to_owned()),
        ..Filter::default()
    };
    Ok(!log.events(&filter, 1).await?.events.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::samples::{event, memory, store};

    fn delivered(fresh: usize, known: usize) -> Delivered {
        Delivered { fresh, known }
    }

    #[tokio::test]
    async fn each_event_is_stored_once_however_often_it_comes() {
        let log = memory();
        let events = vec![event("a", Some(1)), event("b", Some(2)), event("c", None)];
        let first = deliver(log.as_ref(), events.clone()).await.unwrap();
        assert_eq!(first, delivered(3, 0));
        let mut again = events.clone();
        again.extend([event("d", Some(0)), event("d", Some(0))]);
        let second = deliver(log.as_ref(), again).await.unwrap();
        assert_eq!(second, delivered(1, 4));
        let page = log.events(&Filter::default(), 10).await.unwrap();
        let ids: Vec<&str> = page.events.iter().map(|event| event.id.as_str()).collect();
        assert_eq!(ids, ["b", "a", "d", "c"]);
    }

    #[tokio::test]
    async fn an_event_that_is_stored_at_another_time_counts_as_known() {
        let log = memory();
        store(log.as_ref(), vec![event("a", Some(50))]).await;
        let again = deliver(log.as_ref(), vec![event("a", Some(1))]).await;
        assert_eq!(again.unwrap(), delivered(0, 1));
    }

    #[tokio::test]
    async fn few_events_among_many_are_found_by_their_ids() {
        let log = memory();
        let crowd = (0..2000).map(|at| event(&format!("{at:04}"), Some(at % 600)));
        store(log.as_ref(), crowd.collect()).await;
        let events = [
            event("0000", Some(0)),
            event("new", Some(1)),
            event("0599", Some(599)),
        ];
        let known = known_ids(log.as_ref(), &events).await.unwrap();
        let mut known: Vec<String> = known.into_iter().collect();
        known.sort();
        assert_eq!(known, ["0000", "0599"]);
    }
}
