//! Why a log could not be opened for reading or writing, sorted by what the user can do about it.
//!
//! Of a server: 69, 75, 76 and 77, whether it was to be read or written; what it can't do at all is 64.
//! Exit codes of files: not to be created 73; not to be written, too large 74; locked 75; no log, newer 76. A read that is refused
//! is 77 and one that fails otherwise 69, like those of a remote backend; a write that is refused is 74, like any output.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What the operating system or SQLite said.
pub type Cause = Box<dyn Error + Send + Sync>;

/// The log could not be read. That is no verdict: without its history a relative criterion would pass.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The permissions don't allow it.
    #[error("the event log `{}` may not be read", path.display())]
    Forbidden {
        /// The log.
        path: PathBuf,
        /// What was said.
        source: Cause,
    },
    /// The file system failed.
    #[error("the event log `{}` can't be read", path.display())]
    Unreadable {
        /// The log.
        path: PathBuf,
        /// What was said.
        source: Cause,
    },
    /// Others kept it locked for too long.
    #[error("the event log `{}` was locked by another process for {}", path.display(), seconds(*.waited))]
    Locked {
        /// The log.
        path: PathBuf,
        /// How long this process waited.
        waited: Duration,
    },
    /// It is something else, or broken.
    #[error("`{}` is not an event log: {found}", path.display())]
    NotALog {
        /// The file.
        path: PathBuf,
        /// What it is.
        found: NotALog,
    },
    /// A later version of tidegate wrote it.
    #[error("the event log `{}` has version {found}; this tidegate reads up to version {known}", path.display())]
    Newer {
        /// The log.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version that can be read.
        known: i64,
    },
    /// A server did not do what it was asked.
    #[error(transparent)]
    Remote(#[from] RemoteFailure),
}

/// A server that keeps a log did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[error("the event log `{log}` {trouble}")]
pub struct RemoteFailure {
    /// Which log, without credentials.
    pub log: String,
    /// What is wrong.
    pub trouble: Trouble,
    /// What was said.
    pub source: Cause,
}

/// What is wrong with a server that keeps a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// It can't be reached, or failed.
    #[error("could not be reached")]
    Unavailable,
    /// It was reached, and then lost: the events may be stored, or not. To append them again does no harm.
    #[error("was lost before it confirmed the events: they may be stored, or not")]
    InDoubt,
    /// It asked to slow down, or was busy for too long.
    #[error("asked to try again later")]
    Throttled,
    /// It said something that can't be understood, or is no such log.
    #[error("answered in a way that can't be understood")]
    BadAnswer,
    /// It does not let us in.
    #[error("refused access")]
    NotAuthorised,
    /// It can't do this at all.
    #[error("can't do this")]
    Unsupported,
}

impl RemoteFailure {
    /// Makes a failure.
    pub(super) fn new(log: impl Into<String>, trouble: Trouble, source: impl Into<Cause>) -> Self {
        Self {
            log: log.into(),
            trouble,
            source: source.into(),
        }
    }
}

/// Events could not be appended or removed: nothing of them is in the log, unless the error says that it is not known.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// There is no such place, and it can't be made.
    #[error("the event log `{}` can't be created", path.display())]
    CannotCreate {
        /// The log.
        path: PathBuf,
        /// What was said.
        source: Cause,
    },
    /// The disk is full, the file or its folder is read-only, or the file system failed.
    #[error("the event log `{}` can't be written", path.display())]
    CannotWrite {
        /// The log.
        path: PathBuf,
        /// What was said.
        source: Cause,
    },
    /// Others kept it locked for too long.
    #[error("the event log `{}` was locked by another process for {}", path.display(), seconds(*.waited))]
    Locked {
        /// The log.
        path: PathBuf,
        /// How long this process waited.
        waited: Duration,
    },
    /// It is something else, or broken.
    #[error("`{}` is not an event log: {found}", path.display())]
    NotALog {
        /// The file.
        path: PathBuf,
        /// What it is.
        found: NotALog,
    },
    /// A later version of tidegate wrote it.
    #[error("the event log `{}` has version {found}; this tidegate writes up to version {known}", path.display())]
    Newer {
        /// The log.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version that can be written.
        known: i64,
    },
    /// An event is larger than any log takes.
    #[error("the event `{id}` has {size} bytes; an event log takes {limit}")]
    TooLarge {
        /// The id of the event.
        id: String,
        /// Its size as JSON.
        size: usize,
        /// The most that it may have.
        limit: usize,
    },
    /// An event has no form as JSON: a bug.
    #[error("the event `{id}` can't be written as JSON")]
    Unwritable {
        /// The id of the event.
        id: String,
        /// Why.
        source: serde_json::Error,
    },
    /// A server did not do what it was asked.
    #[error(transparent)]
    Remote(#[from] RemoteFailure),
}

