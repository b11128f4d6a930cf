//! `tidegate add-resource` and `tidegate send`.

#![expect(
    clippy::doc_markdown,
    reason = "the doc comments are help texts, read in a terminal"
)]

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::ConnectionArgs;

/// Store a file in a project, a stage or a service of a control plane
#[derive(Args, Debug)]
#[command(after_help = ADD_EXAMPLES)]
pub struct AddResourceArgs {
    /// The project [env: TIDEGATE_PROJECT]
    #[arg(long, short, value_name = "NAME")]
    pub project: Option<String>,

    /// The stage; without one: the project itself
    #[arg(long, short, value_name = "NAME", conflicts_with = "all_stages")]
    pub stage: Option<String>,

    /// Every stage of the project
    #[arg(long)]
    pub all_stages: bool,

    /// The service; without one: the stage itself
    #[arg(long, value_name = "NAME")]
    pub service: Option<String>,

    /// The file
    #[arg(long, short, value_name = "FILE")]
    pub resource: PathBuf,

    /// The path under which it is stored [default: the path of the file]
    #[arg(long, value_name = "URI", alias = "resourceUri")]
    pub resource_uri: Option<String>,

    /// Which control plane.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// Send an event to a control plane
#[derive(Args, Debug)]
#[command(arg_required_else_help = true, subcommand_required = true)]
pub struct SendArgs {
    /// What to send.
    #[command(subcommand)]
    pub command: SendCommand,
}

/// What can be sent.
#[derive(Debug, Subcommand)]
pub enum SendCommand {
    /// Send the event in a file
    Event(SendEventArgs),
}

/// Send the event in a file
///
/// It needs type, source and data; the control plane gives it an id and a time of its own.
#[derive(Args, Debug)]
pub struct SendEventArgs {
    /// The file, `-` for stdin
    #[arg(long, short, value_name = "FILE")]
    pub file: PathBuf,

    /// Which control plane.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// Shown below the help of `add-resource`.
const ADD_EXAMPLES: &str = "Examples:
  tidegate add-resource --project shop --stage dev --service carts --resource slo.yaml
  tidegate add-resource --project shop --all-stages --service carts \\
      --resource load.jmx --resource-uri jmeter/load.jmx";
