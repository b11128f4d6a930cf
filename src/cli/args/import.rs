//! `tidegate import`.

#![expect(
    clippy::doc_markdown,
    reason = "the doc comments are help texts, read in a terminal"
)]

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::query::DataFormat;

/// Copy the history of another system into the event log
#[derive(Args, Debug)]
#[command(arg_required_else_help = true, subcommand_required = true)]
pub struct ImportArgs {
    /// Where from.
    #[command(subcommand)]
    pub command: ImportCommand,
}

/// Systems whose history can be copied.
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Copy the evaluations of a Keptn
    Keptn(Box<ImportKeptnArgs>),
}

/// Copy the evaluations of a Keptn
///
/// Copies evaluations, what triggered them, and which of them were invalidated; ids and times stay, so the baselines are
/// those that Keptn would compare with. Events of Keptn before 0.8 are brought into the form of today. What is in the event
/// log already is not stored twice: an import can be repeated, or taken up again where it broke off.
///
/// The API token is taken from KEPTN_API_TOKEN, else from where `keptn auth` stored it; it is never typed here.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ImportKeptnArgs {
    /// Read from the API of this Keptn, such as https://keptn.example/api
    #[arg(
        long,
        value_name = "URL",
        help_heading = "Where from",
        required_unless_present = "file",
        conflicts_with = "file"
    )]
    pub from: Option<String>,

    /// Read from this file, `-` for stdin; may be repeated
    ///
    /// An answer of Keptn's API, what `keptn get event -o json` prints, a list of events, one event on each line, or an
    /// export by mongoexport.
    #[arg(long, value_name = "FILE", help_heading = "Where from")]
    pub file: Vec<PathBuf>,

    /// Only events of this project; may be repeated [default: all projects]
    #[arg(long, value_name = "NAME", help_heading = "Where from")]
    pub project: Vec<String>,

    /// Store in this event log [env: TIDEGATE_EVENT_LOG] [default: sqlite:.tidegate/events.db]
    #[arg(long, value_name = "URL", help_heading = "Where to")]
    pub event_log: Option<String>,

    /// Read the configuration from this file [env: TIDEGATE_CONFIG]
    #[arg(long, value_name = "FILE", help_heading = "Where to")]
    pub config: Option<PathBuf>,

    /// Count what is new, and store nothing
    #[arg(long, help_heading = "Where to")]
    pub dry_run: bool,

    /// What stdout shows: table, json or yaml [env: TIDEGATE_OUTPUT] [default: table]
    ///
    /// json and yaml are versioned.
    #[arg(
        long,
        short,
        value_name = "FORMAT",
        help_heading = "Output",
        hide_possible_values = true
    )]
    pub output: Option<DataFormat>,
}

/// Shown below the help.
const EXAMPLES: &str = "Examples:
  KEPTN_API_TOKEN=… tidegate import keptn --from https://keptn.example/api --dry-run
  KEPTN_API_TOKEN=… tidegate import keptn --from https://keptn.example/api --project sockshop
  mongoexport --uri … --collection sockshop > sockshop.json
  tidegate import keptn --file sockshop.json

Exit codes:
    0  everything was read and stored
   64  the command line is wrong
   65  something could not be read; the rest is stored
   66  a file is missing
   69, 75, 76, 77  Keptn, or the event log, could not be reached, asks to slow down,
       could not be understood, or does not let us in
   73, 74  the event log could not be created, or written
   78  tidegate.yaml or the environment is wrong";
