//! Processes of this version that meet a file of an earlier one at the same moment.

use super::child::{child, reports, start};
use super::crowd::BATCHES;
use super::home::{Home, in_folder};

#[test]
fn processes_that_meet_a_log_of_version_1_at_once_bring_it_up_once_and_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.db");
    let home = Home::new(in_folder("sqlite:events.db", &folder), folder);
    let database = rusqlite::Connection::open(&path).unwrap();
    let dump = include_str!("../../../fixtures/eventlog/v1.sql");
    database.execute_batch(dump).unwrap();
    let count = "SELECT count(*), count(DISTINCT id) FROM events";
    let stored = |database: &rusqlite::Connection| -> (i64, i64) {
        let row = database.query_row(count, [], |row| Ok((row.get(0)?, row.get(1)?)));
        row.unwrap()
    };
    let (before, _) = stored(&database);
    // Nobody can begin before all are there: each waits for this lock.
    database.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let children = (0..4).map(|n| {
        let (child, output) = start(child("meet", &format!("p{n}"), &home));
        (child, reports(output))
    });
    let mut children: Vec<_> = children.collect();
    for (_child, reports) in &mut children {
        assert_eq!(reports.next().unwrap(), "here");
    }
    database.execute_batch("COMMIT").unwrap();
    for (child, _reports) in &mut children {
        assert!(child.wait().unwrap().success());
    }
    let appended = i64::try_from(4 * BATCHES * 2).unwrap();
    let all = before + appended;
    assert_eq!(stored(&database), (all, all));
    let version = database.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0));
    assert_eq!(version.unwrap(), 2);
    let check = database.pragma_query_value(None, "integrity_check", |row| row.get::<_, String>(0));
    assert_eq!(check.unwrap(), "ok");
}
