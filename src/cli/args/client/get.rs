//! `tidegate get`.

#![expect(
    clippy::doc_markdown,
    reason = "the doc comments are help texts, read in a terminal"
)]

use clap::{Args, Subcommand};

use super::ConnectionArgs;

/// List what a control plane knows
///
/// JSON and YAML are always one document with a list in it, however many there are. One thing that is named and not
/// there ends with code 66; an empty list is no error, unless --require says so.
#[derive(Args, Debug)]
#[command(arg_required_else_help = true, subcommand_required = true)]
pub struct GetArgs {
    /// What to list.
    #[command(subcommand)]
    pub command: GetCommand,
}

/// What can be listed.
#[derive(Debug, Subcommand)]
pub enum GetCommand {
    /// The projects, or one of them
    #[command(alias = "project")]
    Projects(GetListArgs),
    /// The stages of a project, or one of them
    #[command(alias = "stage")]
    Stages(GetListArgs),
    /// The services of a project, or one of them
    #[command(alias = "service")]
    Services(GetListArgs),
    /// How the sequences of a project stand, newest first
    #[command(alias = "sequence")]
    Sequences(GetSequencesArgs),
    /// Events of a project, newest first
    #[command(alias = "event")]
    Events(GetEventsArgs),
    /// The approvals that wait for somebody
    #[command(alias = "approval")]
    Approvals(GetListArgs),
    /// The resources of a project, a stage or a service
    #[command(alias = "resource")]
    Resources(GetListArgs),
    /// The secrets, or one of them, without their values
    #[command(alias = "secret")]
    Secrets(GetListArgs),
}

/// List what a control plane knows
#[derive(Args, Debug)]
pub struct GetListArgs {
    /// Only this one
    #[arg(value_name = "NAME")]
    pub name: Option<String>,

    /// The project [env: TIDEGATE_PROJECT]
    #[arg(long, short, value_name = "NAME", help_heading = "Which")]
    pub project: Option<String>,

    /// Only of this stage
    #[arg(long, short, value_name = "NAME", help_heading = "Which")]
    pub stage: Option<String>,

    /// Only of this service
    #[arg(long, value_name = "NAME", help_heading = "Which")]
    pub service: Option<String>,

    /// Only of this context
    #[arg(
        long,
        short = 'c',
        value_name = "ID",
        alias = "keptn-context",
        help_heading = "Which"
    )]
    pub context: Option<String>,

    /// End with code 66 where there is none
    #[arg(long)]
    pub require: bool,

    /// Which control plane.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// How the sequences of a project stand, newest first
#[derive(Args, Debug)]
pub struct GetSequencesArgs {
    /// Only those with this name
    #[arg(value_name = "NAME")]
    pub name: Option<String>,

    /// The project [env: TIDEGATE_PROJECT]
    #[arg(long, short, value_name = "NAME", help_heading = "Which")]
    pub project: Option<String>,

    /// Only that of this context, which must be there
    #[arg(
        long,
        short = 'c',
        value_name = "ID",
        alias = "keptn-context",
        help_heading = "Which"
    )]
    pub context: Option<String>,

    /// Only those in this state: triggered, waiting, started, paused, finished, timedOut, aborted
    #[arg(long, value_name = "STATE", help_heading = "Which")]
    pub state: Option<String>,

    /// How many at most
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 100,
        help_heading = "Which"
    )]
    pub limit: usize,

    /// End with code 66 where there is none
    #[arg(long)]
    pub require: bool,

    /// Which control plane.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// Events of a project, newest first
#[derive(Args, Debug)]
pub struct GetEventsArgs {
    /// Only of this type: evaluation.finished, or sh.keptn.event.evaluation.finished
    #[arg(value_name = "TYPE")]
    pub event_type: Option<String>,

    /// The project [env: TIDEGATE_PROJECT]
    #[arg(long, short, value_name = "NAME", help_heading = "Which")]
    pub project: Option<String>,

    /// Only of this stage
    #[arg(long, short, value_name = "NAME", help_heading = "Which")]
    pub stage: Option<String>,

    /// Only of this service
    #[arg(long, value_name = "NAME", help_heading = "Which")]
    pub service: Option<String>,

    /// Only of this context
    #[arg(
        long,
        short = 'c',
        value_name = "ID",
        alias = "keptn-context",
        help_heading = "Which"
    )]
    pub context: Option<String>,

    /// How many at most; every page is read that this takes
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 100,
        help_heading = "Which"
    )]
    pub limit: usize,

    /// End with code 66 where there is none
    #[arg(long)]
    pub require: bool,

    /// Which control plane.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}
