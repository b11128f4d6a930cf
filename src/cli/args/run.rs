//! `tidegate run`.

#![expect(
    clippy::doc_markdown,
    reason = "the doc comments are help texts, read in a terminal"
)]

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::evaluate::FailOn;
use super::log::LogArgs;

/// Carry out a sequence of a shipyard, and all that follows from it, on this machine
///
/// Reads shipyard.yaml, starts SEQUENCE, and carries out its tasks one after the other, then those of every sequence that
/// waits for it, until nothing is left to do. No server is needed. `tasks` in tidegate.yaml says who carries out which
/// task: a command, the gate (evaluation), an approval, or a webhook. Every step is stored in the event log before the
/// next one begins, so a run that was interrupted or killed goes on with --resume.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub struct RunArgs {
    /// The sequence, such as delivery
    #[arg(value_name = "SEQUENCE", conflicts_with = "resume")]
    pub sequence: Option<String>,

    /// The project [env: TIDEGATE_PROJECT] [default: the folder of tidegate.yaml or .git]
    #[arg(long, value_name = "NAME", help_heading = "What")]
    pub project: Option<String>,

    /// The stage to begin in [env: TIDEGATE_STAGE] [default: the first that has the sequence]
    #[arg(long, value_name = "NAME", help_heading = "What")]
    pub stage: Option<String>,

    /// The service [env: TIDEGATE_SERVICE] [default: the folder of the shipyard]
    #[arg(long, value_name = "NAME", help_heading = "What")]
    pub service: Option<String>,

    /// The image to deliver: configurationChange.values.image, TIDEGATE_IMAGE for commands
    #[arg(
        long,
        value_name = "IMAGE",
        value_parser = image,
        help_heading = "What",
        conflicts_with = "resume"
    )]
    pub image: Option<String>,

    /// A value for configurationChange.values, such as replicas=2 or a.b=c; may be repeated
    #[arg(
        long,
        value_name = "KEY=VALUE",
        help_heading = "What",
        conflicts_with = "resume"
    )]
    pub values: Vec<String>,

    /// Label the run; may be repeated
    #[arg(
        long,
        value_name = "KEY=VALUE",
        help_heading = "What",
        conflicts_with = "resume"
    )]
    pub label: Vec<String>,

    /// Take the data of the trigger from a JSON file, as Keptn's events have them
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "What",
        conflicts_with = "resume"
    )]
    pub data_file: Option<PathBuf>,

    /// Read the stages from this file [default: shipyard.yaml beside tidegate.yaml]
    #[arg(long, value_name = "FILE", help_heading = "What")]
    pub shipyard: Option<PathBuf>,

    /// Go on with a run that was interrupted: the newest of the project, or that of a context
    ///
    /// It goes on by the shipyard that it began with. Tasks that have an answer are not carried out again; one that was
    /// under way is, with TIDEGATE_ATTEMPT=again.
    #[arg(long, value_name = "CONTEXT", num_args = 0..=1, default_missing_value = "", help_heading = "How")]
    pub resume: Option<String>,

    /// Approve what waits for a decision, and go on
    #[arg(long, help_heading = "How", requires = "resume")]
    pub approve: bool,

    /// Decline what waits for a decision, and go on
    #[arg(
        long,
        help_heading = "How",
        requires = "resume",
        conflicts_with = "approve"
    )]
    pub decline: bool,

    /// Why it is approved or declined
    #[arg(long, value_name = "TEXT", help_heading = "How", requires = "resume")]
    pub message: Option<String>,

    /// Wait for decisions of others instead of ending with 75
    ///
    /// Without it, a run that only a decision can bring on ends, and says how to go on. --timeout bounds the wait.
    #[arg(long, help_heading = "How")]
    pub wait: bool,

    /// Show what would be carried out by whom, and do nothing
    #[arg(long, help_heading = "How", conflicts_with = "resume")]
    pub dry_run: bool,

    /// Send events as cdevents=URL or cloudevents=URL; repeatable [env: TIDEGATE_EMIT]
    ///
    /// What can't be sent is told in the end, and never changes the result.
    #[arg(long, value_name = "FORM=URL", help_heading = "How")]
    pub emit: Vec<String>,

    /// What ends with a failing exit code: fail, warning or never [env: TIDEGATE_FAIL_ON]
    ///
    /// As for evaluate: unset, a warning ends with 3 and a fail with 1.
    #[arg(
        long,
        value_name = "VERDICT",
        help_heading = "How",
        hide_possible_values = true
    )]
    pub fail_on: Option<FailOn>,

    /// Where the log is.
    #[command(flatten)]
    pub log: LogArgs,

    /// What stdout shows in the end: table, json or yaml [env: TIDEGATE_OUTPUT] [default: table]
    #[arg(
        long,
        short,
        value_name = "FORMAT",
        help_heading = "Output",
        hide_possible_values = true
    )]
    pub output: Option<RunFormat>,
}

/// What stdout shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RunFormat {
    /// A table of stages and tasks.
    Table,
    /// One JSON document.
    Json,
    /// The same in YAML.
    Yaml,
}

/// Reads an image: an empty one is a variable that is not set.
pub fn image(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("the image is empty".to_owned());
    }
    Ok(text.to_owned())
}

/// What stands below the help.
const EXAMPLES: &str = "\
Examples:
  tidegate run delivery --image carts:1.2     carry out the sequence delivery
  tidegate run delivery --dry-run             show who would carry out what
  tidegate run --resume                       go on with the newest run that is not over
  tidegate run --resume --approve             approve what waits, and go on

Exit codes, by the worst sequence of the run:
    0  pass                           69  a task could not be carried out
    1  fail                           75  a decision is to be made, or another process
    3  warning                            runs it: try again
   64  the command line is wrong      78  tidegate.yaml is wrong, or a task has no binding
   65  the shipyard is malformed     124  --timeout ran out, or a task took too long
   66  no such file, stage, sequence 130  interrupted, or aborted
       or run";
