//! From settings to a log: the one list of the logs there are.

use super::EventLog;
use super::jsonl::JsonlLog;
use super::memory::MemoryLog;
use super::objects::ObjectLog;
use super::settings::{EventLogSettings, LogUrl, RemoteLog};
use super::sqlite::SqliteLog;

/// A log could not be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// This version has no such log.
    #[error("this version can't keep its history at `{remote}`; use `sqlite:PATH` or `jsonl:PATH`")]
    NotBuilt {
        /// The kind of log that was asked for.
        remote: RemoteLog,
    },
    /// The URL of a log, or what it needs, can't be used.
    #[error("the event log `{log}` can't be used: {problem}")]
    Unusable {
        /// The log, without credentials.
        log: String,
        /// What is wrong, and what to do about it.
        problem: String,
    },
}

/// Opens a log. Files are touched by the first read, and created by the first append: whoever stores nothing leaves
/// nothing behind.
pub fn open(settings: EventLogSettings) -> Result<Box<dyn EventLog>, OpenError> {
    let lock_timeout = settings.lock_timeout;
    match settings.url.clone() {
        LogUrl::Sqlite(path) => Ok(Box::new(SqliteLog::new(path, lock_timeout))),
        LogUrl::Jsonl(path) => Ok(Box::new(JsonlLog::new(path, lock_timeout))),
        LogUrl::Memory => Ok(Box::new(MemoryLog::new())),
        LogUrl::Remote(url) => match url.kind {
            RemoteLog::Keptn => Err(OpenError::NotBuilt { remote: url.kind }),
            RemoteLog::Postgres => Err(OpenError::NotBuilt { remote: url.kind }),
            RemoteLog::S3 | RemoteLog::GoogleCloud | RemoteLog::Azure => {
                Ok(Box::new(ObjectLog::open(&url, settings)?))
            }
            RemoteLog::Nats => Err(OpenError::NotBuilt { remote: url.kind }),
        },
    }
}
