//! What can be typed. Only clap derives; the doc comments are the help texts.

#![expect(
    clippy::doc_markdown,
    reason = "the doc comments are help texts, read in a terminal"
)]

mod ci;
mod client;
mod completions;
mod doctor;
mod evaluate;
mod events;
mod history;
mod import;
mod init;
mod inspect;
mod log;
mod mark;
mod measure;
mod plugin;
mod providers;
mod publish;
mod query;
mod report;
mod run;
mod schema;
mod serve;
mod steer;

use clap::{Parser, Subcommand};

pub use ci::{CiArgs, CiCommand, CiInitArgs, CiShowArgs};
pub use client::{
    AddResourceArgs, ApprovalArgs, AuthArgs, ConnectionArgs, ControlArgs, ControlNoun,
    ControlNounArgs, CreateArgs, CreateCommand, DeleteArgs, DeleteCommand, DeleteResourceArgs,
    DeliveryArgs, GetArgs, GetCommand, GetEventsArgs, GetListArgs, GetSequencesArgs, GitArgs,
    ProjectArgs, RemoteEvaluationArgs, SecretArgs, SendArgs, SendCommand, SendEventArgs,
    SequenceArgs, SequenceCommand, ServiceNameArgs, StatusArgs, TriggerArgs, TriggerCommand,
    TriggerSequenceArgs, UpdateArgs, UpdateCommand, UpdateProjectArgs, WaitArgs,
};
pub use completions::{CompletionsArgs, ManArgs, Shell};
pub use doctor::DoctorArgs;
pub use evaluate::{EvaluateArgs, FailOn, Outcome};
pub use events::{
    EventFilterArgs, EventListFormat, EventsArgs, EventsCommand, EventsExportArgs, EventsGetArgs,
    EventsImportArgs, EventsListArgs, EventsPruneArgs, VerdictChoice,
};
pub use history::{HistoryArgs, ListFormat, ResultChoice, ShowArgs};
pub use import::{ImportArgs, ImportCommand, ImportKeptnArgs};
pub use init::{InitArgs, InitProvider};
pub use inspect::InspectArgs;
pub use log::{LogArgs, LogCommand, LogCommandArgs, LogCopyArgs, SeriesArgs};
pub use mark::{MarkArgs, MarkCommand, MarkNameArgs, MarkShowArgs};
pub use measure::MeasureArgs;
pub use plugin::{PluginArgs, PluginCommand, PluginTestArgs};
pub use providers::{ProvidersArgs, ProvidersCommand, ProvidersFormat};
pub use publish::PublishArgs;
pub use query::{DataFormat, QueryArgs};
pub use report::ReportArgs;
pub use run::{RunArgs, RunFormat};
pub use schema::{SchemaArgs, SchemaKind};
pub use serve::ServeArgs;
pub use steer::{InvalidateArgs, PinArgs, UnpinArgs};

use super::environment::ColourChoice;

