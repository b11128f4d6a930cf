//! `tidegate events`.

#![expect(
    clippy::doc_markdown,
    reason = "the doc comments are help texts, read in a terminal"
)]

use clap::{Args, Subcommand, ValueEnum};

use super::log::LogArgs;

/// Read, move, and remove the events that an event log consists of
///
/// Every evaluation is two CloudEvents, evaluation.triggered and evaluation.finished; invalidating and pinning are one
/// each. The filters of these commands have no defaults: they see the whole log.
#[derive(Args, Debug)]
#[command(arg_required_else_help = true, subcommand_required = true)]
pub struct EventsArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: EventsCommand,
}

/// What can be done with events.
#[derive(Debug, Subcommand)]
pub enum EventsCommand {
    /// List events, newest first, or follow them as they come
    List(Box<EventsListArgs>),
    /// Print one event, exactly as it is stored
    Get(EventsGetArgs),
    /// Write events to a file, one a line, oldest first
    Export(Box<EventsExportArgs>),
    /// Store the events of a file, each once
    Import(EventsImportArgs),
    /// Remove old evaluations
    Prune(EventsPruneArgs),
}

// No doc comment here: clap would take it for the help of the command that this is part of.
#[derive(Args, Debug, Default)]
pub struct EventFilterArgs {
    /// Only events of this type; may be repeated
    ///
    /// Such as evaluation.finished, short for sh.keptn.event.evaluation.finished.
    #[arg(long = "type", value_name = "TYPE", help_heading = "Which events")]
    pub types: Vec<String>,

    /// Only events of this project
    #[arg(long, value_name = "NAME", help_heading = "Which events")]
    pub project: Option<String>,

    /// Only events of this stage
    #[arg(long, value_name = "NAME", help_heading = "Which events")]
    pub stage: Option<String>,

    /// Only events of this service
    #[arg(long, value_name = "NAME", help_heading = "Which events")]
    pub service: Option<String>,

    /// Only events of this Keptn context
    #[arg(long, value_name = "ID", help_heading = "Which events")]
    pub context: Option<String>,

    /// Only events with this result: pass, warning or fail; may be repeated
    #[arg(
        long = "result",
        value_name = "RESULT",
        help_heading = "Which events",
        hide_possible_values = true
    )]
    pub results: Vec<VerdictChoice>,

    /// Only events from this time on: 2024-02-01T10:00:00Z, -7d, or an epoch
    #[arg(
        long,
        value_name = "TIME",
        help_heading = "Which events",
        allow_hyphen_values = true
    )]
    pub since: Option<String>,

    /// Only events before this time, written like --since
    #[arg(
        long,
        value_name = "TIME",
        help_heading = "Which events",
        allow_hyphen_values = true
    )]
    pub until: Option<String>,
}

/// List events, newest first, or follow them as they come
#[derive(Args, Debug)]
#[command(after_help = LIST_EXAMPLES)]
pub struct EventsListArgs {
    /// Which events.
    #[command(flatten)]
    pub filter: EventFilterArgs,

    /// Only events older than this one, to turn the page
    #[arg(
        long,
        value_name = "ID",
        help_heading = "Which events",
        conflicts_with = "follow"
    )]
    pub before: Option<String>,

    /// How many at most, up to 1000
    #[arg(long, short = 'n', value_name = "NUMBER", default_value = "20", value_parser = clap::value_parser!(u16).range(1..=1000), help_heading = "Which events")]
    pub limit: u16,

    /// Show the newest ones, oldest first, and then new ones as they come, until Ctrl-C
    ///
    /// Events that arrive up to five minutes late are shown, too, each once. Ending it with Ctrl-C is a success.
    #[arg(long, short, help_heading = "Output", conflicts_with = "until")]
    pub follow: bool,

    /// Where the log is.
    #[command(flatten)]
    pub log: LogArgs,

    /// What stdout shows: table or jsonl [default: table]
    ///
    /// jsonl has one event a line, as it is stored.
    #[arg(
        long,
        short,
        value_name = "FORMAT",
        help_heading = "Output",
        hide_possible_values = true
    )]
    pub output: Option<EventListFormat>,
}

/// Shown below the help of `events list`.
const LIST_EXAMPLES: &str = "Examples:
  tidegate events list
  tidegate events list --type evaluation.invalidated --since -30d
  tidegate events list --follow --output jsonl | jq --unbuffered .data.result";

/// Print one event, exactly as it is stored
///
/// As JSON over several lines. Nothing but white space is changed.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  tidegate events get 0194f1c2-3d5e-7a1b-8c2d-0123456789ab | jq .data"
)]
pub struct EventsGetArgs {
    /// The id of the event
    #[arg(value_name = "ID")]
    pub id: String,

