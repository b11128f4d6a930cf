//! The store as the journal of a conductor.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::Connection;

use super::Store;
use super::file::{aside, lock};
use crate::app::{Entry, Journal, JournalError, Remembered};
use crate::sequence::Execution;

#[async_trait]
impl Journal for Store {
    async fn remember(&self) -> Result<Remembered, JournalError> {
        let (written, latest) = self.read(open_executions).await?;
        let mut open = Vec::with_capacity(written.len());
        for (id, json) in written {
            let read: Result<Execution, _> = serde_json::from_str(&json);
            open.push(read.map_err(|error| {
                JournalError::Damaged(format!("the execution {id} can't be read: {error}"))
            })?);
        }
        Ok(Remembered {
            projects: (self.projects)(),
            open,
            latest,
        })
    }

    async fn known(&self, ids: &[String]) -> Result<BTreeSet<String>, JournalError> {
        let ids = ids.to_vec();
        let known = self.read(move |database| {
            let mut statement = database.prepare_cached("SELECT 1 FROM events WHERE id = ?")?;
            let mut known = BTreeSet::new();
            for id in ids {
                if statement.exists([&id])? {
                    known.insert(id);
                }
            }
            Ok(known)
        });
        Ok(known.await?)
    }

    async fn commit(&self, entries: Vec<Entry>) -> Result<(), JournalError> {
        let writer = Arc::clone(&self.writer);
        aside(move || lock(&writer).commit(entries)).await
    }
}

/// What is open, each with its id; and the newest time of all events.
type Open = (Vec<(String, String)>, Option<Timestamp>);

/// Reads what is open, and the newest time.
fn open_executions(database: &Connection) -> Result<Open, rusqlite::Error> {
    let mut statement = database.prepare_cached(
        "SELECT id, json FROM server_executions INDEXED BY server_executions_open
        WHERE is_open = 1 ORDER BY id",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let open = rows.collect::<Result<_, _>>()?;
    let latest: Option<i64> =
        database.query_row("SELECT max(time) FROM events", [], |row| row.get(0))?;
    let latest = latest.and_then(|latest| Timestamp::from_nanosecond(latest.into()).ok());
    Ok((open, latest))
}