/// Decide whether a release may go on
///
/// Reads Keptn's slo.yaml and sli.yaml, asks your monitoring for the numbers, compares them with fixed limits and with
/// earlier runs, and ends with an exit code: 0 pass, 3 warning, 1 fail, and 64 or more where there is no verdict.
#[derive(Debug, Parser)]
#[command(
    name = "tidegate",
    version = crate::cli::version::short(),
    long_version = crate::cli::version::long(),
    after_help = "Start here:\n  tidegate init                 write slo.yaml, sli.yaml and tidegate.yaml to begin with\n  tidegate evaluate --dry-run   show what would be asked, without asking\n  tidegate evaluate             evaluate, store, and end with the verdict's exit code",
    propagate_version = true,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,

    /// Colour the text: auto, always or never
    ///
    /// With auto, text is coloured on a terminal, unless NO_COLOR is set. FORCE_COLOR and CLICOLOR_FORCE colour it
    /// anywhere.
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = true,
        display_order = 100,
        alias = "colour"
    )]
    pub color: ColourChoice,

    /// Say only what went wrong
    #[arg(
        long,
        short,
        global = true,
        conflicts_with = "verbose",
        display_order = 101
    )]
    pub quiet: bool,

    /// Say where each setting comes from, and how each value was fetched
    #[arg(long, short, global = true, display_order = 102)]
    pub verbose: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Evaluate the SLOs of one or more folders
    Evaluate(Box<EvaluateArgs>),
    /// Carry out a sequence of a shipyard, and all that follows from it, on this machine
    Run(Box<RunArgs>),
    /// Ask for the values of SLIs, and judge nothing
    Query(Box<QueryArgs>),
    /// List the stored evaluations of a service, newest first
    History(Box<HistoryArgs>),
    /// Show the report of a stored evaluation
    Show(Box<ShowArgs>),
    /// Write reports of a stored evaluation, or of a file
    Report(Box<ReportArgs>),
    /// Say that a stored evaluation no longer counts, or take that back
    Invalidate(Box<InvalidateArgs>),
    /// Compare with one stored evaluation until further notice
    Pin(Box<PinArgs>),
    /// Compare with the newest evaluations again
    Unpin(Box<UnpinArgs>),
    /// Remember an instant, for --start @NAME
    Mark(MarkArgs),
    /// Read, move, and remove the events that an event log consists of
    Events(EventsArgs),
    /// Work on whole event logs
    Log(LogCommandArgs),
    /// Copy the history of another system into the event log
    Import(ImportArgs),
    /// List what a file with results has, for SLIs to ask for
    Inspect(InspectArgs),
    /// Check that the configuration, the event log and every provider can be used
    Doctor(Box<DoctorArgs>),
    /// Be a control plane: Keptn's HTTP API, with the gate inside
    Serve(ServeArgs),
    /// Help for authors of plug-ins
    Plugin(PluginArgs),
    /// Write slo.yaml, sli.yaml and tidegate.yaml to begin with
    Init(InitArgs),
    /// Set up a CI system, or show which one this is
    Ci(CiArgs),
    /// Trigger a sequence on a control plane, and wait for its outcome
    Trigger(TriggerArgs),
    /// List what a control plane knows: projects, sequences, events, approvals
    Get(GetArgs),
    /// Approve what waits for an approval
    Approve(Box<ApprovalArgs>),
    /// Decline what waits for an approval
    Decline(Box<ApprovalArgs>),
    /// Pause, resume or abort what runs on a control plane
    Sequence(SequenceArgs),
    /// Pause what runs in a context, in Keptn's order of words
    #[command(hide = true)]
    Pause(ControlNounArgs),
    /// Resume what is paused in a context, in Keptn's order of words
    #[command(hide = true)]
    Resume(ControlNounArgs),
    /// Abort what runs in a context, in Keptn's order of words
    #[command(hide = true)]
    Abort(ControlNounArgs),
    /// Create a project, a service or a secret on a control plane
    Create(CreateArgs),
    /// Change a project or a secret on a control plane
    Update(UpdateArgs),
    /// Delete a project, a service, a secret or a resource on a control plane
    Delete(DeleteArgs),
    /// Store a file in a project, a stage or a service of a control plane
    AddResource(Box<AddResourceArgs>),
    /// Send an event to a control plane
    Send(SendArgs),
    /// Check a token, and store it for the commands that drive a control plane
    Auth(Box<AuthArgs>),
    /// Ask the control plane whether it is there and the token is accepted
    Status(Box<StatusArgs>),
    /// List the providers that SLIs can be asked of, or print one
    Providers(ProvidersArgs),
    /// Print the JSON Schema of a file, for editors
    Schema(SchemaArgs),
    /// Print the completions for a shell
    Completions(CompletionsArgs),
    /// Write the manual pages into a folder
    Man(ManArgs),
}
