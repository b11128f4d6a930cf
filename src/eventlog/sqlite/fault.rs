//! What goes wrong with a database file, before it is known whether a read or an append is told.

use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::ErrorCode;

use super::schema;
use crate::eventlog::failure::{AppendError, NotALog, ReadError};

/// Something went wrong with the file.
#[derive(Debug)]
pub(super) enum Fault {
    /// SQLite said so.
    Sqlite(rusqlite::Error),
    /// The folder could not be made.
    Folder(io::Error),
    /// The file could not be looked at.
    Reach(io::Error),
    /// It is no log.
    NotALog(NotALog),
    /// It is a log of a later version.
    Newer(i64),
    /// An event was refused.
    Event(AppendError),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotALog(NotALog::NotSqlite),
            // The second: SQL that fits the schema fails only where someone changed that.
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::Unknown) => {
                Self::NotALog(NotALog::Damaged(error.to_string()))
            }
            Some(_) | None => Self::Sqlite(error),
        }
    }
}

impl Fault {
    /// Tells whether another process holds a lock, so that trying again may help.
    pub(super) fn is_locked(&self) -> bool {
        matches!(
            self.code(),
            Some(
                ErrorCode::DatabaseBusy
                    | ErrorCode::DatabaseLocked
                    | ErrorCode::FileLockingProtocolFailed
            )
        )
    }

    /// Tells whether something was refused that reading in another way does not need.
    pub(super) fn is_refused(&self) -> bool {
        matches!(
            self.code(),
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied)
        )
    }

    /// Returns what a reader is told.
    pub(super) fn into_read_error(self, path: &Path, waited: Duration) -> ReadError {
        let (locked, refused) = (self.is_locked(), self.is_refused());
        let path = path.to_owned();
        match self {
            Self::Sqlite(_) if locked => ReadError::Locked { path, waited },
            Self::Sqlite(error) if refused => ReadError::Forbidden {
                path,
                source: error.into(),
            },
            Self::Sqlite(error) => ReadError::Unreadable {
                path,
                source: error.into(),
            },
            Self::Folder(error) | Self::Reach(error) => ReadError::from_io(&path, error),
            Self::NotALog(found) => ReadError::NotALog { path, found },
            Self::Newer(found) => ReadError::Newer {
                path,
                found,
                known: schema::current(),
            },
            Self::Event(error) => ReadError::Unreadable {
                path,
                source: error.into(),
            },
        }
    }

    /// Returns what a writer is told.
    pub(super) fn into_append_error(self, path: &Path, waited: Duration) -> AppendError {
        let locked = self.is_locked();
        let place_exists = path.parent().is_some_and(Path::exists) || path.exists();
        let created = !matches!(self.code(), Some(ErrorCode::CannotOpen)) || place_exists;
        let owned = path.to_owned();
        match self {
            Self::Sqlite(_) if locked => AppendError::Locked {
                path: owned,
                waited,
            },
            Self::Sqlite(error) if created => AppendError::CannotWrite {
                path: owned,
                source: error.into(),
            },
            Self::Sqlite(error) => AppendError::CannotCreate {
                path: owned,
                source: error.into(),
            },
            Self::Folder(error) => AppendError::creating(path, error),
            Self::Reach(error) => AppendError::writing(path, error),
            Self::NotALog(found) => AppendError::NotALog { path: owned, found },
            Self::Newer(found) => AppendError::Newer {
                path: owned,
                found,
                known: schema::current(),
            },
            Self::Event(error) => error,
        }
    }

    /// Returns SQLite's code, if SQLite was asked.
    fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Sqlite(error) => error.sqlite_error_code(),
            Self::Folder(_)
            | Self::Reach(_)
            | Self::NotALog(_)
            | Self::Newer(_)
            | Self::Event(_) => None,
        }
    }
}
