//! From settings to a log: the one list of the logs there are.

use super::EventLog;
use super::jsonl::JsonlLog;
use super::memory::MemoryLog;
use super::postgres::PostgresLog;
use super::settings::{EventLogSettings, LogUrl, RemoteLog, RemoteUrl};
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
    /// The settings of a log on a server are wrong.
    #[error("the event log `{log}` can't be used: {problem}")]
    Unusable {
        /// Which log, without credentials.
        log: RemoteUrl,
        /// What is wrong.
        problem: String,
    },
}

impl OpenError {
    /// Says what is wrong with the settings of a log, and why.
    fn unusable(log: &RemoteUrl, problem: impl std::error::Error) -> Self {
        let mut text = problem.to_string();
        let mut cause = problem.source();
        while let Some(deeper) = cause {
            text = format!("{text}: {deeper}");
            cause = deeper.source();
        }
        Self::Unusable {
            log: log.clone(),
            problem: text,
        }
    }
}

/// Opens a log. Files are touched by the first read, and created by the first append: whoever stores nothing leaves
/// nothing behind.
pub fn open(settings: EventLogSettings) -> Result<Box<dyn EventLog>, OpenError> {
    let lock_timeout = settings.lock_timeout;
    match &settings.url {
        LogUrl::Sqlite(path) => Ok(Box::new(SqliteLog::new(path.clone(), lock_timeout))),
        LogUrl::Jsonl(path) => Ok(Box::new(JsonlLog::new(path.clone(), lock_timeout))),
        LogUrl::Memory => Ok(Box::new(MemoryLog::new())),
        LogUrl::Remote(url) => match url.kind {
            RemoteLog::Keptn => Err(OpenError::NotBuilt { remote: url.kind }),
            RemoteLog::Postgres => {
                let log = PostgresLog::open(&settings, url);
                let log = log.map_err(|problem| OpenError::unusable(url, problem))?;
                Ok(Box::new(log))
            }
            RemoteLog::S3 | RemoteLog::GoogleCloud | RemoteLog::Azure => {
                Err(OpenError::NotBuilt { remote: url.kind })
            }
            RemoteLog::Nats => Err(OpenError::NotBuilt { remote: url.kind }),
        },
    }
}
