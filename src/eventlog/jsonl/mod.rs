//! The log as a text file, one event a line: to read, to diff, to commit beside the SLO.
//!
//! Writers lock the file itself and add a batch with one write, so what can be cut off by a kill is the end of the last
//! batch: a cut line is passed over by readers, and the next writer takes it away, or begins a new one. Readers lock only
//! while they see how long the file is. Other programs may append lines of their own.
//!
//! Each line of ours says where it stands, and where lines before it stand: [`links`]. As long as the last line stands
//! where it says, nothing before it was moved, and readers and writers follow the links from there ([`linker`],
//! [`walk`]). Else they read the whole file once ([`catalogue`]); the next writer begins a run of links anew. A change in
//! place that leaves every line where it stands is seen when the line is read, not before.

mod append;
mod batch;
mod catalogue;
#[cfg(any(test, fuzzing))]
mod fuzzing;
mod lines;
#[cfg(test)]
mod linked_tests;
mod linker;
mod links;
mod lock;
mod opened;
mod read;
mod reader;
mod relink;
mod remove;
#[cfg(test)]
mod tests;
mod walk;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use self::catalogue::Catalogue;
#[cfg(fuzzing)]
pub use self::fuzzing::read_lines;
use super::failure::{AppendError, ReadError};
use super::filter::Filter;
use super::page::Page;
use super::{EventLog, Times, background};
use crate::gate::event::CloudEvent;

/// A log in a file of lines.
#[derive(Clone, Debug)]
pub struct JsonlLog {
    /// The file, shared with the thread that works on it.
    file: Arc<LineFile>,
}

/// The file, and what is known of it.
#[derive(Debug)]
struct LineFile {
    /// Where it is.
    path: PathBuf,
    /// How long to wait for other processes.
    lock_timeout: Duration,
    /// What has been read of it.
    catalogue: Mutex<Catalogue>,
}

impl JsonlLog {
    /// Names the file. It is opened by each call, and created by the first append.
    #[must_use]
    pub fn new(path: PathBuf, lock_timeout: Duration) -> Self {
        Self {
            file: Arc::new(LineFile {
                path,
                lock_timeout,
                catalogue: Mutex::default(),
            }),
        }
    }
}

#[async_trait]
impl EventLog for JsonlLog {
    async fn append(
        &self,
        events: Vec<CloudEvent>,
        times: Times,
    ) -> Result<Vec<CloudEvent>, AppendError> {
        let file = Arc::clone(&self.file);
        background::run(move || {
            let mut catalogue = file
                .catalogue
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            append::batch(&file, &mut catalogue, &events, times)
        })
        .await
    }

    async fn events(&self, filter: &Filter, limit: usize) -> Result<Page, ReadError> {
        let file = Arc::clone(&self.file);
        let filter = filter.clone();
        background::run(move || {
            let mut catalogue = file
                .catalogue
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            read::page(&file, &mut catalogue, &filter, limit)
        })
        .await
    }

    async fn remove(&self, events: &[CloudEvent]) -> Result<usize, AppendError> {
        let file = Arc::clone(&self.file);
        let ids: HashSet<String> = events.iter().map(|event| event.id.clone()).collect();
        background::run(move || {
            let mut catalogue = file
                .catalogue
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            remove::events(&file, &mut catalogue, &ids)
        })
        .await
    }
}
