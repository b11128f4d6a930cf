//! The tables of the log, and how a file says which version of them it has.

use rusqlite::Connection;

use super::fault::Fault;
use crate::eventlog::failure::NotALog;

/// Marks a database as an event log: "tide" in ASCII.
const APPLICATION_ID: i64 = 0x7469_6465;

/// What brings a file from each version to the next. The list only ever grows; what was released is never changed.
pub(super) const MIGRATIONS: &[&str] = &["
CREATE TABLE events (
    position INTEGER PRIMARY KEY,   -- the order of arrival
    id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    time INTEGER,                   -- nanoseconds since 1970-01-01T00:00:00Z; NULL: no readable time
    project TEXT NOT NULL,          -- '' where the event names none; so for stage and service
    stage TEXT NOT NULL,
    service TEXT NOT NULL,
    context TEXT,
    triggeredid TEXT,
    result TEXT,
    invalidates TEXT,               -- the trigger whose evaluations this event invalidates
    json TEXT NOT NULL              -- the event as it was appended
) STRICT;
CREATE INDEX by_type ON events (project, stage, service, type, time, id, result, triggeredid);
CREATE INDEX by_series ON events (project, stage, service, time, id);
CREATE INDEX by_context ON events (context, time, id) WHERE context IS NOT NULL;
CREATE INDEX by_time ON events (time, id);
CREATE INDEX by_invalidated ON events (project, invalidates) WHERE invalidates IS NOT NULL;
", "
DROP INDEX by_type;
DROP INDEX by_invalidated;          -- `invalidates` stays NULL: what invalidates is found by its type
CREATE INDEX by_result ON events (project, stage, service, type, result, time, id);
CREATE INDEX by_steering ON events (project, time, id)
    WHERE substr(type, -12) = '.invalidated' OR type IN (
        'sh.keptn.event.reinstate.finished', 'sh.keptn.event.pin.finished', 'sh.keptn.event.unpin.finished');
"];

/// What a database file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing at all: someone is about to create a log in it.
    Nothing,
    /// A log of an earlier version.
    Earlier,
    /// A log of this version.
    Log,
}

/// Returns the version that this program writes.
pub(super) fn current() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Tells what a database holds; refuses what is no log, or a later one. Nothing is written.
pub(super) fn inspect(database: &Connection) -> Result<Found, Fault> {
    // All of it as of one moment: another process may be creating the log.
    let moment = database.unchecked_transaction()?;
    let version = pragma(&moment, "user_version")?;
    match pragma(&moment, "application_id")? {
        APPLICATION_ID if version > current() => Err(Fault::Newer(version)),
        APPLICATION_ID if version < current() => Ok(Found::Earlier),
        APPLICATION_ID => Ok(Found::Log),
        0 if version == 0 && is_empty(&moment)? => Ok(Found::Nothing),
        _ => Err(Fault::NotALog(NotALog::ForeignDatabase)),
    }
}

/// Brings the database to the last of the migrations. The caller holds a transaction that excludes other writers.
pub(super) fn upgrade(database: &Connection, migrations: &[&str]) -> Result<(), Fault> {
    let version = pragma(database, "user_version")?;
    let done = usize::try_from(version).unwrap_or(0);
    let missing = migrations.get(done..).unwrap_or_default();
    if missing.is_empty() {
        return Ok(());
    }
    for migration in missing {
        database.execute_batch(migration)?;
    }
    let version = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    database.pragma_update(None, "user_version", version)?;
    database.pragma_update(None, "application_id", APPLICATION_ID)?;
    Ok(())
}

/// Returns a number that the header of the file holds.
fn pragma(database: &Connection, name: &str) -> Result<i64, Fault> {
    Ok(database.pragma_query_value(None, name, |row| row.get(0))?)
}

/// Tells whether the database has no table.
fn is_empty(database: &Connection) -> Result<bool, Fault> {
    let found = "SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)";
    Ok(database.query_row(found, [], |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_an_earlier_version_gets_what_it_lacks() {
        let database = Connection::open_in_memory().unwrap();
        upgrade(&database, &["CREATE TABLE a (x)"]).unwrap();
        let second = ["not read any more", "CREATE TABLE b (x)"];
        upgrade(&database, &second).unwrap();
        upgrade(&database, &second).unwrap();
        assert_eq!(pragma(&database, "user_version").unwrap(), 2);
        database.execute_batch("SELECT x FROM a, b").unwrap_err();
    }

    #[test]
    fn a_fresh_a_foreign_and_a_later_file_are_told_apart() {
        let database = Connection::open_in_memory().unwrap();
        assert_eq!(inspect(&database).unwrap(), Found::Nothing);
        upgrade(&database, MIGRATIONS).unwrap();
        assert_eq!(inspect(&database).unwrap(), Found::Log);
        database.pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(inspect(&database), Err(Fault::Newer(99))));
        database.pragma_update(None, "application_id", 1).unwrap();
        assert!(matches!(
            inspect(&database),
            Err(Fault::NotALog(NotALog::ForeignDatabase))
        ));
    }
}
