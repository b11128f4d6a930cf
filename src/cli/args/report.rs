//! `tidegate report`.

use std::path::PathBuf;

use clap::Args;

use super::evaluate::format_parser;
use super::log::{LogArgs, SeriesArgs};
use super::publish::PublishArgs;
use crate::report::Format;

/// Write reports of a stored evaluation, or of a file
///
/// The reports are those that evaluate would have written. They come from the event log, or from a file that
/// --report json or --report keptn-event wrote. Ends with 0 where they are written, whatever the verdict was.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ReportArgs {
    /// Which: latest, latest~2 (the second before it), an id or its beginning, or the start of the window
    /// [default: latest]
    #[arg(value_name = "RUN", conflicts_with = "from")]
    pub run: Option<String>,

    /// The folder of the service [default: the working folder]
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,

    /// Take the evaluation from this file instead of the event log, `-` for stdin
    ///
    /// What --report json, --output json, --report keptn-event or keptn-events wrote.
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,

    /// Which service.
    #[command(flatten)]
    pub series: SeriesArgs,

    /// Where the log is.
    #[command(flatten)]
    pub log: LogArgs,

    /// Where it is told.
    #[command(flatten)]
    pub publish: PublishArgs,

    /// What stdout shows: any FORMAT of --report [default: nothing]
    #[arg(long, short, value_name = "FORMAT", help_heading = "Output", hide_possible_values = true, value_parser = format_parser())]
    pub output: Option<Format>,
}

/// Shown below the help.
const EXAMPLES: &str = "Examples:
  tidegate report --report html=gate.html
  tidegate report latest~1 --report junit=gate.xml --report markdown=gate.md
  tidegate report --from gate.json --output csv

Exit codes:
    0  the reports are written        73, 74  a report could not be created, or written
   64  the command line is wrong      75  the event log is locked: try again
   65  the file is malformed          76  the event log could not be understood
   66  there is no such evaluation,   77  not authorised
       or no such file                78  tidegate.yaml or the environment is wrong
   69  the event log could not be reached";
