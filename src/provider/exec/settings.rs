//! Settings of a program that is asked for numbers.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use super::pin::Pin;
use crate::net::{RetrySettings, Secret};

/// How to run a program, and how to read what it prints.
#[derive(Clone, Debug, PartialEq)]
pub struct ExecSettings {
    /// The program and its arguments. Never a shell, and never a secret: anyone on the machine can read them.
    pub command: Vec<String>,
    /// The folder that it runs in, and that relative paths of `command` start at.
    pub folder: PathBuf,
    /// The whole environment of the program.
    pub environment: BTreeMap<String, Secret>,
    /// What must not be shown of what the program says.
    pub secrets: Vec<Secret>,
    /// How long one run may take.
    pub timeout: Duration,
    /// How often to run it again, where that may help.
    pub retry: RetrySettings,
    /// How many bytes it may print.
    pub max_output: usize,
    /// How many indicators one run is asked for.
    pub batch: Batch,
    /// How many runs may be under way at once.
    pub parallel: NonZeroUsize,
    /// How to get the program, where it is not there.
    pub install_hint: Option<String>,
    /// What the program is told besides.
    pub config: PluginConfig,
    /// What the program's file must hold.
    pub pin: Option<Pin>,
    /// How its output is read.
    pub format: ExecFormat,
}

impl ExecSettings {
    /// The longest run, where nobody says.
    pub const TIMEOUT: Duration = Duration::from_secs(60);
    /// The most bytes, where nobody says.
    pub const MAX_OUTPUT: usize = 8 * 1024 * 1024;
    /// How many runs at once, where nobody says.
    pub const PARALLEL: NonZeroUsize = NonZeroUsize::MIN.saturating_add(3);

    /// Takes a command, and the defaults for everything else.
    #[must_use]
    pub fn new(command: Vec<String>, folder: PathBuf) -> Self {
        Self {
            command,
            folder,
            environment: BTreeMap::new(),
            secrets: Vec::new(),
            timeout: Self::TIMEOUT,
            retry: RetrySettings::default(),
            max_output: Self::MAX_OUTPUT,
            batch: Batch::Whole,
            parallel: Self::PARALLEL,
            install_hint: None,
            config: PluginConfig::default(),
            pin: None,
            format: ExecFormat::Protocol,
        }
    }
}

/// How many indicators one run is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Batch {
    /// All of them.
    Whole,
    /// One.
    Single,
}

/// What a program is told besides; it may hold secrets.
#[derive(Clone, Default, PartialEq)]
pub struct PluginConfig(Value);

impl PluginConfig {
    /// Takes what the user wrote, variables filled in.
    #[must_use]
    pub fn new(value: Value) -> Self {
        Self(value)
    }

    /// Returns it, for the one place that sends it.
    #[must_use]
    pub fn expose(&self) -> &Value {
        &self.0
    }
}

impl fmt::Debug for PluginConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// How the output of a program is read.
#[derive(Clone, Debug, PartialEq)]
pub enum ExecFormat {
    /// `tidegate.exec/v1`: one JSON document in, one out.
    Protocol,
    /// One number.
    Number(UnitSuffix),
    /// Lines of `name value` or `name=value`; the query is the name.
    KeyValue(UnitSuffix),
    /// Performance data of a Nagios check; the query is the label.
    Nagios,
    /// JSON; the query is the path, unless one is given here.
    Json(Option<String>),
}

impl ExecFormat {
    /// The names of the formats.
    pub const NAMES: [&'static str; 5] = ["protocol", "number", "keyvalue", "nagios", "json"];

    /// Tells whether one output answers several queries: then the program is not told of any.
    pub(super) fn answers_many(&self) -> bool {
        match self {
            Self::Protocol | Self::KeyValue(_) | Self::Nagios => true,
            Self::Json(path) => path.is_none(),
            Self::Number(_) => false,
        }
    }
}

/// Whether a unit may stand behind a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitSuffix {
    /// No: `12ms` is an error.
    Refused,
    /// Yes: `12ms`, `0.5s`, and `3%` are read, as milliseconds and as a ratio.
    Read,
}
