//! From settings to a log: the one list of the logs there are.

use std::error::Error;

use super::EventLog;
use super::failure::Cause;
use super::jsonl::JsonlLog;
use super::keptn::KeptnLog;
use super::memory::MemoryLog;
use super::nats::NatsLog;
use super::objects::ObjectLog;
use super::postgres::PostgresLog;
use super::settings::{EventLogSettings, LogUrl, RemoteLog, RemoteUrl};
use super::sqlite::SqliteLog;

/// A log can't be used as it is set up: its URL, or what it needs besides.
#[derive(Debug, thiserror::Error)]
#[error("the event log `{log}` can't be used")]
pub struct OpenError {
    /// Which log, without credentials.
    pub log: String,
    /// What is wrong.
    pub source: Cause,
}

impl OpenError {
    /// Says what is wrong with a log.
    pub(super) fn new(log: &RemoteUrl, source: impl Into<Cause>) -> Self {
        Self {
            log: log.to_string(),
            source: source.into(),
        }
    }
}

/// Opens a log. Files are touched by the first read, and created by the first append: whoever stores nothing leaves
/// nothing behind. Nothing is sent to a server yet.
pub fn open(settings: EventLogSettings) -> Result<Box<dyn EventLog>, OpenError> {
    let lock_timeout = settings.lock_timeout;
    match settings.url.clone() {
        LogUrl::Sqlite(path) => Ok(Box::new(SqliteLog::new(path, lock_timeout))),
        LogUrl::Jsonl(path) => Ok(Box::new(JsonlLog::new(path, lock_timeout))),
        LogUrl::Memory => Ok(Box::new(MemoryLog::new())),
        LogUrl::Remote(url) => match url.kind {
            RemoteLog::Keptn => Ok(Box::new(KeptnLog::new(settings)?)),
            RemoteLog::Postgres => remote(&url, PostgresLog::open(&settings, &url)),
            RemoteLog::S3 | RemoteLog::GoogleCloud | RemoteLog::Azure => {
                Ok(Box::new(ObjectLog::open(&url, settings)?))
            }
            RemoteLog::Nats => remote(&url, NatsLog::new(&url, settings)),
        },
    }
}

/// Takes a log on a server, or says what is wrong with it.
fn remote<L: EventLog + 'static, E: Error + Send + Sync + 'static>(
    url: &RemoteUrl,
    opened: Result<L, E>,
) -> Result<Box<dyn EventLog>, OpenError> {
    match opened {
        Ok(log) => Ok(Box::new(log)),
        Err(problem) => Err(OpenError::new(url, problem)),
    }
}
