//! The store by itself: what is kept, what is not, and which index answers.

use std::sync::Arc;

use rusqlite::params_from_iter;
use serde_json::json;

use super::search::Question;
use super::{EventSearch, Store};
use crate::app::{Entry, Journal as _, JournalError};
use crate::eventlog::EVENT_LIMIT;
use crate::eventlog::samples::{finished, invalidation};
use crate::gate::event::CloudEvent;

/// Opens a store in a folder.
async fn store(folder: &tempfile::TempDir) -> Store {
    let path = folder.path().join("events.db");
    let opened = Store::open(path, Arc::new(Default::default));
    opened.await.unwrap()
}

/// Returns an entry of one event.
fn entry(event: CloudEvent) -> Entry {
    Entry {
        input: Some(event),
        events: Vec::new(),
        changed: Vec::new(),
    }
}

#[tokio::test]
async fn entries_are_stored_all_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let mut large = finished("2", "2024-02-01T10:00:00Z");
    large.data.set("more", "x".repeat(EVENT_LIMIT).into());
    let first = entry(finished("1", "2024-02-01T10:00:00Z"));
    let refused = store.commit(vec![first.clone(), entry(large)]).await;
    assert!(
        matches!(refused, Err(JournalError::Append(_))),
        "{refused:?}"
    );
    let ids = ["1".to_owned(), "2".to_owned()];
    assert!(store.known(&ids).await.unwrap().is_empty());
    store.commit(vec![first.clone(), first]).await.unwrap();
    assert_eq!(
        store
            .known(&ids)
            .await
            .unwrap()
            .into_iter()
            .collect::<Vec<_>>(),
        ["1"]
    );
    let remembered = store.remember().await.unwrap();
    assert_eq!(
        remembered.latest.unwrap().to_string(),
        "2024-02-01T10:00:00Z"
    );
}

#[tokio::test]
async fn a_log_that_was_there_before_becomes_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("events.db").display());
    let settings = crate::eventlog::EventLogSettings::new(url.parse().unwrap());
    let log = crate::eventlog::open(settings).unwrap();
    crate::eventlog::samples::append(&*log, [finished("1", "2024-02-01T10:00:00Z")]).await;
    let store = store(&folder).await;
    // Whoever appends to the file beside the server is seen.
    crate::eventlog::samples::append(&*log, [invalidation("2", "trigger-1")]).await;
    let roots = EventSearch {
        only_roots: true,
        ..EventSearch::default()
    };
    let found = store.events(roots, 0, 9).await.unwrap();
    assert_eq!((found.total, found.events[0].id.as_str()), (1, "1"));
    let seen = crate::server::Sightings::of_project(&store, "sockshop").await;
    assert_eq!(seen[0].types.len(), 2);
    assert_eq!(
        seen[0].types["sh.keptn.event.evaluation.finished"].time,
        "1706781600000000000"
    );
}

#[tokio::test]
async fn every_search_is_answered_from_an_index_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let some = || Some("x".to_owned());
    let project = EventSearch {
        project: some(),
        since: Some(0),
        ..EventSearch::default()
    };
    let searches = [
        EventSearch::default(),
        EventSearch {
            context: some(),
            ..EventSearch::default()
        },
        project.clone(),
        EventSearch {
            stage: some(),
            service: some(),
            ..project.clone()
        },
        EventSearch {
            event_type: some(),
            stage: some(),
            invalidated_by: some(),
            only_roots: true,
            ..project
        },
    ];
    for search in searches {
        let shown = format!("{search:?}");
        let plan = store.read(move |database| {
            let question = Question::of(&search);
            let sql = format!(
                "EXPLAIN QUERY PLAN SELECT e.json {} ORDER BY e.time DESC, e.id DESC LIMIT 20",
                question.from
            );
            let mut statement = database.prepare(&sql)?;
            let values = params_from_iter(question.values.iter());
            let steps = statement.query_map(values, |row| row.get::<_, String>(3))?;
            steps.collect::<Result<Vec<_>, _>>()
        });
        let plan = plan.await.unwrap().join("\n");
        assert!(plan.contains("USING"), "{shown}\n{plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{shown}\n{plan}");
    }
}

#[tokio::test]
async fn readers_do_not_wait_for_the_writer() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    store
        .commit(vec![entry(finished("1", "2024-02-01T10:00:00Z"))])
        .await
        .unwrap();
    let other = rusqlite::Connection::open(folder.path().join("events.db")).unwrap();
    other
        .execute_batch("BEGIN IMMEDIATE; DELETE FROM events")
        .unwrap();
    let found = store.events(EventSearch::default(), 0, 9).await.unwrap();
    assert_eq!(found.total, 1);
    assert_eq!(json!(found.events[0].id), "1");
}