/// What was found where an event log should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotALog {
    /// A folder.
    #[error("it is a folder")]
    Folder,
    /// A file that SQLite does not know.
    #[error("it is not an SQLite database")]
    NotSqlite,
    /// A database of another program.
    #[error("it is an SQLite database, but of another program")]
    ForeignDatabase,
    /// A database of ours that is damaged.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// Lines, none of which is an event.
    #[error("it holds no event: line {line} is none ({problem})")]
    NoEvent {
        /// The first line that should be an event.
        line: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// Events, but in one JSON document, such as an export from Keptn's API.
    #[error("it is one JSON document; a log has one event on each line")]
    OneDocument,
}

impl NotALog {
    /// Returns what the user can do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Folder => "name a file in it, such as `sqlite:FOLDER/events.db`",
            Self::NotSqlite => "a log of lines is written as `jsonl:PATH`",
            Self::ForeignDatabase => "name another file; it is created with the first evaluation",
            Self::Damaged(_) => {
                "restore it from a copy, or save what is left: `sqlite3 PATH .recover | sqlite3 NEW`"
            }
            Self::NoEvent { .. } => "a database is written as `sqlite:PATH`",
            Self::OneDocument => {
                "bring its events into a log: `tidegate import keptn --file EXPORT.json`"
            }
        }
    }
}

impl ReadError {
    /// Sorts what the operating system said when the log was to be read.
    pub(super) fn from_io(path: &Path, error: io::Error) -> Self {
        if error.kind() == ErrorKind::IsADirectory {
            return Self::NotALog {
                path: path.to_owned(),
                found: NotALog::Folder,
            };
        }
        let (path, forbidden) = (path.to_owned(), error.kind() == ErrorKind::PermissionDenied);
        let source = error.into();
        if forbidden {
            Self::Forbidden { path, source }
        } else {
            Self::Unreadable { path, source }
        }
    }
}

impl AppendError {
    /// Sorts what the operating system said when the log was to be created: a place that does not exist and can't be
    /// made is one thing, a place that refuses (read-only, full, no folder) another.
    pub(super) fn creating(path: &Path, error: io::Error) -> Self {
        let nowhere = [
            ErrorKind::NotFound,
            ErrorKind::InvalidInput,
            ErrorKind::InvalidFilename,
        ];
        if nowhere.contains(&error.kind()) {
            return Self::CannotCreate {
                path: path.to_owned(),
                source: error.into(),
            };
        }
        Self::writing(path, error)
    }

    /// Sorts what the operating system said when the log was to be written.
    pub(super) fn writing(path: &Path, error: io::Error) -> Self {
        let path = path.to_owned();
        if error.kind() == ErrorKind::IsADirectory {
            let found = NotALog::Folder;
            return Self::NotALog { path, found };
        }
        Self::CannotWrite {
            path,
            source: error.into(),
        }
    }
}

/// An append begins with a read; what stops that one stops the append.
impl From<ReadError> for AppendError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Forbidden { path, source } | ReadError::Unreadable { path, source } => {
                Self::CannotWrite { path, source }
            }
            ReadError::Locked { path, waited } => Self::Locked { path, waited },
            ReadError::NotALog { path, found } => Self::NotALog { path, found },
            ReadError::Newer { path, found, known } => Self::Newer { path, found, known },
            ReadError::Remote(failure) => Self::Remote(failure),
        }
    }
}

/// Writes a duration as seconds.
fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}
