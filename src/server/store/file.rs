//! The file, the connection that writes, and those that read.

#![expect(
    clippy::disallowed_methods,
    reason = "the file is made before SQLite opens it, so that nobody else reads it"
)]

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::tables::MIGRATIONS;
use super::writer::Writer;
use crate::app::JournalError;
use crate::eventlog::{ReadError, SqliteHost};
use crate::sequence::ProjectDefinition;

/// How many reads go on at the same time.
const READERS: usize = 4;
/// How long to wait for other processes that use the file.
const LOCK_TIMEOUT: Duration = Duration::from_secs(20);
/// How many statements a connection keeps.
const STATEMENTS: usize = 64;

/// Returns the projects that there are, which are kept elsewhere.
pub type Projects = Arc<dyn Fn() -> BTreeMap<String, ProjectDefinition> + Send + Sync>;

/// What the server keeps; clones share it.
#[derive(Clone)]
pub struct Store {
    /// The file.
    pub(super) host: SqliteHost,
    /// The connection that writes.
    pub(super) writer: Arc<Mutex<Writer>>,
    /// Where the projects come from.
    pub(super) projects: Projects,
    /// Those that read.
    readers: Arc<Readers>,
}

/// The connections that read.
struct Readers {
    /// Lets so many read at the same time.
    turns: Semaphore,
    /// Those that nobody uses at the moment.
    idle: Mutex<Vec<Connection>>,
}

impl Store {
    /// Opens the file; makes it where it is missing.
    ///
    /// # Errors
    /// [`JournalError`] says why the file can't be used.
    pub async fn open(path: PathBuf, projects: Projects) -> Result<Self, JournalError> {
        let place = path.clone();
        let host = SqliteHost::new(path, LOCK_TIMEOUT);
        let opening = host.clone();
        let connection = aside(move || {
            make_private(&place);
            opening.writer(MIGRATIONS)
        })
        .await?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Ok(Self {
            writer: Arc::new(Mutex::new(Writer::new(host.clone(), connection))),
            host,
            projects,
            readers: Arc::new(Readers {
                turns: Semaphore::new(READERS),
                idle: Mutex::new(Vec::new()),
            }),
        })
    }

    /// Reads something, as of one moment.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, rusqlite::Error> + Send + 'static,
    ) -> Result<T, ReadError> {
        // The semaphore is never closed.
        let _turn = self.readers.turns.acquire().await.ok();
        let (host, readers) = (self.host.clone(), Arc::clone(&self.readers));
        aside(move || {
            let idle = lock(&readers.idle).pop();
            let connection = if let Some(connection) = idle {
                connection
            } else {
                let connection = host.reader()?;
                connection.set_prepared_statement_cache_capacity(STATEMENTS);
                connection
            };
            let moment = connection.unchecked_transaction();
            let done = moment.and_then(|moment| {
                let found = work(&moment)?;
                moment.commit()?;
                Ok(found)
            });
            // One that failed is closed.
            let found = done.map_err(|error| host.read_error(error))?;
            lock(&readers.idle).push(connection);
            Ok(found)
        })
        .await
    }
}

/// Makes the file, empty and for its owner alone, where there is none; SQLite gives what it writes beside it the same mode.
/// Where that fails, SQLite says why.
fn make_private(path: &Path) {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(path));
}

/// Takes a lock; whoever panicked while holding it left it in order.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs work that blocks on a thread of its own. Once begun it is done, even when nobody waits for it any more.
pub(super) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // The runtime is shutting down: nobody will poll this again.
            Err(_cancelled) => std::future::pending().await,
        },
    }
}
