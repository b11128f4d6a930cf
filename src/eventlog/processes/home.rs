//! Where a log is, and what leads to it.

use std::any::Any;
use std::env;
use std::future::Future;
use std::time::Duration;

use tempfile::TempDir;
use tokio::runtime;

use crate::eventlog::{EventLog, EventLogSettings, LogUrl, Variables, open};

/// The logs that are files.
pub(super) const FILES: [&str; 2] = ["sqlite:events.db", "jsonl:events.jsonl"];

/// A log, empty at first.
pub(super) struct Home {
    /// Its URL.
    pub url: String,
    /// The variables with its credentials.
    pub variables: Vec<(&'static str, String)>,
    /// What must live as long: its folder, its server.
    _keep: Box<dyn Any>,
}

impl Home {
    /// Takes a log, and what must live as long.
    pub(super) fn new(url: impl Into<String>, keep: impl Any) -> Self {
        Self {
            url: url.into(),
            variables: Vec::new(),
            _keep: Box::new(keep),
        }
    }

    /// Finds a place for a log that is a file.
    pub(super) fn of_file(url: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::new(in_folder(url, &folder), folder)
    }

    /// Adds a variable.
    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    /// Opens the log.
    pub(super) fn log(&self) -> Box<dyn EventLog> {
        let variables = self.variables.iter().map(|(name, value)| (*name, value));
        open_patiently(&self.url, variables.collect())
    }
}

/// Returns the URL of a log in a folder.
pub(super) fn in_folder(url: &str, folder: &TempDir) -> String {
    let url: LogUrl = url.parse().unwrap();
    url.relative_to(folder.path()).to_string()
}

/// Opens a log, with patience for a busy machine.
pub(super) fn open_patiently(url: &str, variables: Variables) -> Box<dyn EventLog> {
    let settings = EventLogSettings {
        lock_timeout: Duration::from_secs(120),
        variables,
        ..EventLogSettings::new(url.parse().unwrap())
    };
    open(settings).unwrap()
}

/// Waits for work, in a runtime such as that of the program.
pub(super) fn blocking<T>(work: impl Future<Output = T>) -> T {
    let mut builder = runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap().block_on(work)
}

/// Returns how many rounds to play: `usual` ones, or as many as somebody asks for who has the time.
pub(super) fn rounds(usual: usize) -> usize {
    env::var("TIDEGATE_FAULT_ROUNDS").map_or(usual, |rounds| rounds.parse().unwrap())
}
