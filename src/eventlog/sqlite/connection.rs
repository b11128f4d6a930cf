//! Opening a database file: to read what is there without creating anything, or to append.
#![expect(
    clippy::disallowed_methods,
    reason = "an adapter: looks at the file before SQLite opens it"
)]

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use url::Url;

use super::fault::Fault;
use super::schema::{self, Found};
use crate::eventlog::failure::NotALog;
use crate::eventlog::folder;

/// How long to wait before asking again for a lock for which SQLite does not wait itself.
const PAUSE: Duration = Duration::from_millis(5);

/// An open database.
#[derive(Debug)]
pub(super) struct Opened {
    /// The connection.
    pub connection: Connection,
    /// What it is good for.
    pub access: Access,
}

/// What a connection is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// For all.
    Writable,
    /// Only to read the file as it was: nobody can write it, not even the locks that a reader needs.
    Frozen,
}

/// Opens a log to read it; `None` where there is none yet.
pub(super) fn existing(path: &Path, timeout: Duration) -> Result<Option<Opened>, Fault> {
    // Other than `File::open` this leaves alone the locks that this process holds on the file: POSIX drops them all when
    // any descriptor of it is closed.
    match fs::metadata(path) {
        Ok(file) if file.is_dir() => return Err(Fault::NotALog(NotALog::Folder)),
        Ok(file) if file.len() == 0 => return Ok(None),
        Ok(_) => {}
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(Fault::Reach(error)),
    }
    let opened = patiently(timeout, || {
        connect(&plain(path), OpenFlags::SQLITE_OPEN_READ_WRITE, timeout)
    });
    let (mut connection, found, access) = match opened {
        Ok((connection, found)) => (connection, found, Access::Writable),
        Err(fault) if fault.is_refused() => {
            let (connection, found) = frozen(path, timeout).ok_or(fault)??;
            (connection, found, Access::Frozen)
        }
        Err(fault) => return Err(fault),
    };
    match found {
        Found::Nothing => return Ok(None),
        Found::Earlier => match upgrade(&mut connection) {
            // An earlier version can be read as it is, only more slowly.
            Err(fault) if fault.is_refused() || fault.is_locked() => {}
            done => done?,
        },
        Found::Log => {}
    }
    Ok(Some(Opened { connection, access }))
}

/// Brings a log to this version.
fn upgrade(connection: &mut Connection) -> Result<(), Fault> {
    let upgrade = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    schema::upgrade(&upgrade, schema::MIGRATIONS)?;
    Ok(upgrade.commit()?)
}

/// Opens a log to append to it; makes the file and its folder where they are missing.
pub(super) fn create(path: &Path, timeout: Duration) -> Result<Opened, Fault> {
    if path.is_dir() {
        return Err(Fault::NotALog(NotALog::Folder));
    }
    folder::create(folder::of(path)).map_err(Fault::Folder)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let connection = patiently(timeout, || {
        let (connection, found) = connect(&plain(path), flags, timeout)?;
        if found == Found::Nothing {
            // Only before there is a first page; it lets `remove` give space back.
            connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        }
        // Where the file system can't do it, the mode stays as it was, which is as safe.
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        Ok(connection)
    })?;
    Ok(Opened {
        connection,
        access: Access::Writable,
    })
}

/// Connects to a file and sees what it holds.
fn connect(name: &Path, flags: OpenFlags, timeout: Duration) -> Result<(Connection, Found), Fault> {
    let connection = Connection::open_with_flags(name, flags)?;
    connection.busy_timeout(timeout)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    let found = schema::inspect(&connection)?;
    Ok((connection, found))
}

/// Opens a file in a place where nothing can be written, if nothing is waiting to be moved into it.
fn frozen(path: &Path, timeout: Duration) -> Option<Result<(Connection, Found), Fault>> {
    let mut waiting = path.as_os_str().to_owned();
    waiting.push("-wal");
    if fs::metadata(&waiting).is_ok_and(|file| file.len() > 0) {
        return None;
    }
    let mut url = Url::from_file_path(std::path::absolute(path).ok()?).ok()?;
    url.set_query(Some("immutable=1"));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    Some(connect(Path::new(url.as_str()), flags, timeout))
}

/// Tries again as long as another process holds a lock: SQLite itself does not wait where two of them create the file.
fn patiently<T>(timeout: Duration, attempt: impl Fn() -> Result<T, Fault>) -> Result<T, Fault> {
    let begun = Instant::now();
    loop {
        match attempt() {
            Err(fault) if fault.is_locked() && begun.elapsed() < timeout => thread::sleep(PAUSE),
            done => return done,
        }
    }
}

/// Keeps SQLite from seeing more in a path than a path: `:memory:`, `file:…`, or nothing.
fn plain(path: &Path) -> PathBuf {
    if path.is_absolute() {
        return path.to_owned();
    }
    Path::new(".").join(path)
}
