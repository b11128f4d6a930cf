//! `tidegate sequence`, and `pause`, `resume` and `abort` in Keptn's order of words.

#![expect(
    clippy::doc_markdown,
    reason = "the doc comments are help texts, read in a terminal"
)]

use clap::{Args, Subcommand};

use super::ConnectionArgs;

/// Pause, resume or abort what runs in a context
#[derive(Args, Debug)]
#[command(arg_required_else_help = true, subcommand_required = true)]
pub struct SequenceArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: SequenceCommand,
}

/// What can be done with what runs.
#[derive(Debug, Subcommand)]
pub enum SequenceCommand {
    /// Let the running task end, and start nothing after it
    Pause(ControlArgs),
    /// Go on
    Resume(ControlArgs),
    /// End it
    Abort(ControlArgs),
}

/// Pause, resume or abort what runs in a context
#[derive(Args, Debug)]
#[command(arg_required_else_help = true, subcommand_required = true)]
pub struct ControlNounArgs {
    /// What is meant.
    #[command(subcommand)]
    pub command: ControlNoun,
}

/// What can be paused, resumed or aborted.
#[derive(Debug, Subcommand)]
pub enum ControlNoun {
    /// What runs in a context
    Sequence(ControlArgs),
}

/// Pause, resume or abort what runs in a context
///
/// A context that the project does not know ends with code 66, and so does one that has ended already, unless it is to
/// be aborted.
#[derive(Args, Debug)]
pub struct ControlArgs {
    /// The context
    #[arg(long, short = 'c', value_name = "ID", alias = "keptn-context")]
    pub context: String,

    /// The project [env: TIDEGATE_PROJECT]
    #[arg(long, short, value_name = "NAME")]
    pub project: Option<String>,

    /// Only in this stage
    #[arg(long, short, value_name = "NAME")]
    pub stage: Option<String>,

    /// Which control plane.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}
