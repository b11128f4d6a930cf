//! The log in an SQLite file: many jobs on one machine, safe against crashes and power cuts.
//!
//! The file is in WAL mode with `synchronous=FULL`: a commit is on the disk before `append` returns. While the log is
//! open, recent events stand in `PATH-wal`; the last process to close the log moves them into `PATH` and removes the two
//! files beside it, so that one file is all there is to copy or cache. After a kill they stay, and the next process to
//! open the log picks them up. WAL needs shared memory, so the file must not be on a network file system.
//!
//! A file of an earlier version is brought up to date by the first who may write it; everyone else reads it as it is.
//! The space of removed events is given back with them where this version created the file; in a file of version 1 the
//! next events take it, or `VACUUM` gives it back.

mod connection;
mod fault;
mod host;
mod question;
mod rows;
mod schema;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::{Connection, TransactionBehavior};

pub use self::host::SqliteHost;

use self::connection::{Access, Opened};
use self::fault::Fault;
use super::failure::{AppendError, ReadError};
use super::filter::Filter;
use super::page::Page;
use super::{EventLog, Times, background};
use crate::gate::event::CloudEvent;

/// A log in an SQLite file.
#[derive(Clone, Debug)]
pub struct SqliteLog {
    /// The file, shared with the thread that works on it.
    file: Arc<DatabaseFile>,
}

impl SqliteLog {
    /// Names the file. It is opened by the first read and created by the first append.
    #[must_use]
    pub fn new(path: PathBuf, lock_timeout: Duration) -> Self {
        Self {
            file: Arc::new(DatabaseFile {
                path,
                lock_timeout,
                opened: Mutex::new(None),
            }),
        }
    }
}

#[async_trait]
impl EventLog for SqliteLog {
    async fn append(
        &self,
        events: Vec<CloudEvent>,
        times: Times,
    ) -> Result<Vec<CloudEvent>, AppendError> {
        let file = Arc::clone(&self.file);
        background::run(move || {
            file.append(events, times)
                .map_err(|fault| fault.into_append_error(&file.path, file.lock_timeout))
        })
        .await
    }

    async fn events(&self, filter: &Filter, limit: usize) -> Result<Page, ReadError> {
        let file = Arc::clone(&self.file);
        let filter = filter.clone();
        background::run(move || {
            file.read(&filter, limit)
                .map_err(|fault| fault.into_read_error(&file.path, file.lock_timeout))
        })
        .await
    }

    async fn remove(&self, events: &[CloudEvent]) -> Result<usize, AppendError> {
        let file = Arc::clone(&self.file);
        let ids: Vec<String> = events.iter().map(|event| event.id.clone()).collect();
        background::run(move || {
            file.remove(&ids)
                .map_err(|fault| fault.into_append_error(&file.path, file.lock_timeout))
        })
        .await
    }
}

/// The file and the one connection to it, kept between a read and the append that follows.
#[derive(Debug)]
struct DatabaseFile {
    /// Where it is.
    path: PathBuf,
    /// How long to wait for other processes.
    lock_timeout: Duration,
    /// The connection, once there was something to read or to write.
    opened: Mutex<Option<Opened>>,
}

impl DatabaseFile {
    /// Reads a page.
    fn read(&self, filter: &Filter, limit: usize) -> Result<Page, Fault> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if opened.is_none() {
            *opened = connection::existing(&self.path, self.lock_timeout)?;
        }
        match &*opened {
            Some(Opened { connection, .. }) => rows::select(connection, &self.path, filter, limit),
            None => Ok(Page::default()),
        }
    }

    /// Appends a batch.
    fn append(&self, events: Vec<CloudEvent>, times: Times) -> Result<Vec<CloudEvent>, Fault> {
        self.write(|database| {
            events
                .into_iter()
                .map(|event| rows::insert(database, event, times))
                .collect()
        })
    }

    /// Removes events; returns how many were there. A log that does not exist has none, and is not made for that.
    fn remove(&self, ids: &[String]) -> Result<usize, Fault> {
        let is_there = {
            let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
            if opened.is_none() {
                *opened = connection::existing(&self.path, self.lock_timeout)?;
            }
            opened.is_some()
        };
        if !is_there {
            return Ok(0);
        }
        self.write(|database| rows::delete(database, ids))
    }

    /// Does work in one transaction, which also brings the schema up to date: one wait for the disk in all.
    fn write<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Fault> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let writable = opened.take().filter(Opened::is_writable);
        let opened = opened.insert(match writable {
            Some(writable) => writable,
            None => connection::create(&self.path, self.lock_timeout)?,
        });
        let transaction = opened
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        schema::upgrade(&transaction, schema::MIGRATIONS)?;
        let done = work(&transaction)?;
        transaction.commit()?;
        Ok(done)
    }
}

impl Opened {
    /// Tells whether events can be appended through this connection.
    fn is_writable(&self) -> bool {
        match self.access {
            Access::Writable => true,
            Access::Frozen => false,
        }
    }
}
