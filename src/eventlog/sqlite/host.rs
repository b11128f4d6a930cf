//! A log whose file holds tables of its host as well, so that one transaction stores events and what the host makes of
//! them. Every reader of the log takes such a file as it takes any other: the host's tables have a version of their own.

use std::path::PathBuf;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};

use super::connection::{self, Opened};
use super::fault::Fault;
use super::{rows, schema};
use crate::eventlog::Times;
use crate::eventlog::failure::{AppendError, ReadError};
use crate::gate::event::CloudEvent;

/// The file of a log, and how long to wait for other processes that use it.
#[derive(Clone, Debug)]
pub struct SqliteHost {
    /// Where it is.
    path: PathBuf,
    /// How long to wait for other processes.
    lock_timeout: Duration,
}

impl SqliteHost {
    /// Names the file.
    #[must_use]
    pub fn new(path: PathBuf, lock_timeout: Duration) -> Self {
        Self { path, lock_timeout }
    }

    /// Opens the file for writing, and brings the log's tables and the host's up to date. The list of migrations only
    /// ever grows.
    ///
    /// # Errors
    /// [`AppendError`] says why the file can't be used.
    pub fn writer(&self, migrations: &[&str]) -> Result<Connection, AppendError> {
        let open = || {
            let Opened { mut connection, .. } = connection::create(&self.path, self.lock_timeout)?;
            let upgrade = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            schema::upgrade(&upgrade, schema::MIGRATIONS)?;
            upgrade_host(&upgrade, migrations)?;
            upgrade.commit()?;
            Ok(connection)
        };
        open().map_err(|fault: Fault| fault.into_append_error(&self.path, self.lock_timeout))
    }

    /// Opens the file, which has to be there, for reading.
    ///
    /// # Errors
    /// [`ReadError`] says why the file can't be used.
    pub fn reader(&self) -> Result<Connection, ReadError> {
        let open = || {
            let Opened { connection, .. } = connection::create(&self.path, self.lock_timeout)?;
            connection.pragma_update(None, "query_only", true)?;
            Ok(connection)
        };
        open().map_err(|fault: Fault| fault.into_read_error(&self.path, self.lock_timeout))
    }

    /// Stores an event within a transaction of the caller. One whose id is there already stays as it is.
    ///
    /// # Errors
    /// [`AppendError`] says why the event can't be stored.
    pub fn insert(&self, database: &Connection, event: CloudEvent) -> Result<(), AppendError> {
        match rows::insert(database, event, Times::Kept) {
            Ok(_stored) => Ok(()),
            Err(fault) => Err(fault.into_append_error(&self.path, self.lock_timeout)),
        }
    }

    /// Says what a writer is told of an error.
    #[must_use]
    pub fn append_error(&self, error: rusqlite::Error) -> AppendError {
        Fault::from(error).into_append_error(&self.path, self.lock_timeout)
    }

    /// Says what a reader is told of an error.
    #[must_use]
    pub fn read_error(&self, error: rusqlite::Error) -> ReadError {
        Fault::from(error).into_read_error(&self.path, self.lock_timeout)
    }
}

/// Brings the host's tables to the last of the migrations. The caller holds a transaction that excludes other writers.
fn upgrade_host(database: &Connection, migrations: &[&str]) -> Result<(), Fault> {
    database.execute_batch(
        "CREATE TABLE IF NOT EXISTS host_schema (version INTEGER NOT NULL) STRICT",
    )?;
    let found: Option<i64> = database
        .query_row("SELECT max(version) FROM host_schema", [], |row| row.get(0))
        .optional()?
        .flatten();
    let done = usize::try_from(found.unwrap_or(0)).unwrap_or(0);
    if done > migrations.len() {
        return Err(Fault::Newer(found.unwrap_or(0)));
    }
    for (at, migration) in migrations.iter().enumerate().skip(done) {
        database.execute_batch(migration)?;
        let version = i64::try_from(at + 1).unwrap_or(i64::MAX);
        database.execute("INSERT INTO host_schema (version) VALUES (?)", [version])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eventlog::Filter;
    use crate::eventlog::samples::{append, finished, ids};
    use crate::eventlog::sqlite::SqliteLog;

    #[tokio::test]
    async fn a_file_with_tables_of_a_host_is_still_a_log() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.db");
        let host = SqliteHost::new(path.clone(), Duration::from_secs(20));
        let mut writer = host.writer(&["CREATE TABLE a (x)"]).unwrap();
        let transaction = writer.transaction().unwrap();
        let event = finished("1", "2024-02-01T10:00:00Z");
        host.insert(&transaction, event.clone()).unwrap();
        host.insert(&transaction, event).unwrap();
        transaction.execute("INSERT INTO a VALUES (1)", []).unwrap();
        transaction.commit().unwrap();
        let log = SqliteLog::new(path, Duration::from_secs(20));
        append(&log, [finished("2", "2024-02-01T11:00:00Z")]).await;
        assert_eq!(ids(&log, &Filter::default(), 9).await, ["2", "1"]);
        let again = host.writer(&["never read", "CREATE TABLE b (x)"]).unwrap();
        again.execute_batch("SELECT 1 FROM a, b").unwrap();
        let older = host.writer(&["CREATE TABLE a (x)"]).unwrap_err();
        assert!(
            matches!(older, AppendError::Newer { found: 2, .. }),
            "{older:?}"
        );
    }

    #[test]
    fn a_reader_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let host = SqliteHost::new(folder.path().join("events.db"), Duration::from_secs(20));
        drop(host.writer(&[]).unwrap());
        let reader = host.reader().unwrap();
        reader.execute("DELETE FROM events", []).unwrap_err();
    }
}
