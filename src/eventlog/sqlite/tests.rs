//! What can be wrong with a database, and that its questions are answered from indexes.
#![expect(
    clippy::disallowed_methods,
    reason = "tests: write files that are broken, look for those left behind"
)]

use std::fs;

use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::eventlog::samples::{append, carts, check_version_1, evaluation, finished, ids};
use crate::eventlog::{Cursor, Kinds, NotALog};
use crate::gate::Verdict;
use crate::gate::event::EventType;

/// A place for a database.
struct Place {
    path: PathBuf,
    folder: TempDir,
}

impl Place {
    /// Returns a place with nothing in it.
    fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            path: folder.path().join("events.db"),
            folder,
        }
    }

    /// Opens the log there.
    fn log(&self) -> SqliteLog {
        SqliteLog::new(self.path.clone(), Duration::ZERO)
    }

    /// Opens the database there as any program would.
    fn database(&self) -> Connection {
        Connection::open(&self.path).unwrap()
    }

    /// Returns what a read and an append say, each in a log of its own.
    async fn problems(&self) -> (ReadError, AppendError) {
        (
            self.log().events(&Filter::default(), 1).await.unwrap_err(),
            self.log()
                .append(vec![finished("1", "")], Times::Stamped)
                .await
                .unwrap_err(),
        )
    }

    /// Returns what the file is taken for.
    async fn found(&self) -> NotALog {
        match self.problems().await {
            (ReadError::NotALog { found, .. }, AppendError::NotALog { found: same, .. }) => {
                assert_eq!(found, same);
                found
            }
            other => panic!("{other:?}"),
        }
    }

    /// Returns the names of the files there.
    fn files(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(&self.folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

#[tokio::test]
async fn a_read_leaves_nothing_behind_and_an_append_one_file() {
    let place = Place::empty();
    let log = place.log();
    assert!(ids(&log, &Filter::default(), 9).await.is_empty());
    assert_eq!(place.files(), [""; 0]);
    append(&log, [finished("1", "2024-02-01T10:00:00Z")]).await;
    assert_eq!(ids(&log, &Filter::default(), 9).await, ["1"]);
    drop(log);
    assert_eq!(place.files(), ["events.db"]);
    assert_eq!(ids(&place.log(), &Filter::default(), 9).await, ["1"]);
    assert_eq!(place.files(), ["events.db"]);
}

#[tokio::test]
async fn what_is_no_database_or_not_ours_is_told_and_left_alone() {
    let place = Place::empty();
    let text = "{\"id\":\"1\"}\n".repeat(100);
    fs::write(&place.path, &text).unwrap();
    assert_eq!(place.found().await, NotALog::NotSqlite);
    assert_eq!(fs::read_to_string(&place.path).unwrap(), text);

    let place = Place::empty();
    place
        .database()
        .execute_batch("CREATE TABLE a (x)")
        .unwrap();
    let before = fs::read(&place.path).unwrap();
    assert_eq!(place.found().await, NotALog::ForeignDatabase);
    assert_eq!(fs::read(&place.path).unwrap(), before);

    let folder = tempfile::tempdir().unwrap();
    let log = SqliteLog::new(folder.path().to_owned(), Duration::ZERO);
    let read = log.events(&Filter::default(), 1).await.unwrap_err();
    assert!(matches!(
        read,
        ReadError::NotALog {
            found: NotALog::Folder,
            ..
        }
    ));
    let append = log
        .append(vec![finished("1", "")], Times::Stamped)
        .await
        .unwrap_err();
    assert!(matches!(
        append,
        AppendError::NotALog {
            found: NotALog::Folder,
            ..
        }
    ));
}

#[tokio::test]
async fn a_database_of_a_later_version_is_refused_with_both_versions() {
    let place = Place::empty();
    append(&place.log(), [finished("1", "2024-02-01T10:00:00Z")]).await;
    let database = place.database();
    database.pragma_update(None, "user_version", 7).unwrap();
    drop(database);
    let (read, append) = place.problems().await;
    let said = read
        .to_string()
        .replace(&place.path.display().to_string(), "PATH");
    assert_eq!(
        said,
        "the event log `PATH` has version 7; this tidegate reads up to version 2"
    );
    assert!(matches!(
        append,
        AppendError::Newer {
            found: 7,
            known: 2,
            ..
        }
    ));
}

#[tokio::test]
async fn a_database_of_an_earlier_version_is_upgraded_by_a_read() {
    let place = Place::empty();
    append(&place.log(), [finished("1", "2024-02-01T10:00:00Z")]).await;
    let database = place.database();
    database
        .execute_batch("DROP TABLE events; PRAGMA user_version = 0")
        .unwrap();
    drop(database);
    let log = place.log();
    assert!(ids(&log, &Filter::default(), 9).await.is_empty());
    append(&log, [finished("2", "2024-02-01T10:00:00Z")]).await;
    assert_eq!(ids(&log, &Filter::default(), 9).await, ["2"]);
}

#[tokio::test]
async fn a_damaged_database_is_told() {
    let place = Place::empty();
    append(
        &place.log(),
        (0..50).map(|n| evaluation(&n.to_string(), "", 20)),
    )
    .await;
    let mut bytes = fs::read(&place.path).unwrap();
    bytes[4096..].fill(0xa5);
    fs::write(&place.path, bytes).unwrap();
    assert!(matches!(place.found().await, NotALog::Damaged(_)));
}

#[tokio::test]
async fn a_row_that_is_no_event_is_named_and_uses_up_no_place() {
    let place = Place::empty();
    append(
        &place.log(),
        [finished("1", "2024-02-01T10:00:00Z"), finished("2", "")],
    )
    .await;
    let database = place.database();
    database
        .execute_batch("UPDATE events SET json = '{' WHERE id = '2'")
        .unwrap();
    drop(database);
    let page = place.log().events(&Filter::default(), 1).await.unwrap();
    assert_eq!(page.events[0].id, "1");
    assert!(page.warnings[0].contains("events.db: the event `2` is unreadable: "));
}

#[tokio::test]
async fn a_lock_that_is_held_too_long_is_told() {
    let place = Place::empty();
    let log = place.log();
    append(&log, [finished("1", "2024-02-01T10:00:00Z")]).await;
    let database = place.database();
    database.execute_batch("BEGIN IMMEDIATE").unwrap();
    for log in [log, place.log()] {
        let refused = log
            .append(vec![finished("2", "")], Times::Stamped)
            .await
            .unwrap_err();
        assert!(matches!(refused, AppendError::Locked { .. }), "{refused:?}");
        assert_eq!(ids(&log, &Filter::default(), 9).await, ["1"]);
    }
}

/// Returns filters of every kind, and the index that answers each of them.
fn filters() -> [(Filter, &'static str); 7] {
    let any = Filter::of_series(&carts());
    let history = Filter {
        kinds: Kinds::only(EventType::FINISHED),
        ..any.clone()
    };
    let good = Filter {
        results: vec![Verdict::Pass, Verdict::Warning],
        ..history.clone()
    };
    let steering = Filter {
        project: Some("sockshop".to_owned()),
        kinds: Kinds::Steering,
        ..Filter::default()
    };
    let of_context = Filter {
        context: Some("c".to_owned()),
        ..any.clone()
    };
    let one = Filter {
        id: Some("1".to_owned()),
        ..good.clone()
    };
    [
        (history, "COVERING INDEX by_result"),
        (good, "COVERING INDEX by_result"),
        (steering, "INDEX by_steering"),
        (any, "COVERING INDEX by_series"),
        (of_context, "INDEX by_context"),
        (one, "INDEX sqlite_autoindex_events_1"),
        (Filter::default(), "COVERING INDEX by_time"),
    ]
}

#[tokio::test]
async fn every_filter_and_its_next_page_are_read_from_an_index_in_order() {
    let place = Place::empty();
    append(&place.log(), [finished("1", "2024-02-01T10:00:00Z")]).await;
    let database = place.database();
    for (filter, index) in filters() {
        let next = Filter {
            before: Some(Cursor::of(&finished("1", "2024-02-01T10:00:00Z"))),
            ..filter.clone()
        };
        let plans = [filter, next].map(|filter| rows::plan(&database, &filter));
        for plan in plans.iter().flatten() {
            let mut searches = plan.lines().filter(|line| line.contains("e USING"));
            assert!(searches.all(|line| line.contains(index)), "{plan}");
            assert!(plan.contains(index), "{plan}");
            assert!(!plan.contains("SCAN e"), "{plan}");
            // At most one event has an id.
            let is_one = index.contains("autoindex");
            assert!(is_one || !plan.contains("TEMP B-TREE"), "{plan}");
        }
        assert!(plans.iter().all(|parts| parts.len() == 2));
    }
}

#[tokio::test]
async fn a_damaged_page_takes_one_event_with_it_and_no_other() {
    let place = Place::empty();
    let evaluations = (1..=5).map(|n| evaluation(&n.to_string(), "2024-02-01T10:00:00Z", 20));
    append(&place.log(), evaluations).await;
    let page = damage_an_overflow_page(&place);
    let found = place.log().events(&Filter::default(), 9).await.unwrap();
    assert_eq!(found.events.len(), 4, "page {page}");
    assert!(
        found.warnings[0].contains("is unreadable: "),
        "{:?}",
        found.warnings
    );
    let stored = finished("6", "2024-02-01T10:00:00Z");
    append(&place.log(), [stored]).await;
}

#[tokio::test]
async fn a_damaged_index_is_no_empty_history_and_its_repair_is_told() {
    for index in ["by_time", "by_series", "by_result"] {
        let place = Place::empty();
        append(&place.log(), [finished("1", "2024-02-01T10:00:00Z")]).await;
        damage_an_index(&place, index);
        let filter = Filter {
            kinds: Kinds::only(EventType::FINISHED),
            ..Filter::of_series(&carts())
        };
        let filter = match index {
            "by_time" => Filter::default(),
            "by_series" => Filter::of_series(&carts()),
            _ => filter,
        };
        let read = place.log().events(&filter, 1).await.unwrap_err();
        let ReadError::NotALog { found, .. } = read else {
            panic!("{index}: {read:?}");
        };
        assert!(matches!(found, NotALog::Damaged(_)), "{index}: {found:?}");
        assert!(found.hint().contains(".recover"), "{index}");
        let event = finished("2", "2024-02-01T10:00:00Z");
        let refused = place.log().append(vec![event], Times::Stamped).await;
        let is_told = matches!(
            refused,
            Err(AppendError::NotALog {
                found: NotALog::Damaged(_),
                ..
            })
        );
        assert!(is_told, "{index}: {refused:?}");
    }
}

/// Breaks the first page of an index.
fn damage_an_index(place: &Place, index: &str) {
    let database = place.database();
    let query = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
    let page: i64 = database
        .query_row(query, [index], |row| row.get(0))
        .unwrap();
    drop(database);
    let page = usize::try_from(page).unwrap();
    let mut bytes = fs::read(&place.path).unwrap();
    bytes[(page - 1) * 4096..][..64].fill(0xff);
    fs::write(&place.path, bytes).unwrap();
}

/// Breaks the chain of pages of one large event; returns which page that was.
fn damage_an_overflow_page(place: &Place) -> usize {
    let database = place.database();
    let query = "SELECT min(pageno) FROM dbstat WHERE name = 'events' AND pagetype = 'overflow'";
    let page: i64 = database.query_row(query, [], |row| row.get(0)).unwrap();
    drop(database);
    let page = usize::try_from(page).unwrap();
    let mut bytes = fs::read(&place.path).unwrap();
    bytes[(page - 1) * 4096..][..4].fill(0xff);
    fs::write(&place.path, bytes).unwrap();
    page
}

#[tokio::test]
async fn removed_events_give_their_space_back() {
    let place = Place::empty();
    let size = || fs::metadata(&place.path).unwrap().len();
    let log = place.log();
    append(&log, [finished("first", "2024-01-01T10:00:00Z")]).await;
    drop(log);
    let small = size();
    let log = place.log();
    append(
        &log,
        (0..50).map(|n| evaluation(&n.to_string(), "2024-02-01T10:00:00Z", 20)),
    )
    .await;
    drop(log);
    let large = size();
    let log = place.log();
    let page = log.events(&Filter::default(), 50).await.unwrap();
    assert_eq!(log.remove(&page.events).await.unwrap(), 50);
    drop(log);
    assert!(large > small + 50 * 4096);
    assert!(size() <= small + 2 * 4096, "{} of {large}", size());
    assert_eq!(ids(&place.log(), &Filter::default(), 9).await, ["first"]);
}

#[tokio::test]
async fn a_log_of_version_1_that_somebody_else_writes_can_be_read_as_it_is() {
    let place = Place::empty();
    let dump = include_str!("../../../fixtures/eventlog/v1.sql");
    place.database().execute_batch(dump).unwrap();
    let other = place.database();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let log = place.log();
    let page = log.events(&Filter::default(), 10).await.unwrap();
    assert_eq!(page.events.len(), 6);
    drop(other);
    check_version_1(&log).await;
}

#[tokio::test]
async fn a_log_of_version_2_stays_readable() {
    let place = Place::empty();
    let dump = include_str!("../../../fixtures/eventlog/v2.sql");
    place.database().execute_batch(dump).unwrap();
    check_version_1(&place.log()).await;
}

#[tokio::test]
async fn a_log_of_version_1_stays_readable() {
    let place = Place::empty();
    let dump = include_str!("../../../fixtures/eventlog/v1.sql");
    place.database().execute_batch(dump).unwrap();
    check_version_1(&place.log()).await;

    let fresh = Place::empty();
    append(&fresh.log(), [finished("1", "")]).await;
    let schema = |place: &Place| -> Vec<String> {
        let database = place.database();
        let mut statement = database
            .prepare("SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY name")
            .unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    assert_eq!(schema(&place), schema(&fresh));
}

#[test]
fn whoever_reads_while_a_log_is_created_sees_nothing_or_all_of_it() {
    for _ in 0..40 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.db");
        let open = || SqliteLog::new(path.clone(), Duration::from_secs(60));
        let runtime = || {
            tokio::runtime::Builder::new_current_thread()
                .build()
                .unwrap()
        };
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    runtime().block_on(async {
                        while open()
                            .events(&Filter::default(), 1)
                            .await
                            .unwrap()
                            .events
                            .is_empty()
                        {}
                    });
                });
            }
            runtime().block_on(append(&open(), [finished("1", "2024-02-01T10:00:00Z")]));
        });
    }
}