    /// Where the log is.
    #[command(flatten)]
    pub log: LogArgs,
}

/// Write events to a file, one a line, oldest first
///
/// What was stored when it begins is complete, even while others append. The file is itself an event log:
/// `--event-log FILE.jsonl` reads it, and `events import` stores it elsewhere.
#[derive(Args, Debug)]
#[command(after_help = EXPORT_EXAMPLES)]
pub struct EventsExportArgs {
    /// The file to write, `-` for stdout
    #[arg(value_name = "FILE", default_value = "-", hide_default_value = true)]
    pub file: String,

    /// Replace the file if it exists
    #[arg(long, help_heading = "Output")]
    pub force: bool,

    /// Which events.
    #[command(flatten)]
    pub filter: EventFilterArgs,

    /// Where the log is.
    #[command(flatten)]
    pub log: LogArgs,
}

/// Shown below the help of `events export`.
const EXPORT_EXAMPLES: &str = "Examples:
  tidegate events export history.jsonl
  tidegate events export --project sockshop --type evaluation.finished | gzip > history.jsonl.gz";

/// Store the events of a file, each once
///
/// The file has one CloudEvent a line, or is one JSON list of them. Times stay as they are. An event whose id is stored
/// already is passed over, so doing it again changes nothing. What is broken is named, and the rest is stored.
#[derive(Args, Debug)]
#[command(after_help = IMPORT_EXAMPLES)]
pub struct EventsImportArgs {
    /// The file to read, `-` for stdin
    #[arg(value_name = "FILE")]
    pub file: String,

    /// Where the log is.
    #[command(flatten)]
    pub log: LogArgs,
}

/// Shown below the help of `events import`.
const IMPORT_EXAMPLES: &str = "Examples:
  tidegate events import history.jsonl
  gunzip -c history.jsonl.gz | tidegate events import -

Exit codes:
    0  every event of the file is stored
   65  some are broken; all others are stored
   66  there is no such file          73, 74  the event log: not created, not written";

/// Remove old evaluations
///
/// Whole ones: what asked for them, what they came to, and what was said about them. Never removed are evaluations
/// that are pinned, and of each service the newest ones that a baseline may need: --keep of all, as many of those that
/// pass, and as many of those that don't fail; invalidated ones don't count. With labelled baselines
/// (--baseline label:…), choose --keep so that there are enough with each label.
///
/// Asks before it removes anything; where nobody can answer, it needs --yes.
#[derive(Args, Debug)]
#[command(after_help = PRUNE_EXAMPLES)]
#[group(id = "age", required = true, multiple = true, args = ["older_than", "before"])]
pub struct EventsPruneArgs {
    /// Remove evaluations older than this, such as 90d
    #[arg(long, value_name = "DURATION", help_heading = "Which evaluations")]
    pub older_than: Option<String>,

    /// Remove evaluations stored before this time: 2024-02-01T10:00:00Z, or an epoch
    ///
    /// With --older-than, too, both must hold.
    #[arg(
        long,
        value_name = "TIME",
        help_heading = "Which evaluations",
        allow_hyphen_values = true
    )]
    pub before: Option<String>,

    /// How many of the newest evaluations of each service stay, whatever their age
    ///
    /// An SLO can compare with 100 at most: with the default, no baseline changes.
    #[arg(
        long,
        value_name = "NUMBER",
        default_value = "100",
        help_heading = "Which evaluations"
    )]
    pub keep: u32,

    /// Only those of this project
    #[arg(long, value_name = "NAME", help_heading = "Which evaluations")]
    pub project: Option<String>,

    /// Only those of this stage
    #[arg(long, value_name = "NAME", help_heading = "Which evaluations")]
    pub stage: Option<String>,

    /// Only those of this service
    #[arg(long, value_name = "NAME", help_heading = "Which evaluations")]
    pub service: Option<String>,

    /// Say what would be removed, and remove nothing
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,

    /// Don't ask
    #[arg(long, short)]
    pub yes: bool,

    /// Where the log is.
    #[command(flatten)]
    pub log: LogArgs,
}

/// Shown below the help of `events prune`.
const PRUNE_EXAMPLES: &str = "Examples:
  tidegate events prune --older-than 90d --dry-run
  tidegate events prune --older-than 90d --yes
  tidegate events prune --before 2024-01-01T00:00:00Z --project sockshop --keep 500";

/// A verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum VerdictChoice {
    /// It passed.
    Pass,
    /// It is a warning.
    Warning,
    /// It failed.
    Fail,
}

/// How events are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EventListFormat {
    /// For people.
    Table,
    /// One event a line.
    Jsonl,
}
