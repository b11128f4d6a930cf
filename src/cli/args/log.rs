//! Which log, and which series, for the commands that read what is stored.

#![expect(
    clippy::doc_markdown,
    reason = "the doc comments are help texts, read in a terminal"
)]

use std::path::PathBuf;

use clap::{Args, Subcommand};

// No doc comments on these two: clap would take them for the help of the command that they are part of.
#[derive(Args, Debug, Default)]
pub struct LogArgs {
    /// Use this event log [env: TIDEGATE_EVENT_LOG] [default: sqlite:.tidegate/events.db]
    ///
    /// As for evaluate. A URL with a password belongs into the variable or into tidegate.yaml: what is typed, others
    /// can see.
    #[arg(long, value_name = "URL", help_heading = "Where")]
    pub event_log: Option<String>,

    /// Read the configuration from this file [env: TIDEGATE_CONFIG]
    ///
    /// Without it: the tidegate.yaml that is found first from the folder upwards.
    #[arg(long, value_name = "FILE", help_heading = "Where")]
    pub config: Option<PathBuf>,

    /// Give up after this long, with exit code 124 [env: TIDEGATE_TIMEOUT] [default: never]
    #[arg(
        long,
        value_name = "DURATION",
        help_heading = "Where",
        allow_hyphen_values = true
    )]
    pub timeout: Option<String>,
}

#[derive(Args, Debug, Default)]
pub struct SeriesArgs {
    /// The project [env: TIDEGATE_PROJECT] [default: the folder of tidegate.yaml or .git]
    #[arg(long, value_name = "NAME", help_heading = "Which service")]
    pub project: Option<String>,

    /// The stage [env: TIDEGATE_STAGE] [default: default]
    #[arg(long, value_name = "NAME", help_heading = "Which service")]
    pub stage: Option<String>,

    /// The service [env: TIDEGATE_SERVICE] [default: the folder]
    #[arg(long, value_name = "NAME", help_heading = "Which service")]
    pub service: Option<String>,
}

/// Work on whole event logs
#[derive(Args, Debug)]
#[command(arg_required_else_help = true, subcommand_required = true)]
pub struct LogCommandArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: LogCommand,
}

/// What can be done with whole logs.
#[derive(Debug, Subcommand)]
pub enum LogCommand {
    /// Copy all events of one event log into another one
    Copy(LogCopyArgs),
}

/// Copy all events of one event log into another one
///
/// Each event is stored once, with its own time, oldest first, whatever kinds of log these are. What is there already is
/// passed over, so a copy that was interrupted goes on when it is started again, and a log can be copied into one that
/// is in use. In the end every event is looked for again, and the counts of each series are told.
///
/// FROM and TO are written as for --event-log; relative paths start at the working folder. A URL with a password
/// is refused, because other users of the machine can see what is typed: put it into an environment variable, and name
/// that with an @, as in @NEW_LOG.
#[derive(Args, Debug)]
#[command(after_help = COPY_EXAMPLES)]
pub struct LogCopyArgs {
    /// The event log to read: a URL, a path, or @VARIABLE
    #[arg(value_name = "FROM")]
    pub from: String,

    /// The event log to store the events in: a URL, a path, or @VARIABLE
    #[arg(value_name = "TO")]
    pub to: String,

    /// Give up after this long, with exit code 124 [env: TIDEGATE_TIMEOUT] [default: never]
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub timeout: Option<String>,
}

/// Shown below the help of `log copy`.
const COPY_EXAMPLES: &str = "Examples:
  tidegate log copy .tidegate/events.db s3://team/gate
  NEW_LOG=postgres://gate:secret@db/gate tidegate log copy events.jsonl @NEW_LOG

Exit codes:
    0  every event is in both logs    73, 74  TO could not be created, or written
   64  the command line is wrong      75  a log is locked, or events came meanwhile: again
   66  there is no such file          76  a log could not be understood
   69  a log could not be reached     77  not authorised";
