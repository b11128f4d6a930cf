//! `tidegate doctor`.

#![expect(
    clippy::doc_markdown,
    reason = "the doc comments are help texts, read in a terminal"
)]

use clap::Args;

use super::measure::MeasureArgs;
use super::query::DataFormat;

/// Check that the configuration, the event log and every provider can be used
///
/// For each provider: whether its name is known, it can be connected to, its certificate is accepted, it lets us in, and
/// its clock goes like ours; then one query, the first of the SLI file, over the last five minutes. Says of each check
/// that does not succeed what to do. Nothing is stored, and no secret is shown.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, mut_arg("no_wait", |arg| arg.hide(true)))]
pub struct DoctorArgs {
    /// Providers to check [default: all that are configured]
    #[arg(value_name = "PROVIDER")]
    pub providers: Vec<String>,

    /// What is measured, and when.
    #[command(flatten)]
    pub measure: MeasureArgs,

    /// Check this event log [env: TIDEGATE_EVENT_LOG] [default: sqlite:.tidegate/events.db]
    #[arg(long, value_name = "URL", help_heading = "Files")]
    pub event_log: Option<String>,

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
  tidegate doctor
  tidegate doctor prometheus --timeout 10s
  tidegate doctor --output json | jq '.checks[] | select(.state == \"failed\")'

Exit codes:
    0  everything can be used         75  a backend asks to slow down, or the log is locked
   64  the command line is wrong      76  an answer could not be understood
   65  a file or a query is           77  not authorised
       malformed                      78  tidegate.yaml or the environment is wrong
   66  a file is missing             124  --timeout ran out
   69  a backend could not be        130, 143  interrupted, terminated
       reached";
