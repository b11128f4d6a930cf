//! Settings of a command.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::net::Secret;

/// How to carry a task out by a program.
#[derive(Clone, Debug, PartialEq)]
pub struct CommandSettings {
    /// The program and its arguments. Never a shell, and never a secret: anyone on the machine can read them.
    pub command: Vec<String>,
    /// The folder that a relative path of the program starts at.
    pub folder: PathBuf,
    /// The folder that it runs in.
    pub working_directory: PathBuf,
    /// The environment, but for what tells it of the task.
    pub environment: BTreeMap<String, Secret>,
    /// What must not be shown of what it says.
    pub secrets: Vec<Secret>,
    /// How long it may take.
    pub timeout: Duration,
}

impl CommandSettings {
    /// How long a command may take, where nobody says.
    pub const TIMEOUT: Duration = Duration::from_secs(3600);

    /// Takes a command that runs in a folder, and the defaults for everything else.
    #[must_use]
    pub fn new(command: Vec<String>, folder: PathBuf) -> Self {
        Self {
            command,
            working_directory: folder.clone(),
            folder,
            environment: BTreeMap::new(),
            secrets: Vec::new(),
            timeout: Self::TIMEOUT,
        }
    }
}
