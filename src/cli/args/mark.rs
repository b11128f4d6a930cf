//! `tidegate mark`.

#![expect(
    clippy::doc_markdown,
    reason = "the doc comments are help texts, read in a terminal"
)]

use clap::{Args, Subcommand};

/// Remember an instant, for --start @NAME
///
/// A window often begins when a load test began. Mark that instant before the test, and evaluate with --start @start
/// --end now after it. Marks are kept in .tidegate/marks.json, below the folder of tidegate.yaml or .git. Builds and
/// branches that share this folder need marks of their own names.
#[derive(Args, Debug)]
#[command(
    arg_required_else_help = true,
    subcommand_required = true,
    args_conflicts_with_subcommands = true
)]
pub struct MarkArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: MarkCommand,
}

/// What can be done with marks.
#[derive(Debug, Subcommand)]
pub enum MarkCommand {
    /// Remember this instant as the mark `start`, or as one of another name
    ///
    /// Prints it on stdout. On GitHub and on Azure it is an output and a variable of later steps, too:
    /// TIDEGATE_MARK_START.
    Start(MarkNameArgs),
    /// Remember this instant as the mark `end`, or as one of another name
    ///
    /// Prints it on stdout. On GitHub and on Azure it is an output and a variable of later steps, too:
    /// TIDEGATE_MARK_END.
    End(MarkNameArgs),
    /// Print the instant of a mark, or all marks
    Show(MarkShowArgs),
}

/// Remember this instant
#[derive(Args, Debug)]
pub struct MarkNameArgs {
    /// What to call the mark [default: start, or end]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,

    /// The CI system: auto, none, or its name [env: TIDEGATE_CI] [default: auto]
    #[arg(long, value_name = "SYSTEM")]
    pub ci: Option<String>,
}

/// Print the instant of a mark
#[derive(Args, Debug)]
pub struct MarkShowArgs {
    /// Which mark [default: all, with their names]
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
}
