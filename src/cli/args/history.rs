//! `tidegate history` and `tidegate show`.

#![expect(
    clippy::doc_markdown,
    reason = "the doc comments are help texts, read in a terminal"
)]

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::evaluate::format_parser;
use super::log::{LogArgs, SeriesArgs};
use crate::report::Format;

/// List the stored evaluations of a service, newest first
///
/// Each with its verdict, its score and the change against the one before, its labels, and what it was compared with.
/// Times are UTC. The service is that of the folder, as for evaluate; neither slo.yaml nor sli.yaml is needed.
#[derive(Args, Debug)]
#[command(after_help = HISTORY_EXAMPLES)]
pub struct HistoryArgs {
    /// The folder of the service [default: the working folder]
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,

    /// Which service.
    #[command(flatten)]
    pub series: SeriesArgs,

    /// Every service of the event log
    #[arg(long, help_heading = "Which service", conflicts_with_all = ["project", "stage", "service"])]
    pub all: bool,

    /// How many at most, up to 1000 [default: 20, with --heatmap 50]
    #[arg(long, short = 'n', value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=1000), help_heading = "Which evaluations")]
    pub limit: Option<u16>,

    /// Only those with this label; may be repeated
    #[arg(
        long = "label",
        value_name = "KEY=VALUE",
        help_heading = "Which evaluations"
    )]
    pub label: Vec<String>,

    /// Only those that ended so: pass, warning, fail or inconclusive; may be repeated
    #[arg(
        long = "result",
        value_name = "RESULT",
        help_heading = "Which evaluations",
        hide_possible_values = true
    )]
    pub results: Vec<ResultChoice>,

    /// Only those stored from this time on: 2024-02-01T10:00:00Z, -7d, or an epoch
    #[arg(
        long,
        value_name = "TIME",
        help_heading = "Which evaluations",
        allow_hyphen_values = true
    )]
    pub since: Option<String>,

    /// Only those stored before this time, written like --since
    #[arg(
        long,
        value_name = "TIME",
        help_heading = "Which evaluations",
        allow_hyphen_values = true
    )]
    pub until: Option<String>,

    /// Only those older than this one, to turn the page: an id, or latest~20
    #[arg(long, value_name = "RUN", help_heading = "Which evaluations")]
    pub before: Option<String>,

    /// Where the log is.
    #[command(flatten)]
    pub log: LogArgs,

    /// Show how each SLI of each evaluation ended, and the line of its values
    ///
    /// A row for the score and for each SLI, a column for each evaluation, the newest at the right; a sign in each cell
    /// says how it ended, with colour or without. What there is no room for at the left is the oldest.
    #[arg(long, help_heading = "Output", conflicts_with_all = ["all", "output"])]
    pub heatmap: bool,

    /// What stdout shows: table, json or jsonl [default: table]
    ///
    /// json and jsonl are versioned, and hold the value of each SLI; jsonl has one evaluation a line.
    #[arg(
        long,
        short,
        value_name = "FORMAT",
        help_heading = "Output",
        hide_possible_values = true
    )]
    pub output: Option<ListFormat>,
}

/// Shown below the help of `history`.
const HISTORY_EXAMPLES: &str = "Examples:
  tidegate history
  tidegate history gates/carts --label branch=main --limit 50
  tidegate history --heatmap
  tidegate history --all --result fail --since -7d
  tidegate history --output jsonl | jq -r '[.time, .score] | @tsv'";

/// Show the report of a stored evaluation
///
/// It is the report that was printed when it was evaluated, from what is stored; below it stands whether it was
/// invalidated or pinned since. Always ends with 0 where there is such an evaluation, whatever its verdict.
#[derive(Args, Debug)]
#[command(after_help = SHOW_EXAMPLES)]
pub struct ShowArgs {
    /// Which: latest, latest~2 (the second before it), an id or its beginning, or the start of the window
    #[arg(value_name = "RUN")]
    pub run: String,

    /// The folder of the service [default: the working folder]
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,

    /// Which service.
    #[command(flatten)]
    pub series: SeriesArgs,

    /// Where the log is.
    #[command(flatten)]
    pub log: LogArgs,

    /// What stdout shows: table, json, yaml, keptn-event, or any FORMAT of report [env: TIDEGATE_OUTPUT] [default: table]
    ///
    /// json and yaml are the document of evaluate, with `invalidated` and `pinned`. keptn-event is the event exactly as
    /// it is stored.
    #[arg(
        long,
        short,
        value_name = "FORMAT",
        help_heading = "Output",
        hide_possible_values = true,
        value_parser = format_parser()
    )]
    pub output: Option<Format>,

    /// Spell out the arithmetic of the score below the table
    #[arg(long, help_heading = "Output")]
    pub explain: bool,
}

/// Shown below the help of `show`.
const SHOW_EXAMPLES: &str = "Examples:
  tidegate show latest
  tidegate show latest~1 --explain
  tidegate show 0194f1c2-3d5e gates/carts
  tidegate show latest --output json | jq .score

Exit codes:
    0  it is shown, whatever it says  75  the event log is locked: try again
   64  the command line is wrong      76  the event log could not be understood
   66  there is no such evaluation    77  not authorised
   69  the event log could not        78  tidegate.yaml or the environment is wrong
       be reached";

/// How an evaluation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ResultChoice {
    /// It passed.
    Pass,
    /// It is a warning.
    Warning,
    /// It failed.
    Fail,
    /// There is no verdict, by a policy.
    Inconclusive,
}

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For people.
    Table,
    /// One document for programs.
    Json,
    /// One document a line.
    Jsonl,
}
