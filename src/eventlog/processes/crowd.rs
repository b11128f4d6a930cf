//! Many processes, and many threads, append to one file at once.

use std::collections::{BTreeMap, HashSet};
use std::thread;

use super::child::{child, start};
use super::home::{FILES, Home, blocking};
use crate::eventlog::samples::{carts, finished_in, series};
use crate::eventlog::{EventLog, Filter, Page, Times};
use crate::gate::event::{CloudEvent, EventType};

/// How many batches each writer of a crowd appends.
pub(super) const BATCHES: usize = 50;

/// Appends the batches of one writer among many, all with one time.
pub(super) async fn append_in_a_crowd(log: &dyn EventLog, writer: &str) {
    for n in 0..BATCHES {
        let own = if n % 2 == 0 {
            carts()
        } else {
            series("sockshop", "prod", "carts")
        };
        let id = format!("{writer}-{n}");
        let mut triggered = finished_in(&own, &format!("{id}-t"), "2024-02-01T10:00:00Z");
        triggered.event_type = EventType::TRIGGERED.to_owned();
        let batch = vec![
            triggered,
            finished_in(&own, &format!("{id}-f"), "2024-02-01T10:00:00Z"),
        ];
        assert_eq!(log.append(batch, Times::Stamped).await.unwrap().len(), 2);
    }
}

#[test]
fn many_writers_lose_nothing_and_double_nothing() {
    for url in FILES {
        let home = Home::of_file(url);
        let mut children: Vec<_> = (0..8)
            .map(|n| start(child("crowd", &format!("p{n}"), &home)))
            .collect();
        thread::scope(|scope| {
            for n in 0..8 {
                let log = home.log();
                scope.spawn(move || blocking(append_in_a_crowd(&*log, &format!("t{n}"))));
            }
        });
        for (child, _output) in &mut children {
            assert!(child.wait().unwrap().success());
        }
        check_crowd(&blocking(home.log().events(&Filter::default(), usize::MAX)).unwrap());
    }
}

/// Checks that a crowd of sixteen left every batch once, each in one piece, with times that rise within a series.
fn check_crowd(page: &Page) {
    assert_eq!(page.warnings, Vec::<String>::new());
    assert_eq!(page.events.len(), 16 * BATCHES * 2);
    let mut by_stage: BTreeMap<String, Vec<&CloudEvent>> = BTreeMap::new();
    for event in page.events.iter().rev() {
        by_stage
            .entry(event.data_text("stage"))
            .or_default()
            .push(event);
    }
    for events in by_stage.values() {
        assert!(events.windows(2).all(|pair| pair[0].time < pair[1].time));
        for batch in events.chunks(2) {
            let id = batch[0].id.strip_suffix("-t").unwrap();
            assert_eq!(batch[1].id, format!("{id}-f"));
        }
    }
    let ids: HashSet<_> = page.events.iter().map(|event| &event.id).collect();
    assert_eq!(ids.len(), page.events.len());
}
