//! `tidegate trigger`.

#![expect(
    clippy::doc_markdown,
    reason = "the doc comments are help texts, read in a terminal"
)]

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::ConnectionArgs;
use crate::cli::args::FailOn;

/// Trigger a sequence on a control plane, and wait for the outcome of everything that follows
#[derive(Args, Debug)]
#[command(arg_required_else_help = true, subcommand_required = true)]
pub struct TriggerArgs {
    /// What to trigger.
    #[command(subcommand)]
    pub command: TriggerCommand,
}

/// What can be triggered.
#[derive(Debug, Subcommand)]
pub enum TriggerCommand {
    /// Deliver an image, from the first stage on
    Delivery(Box<DeliveryArgs>),
    /// Have a service evaluated
    Evaluation(Box<RemoteEvaluationArgs>),
    /// Trigger any sequence
    Sequence(Box<TriggerSequenceArgs>),
}

// No doc comment here: clap would take it for the help of the command that this is part of.
#[derive(Args, Debug, Default)]
pub struct WaitArgs {
    /// Wait for the outcome of the whole delivery, and end with it
    #[arg(long, help_heading = "Waiting")]
    pub wait: bool,

    /// Like --wait, and show each event as it comes
    #[arg(long, short, help_heading = "Waiting")]
    pub watch: bool,

    /// Wait this long at most, then end with code 124 [env: TIDEGATE_TIMEOUT] [default: 1h]
    #[arg(long, value_name = "DURATION", help_heading = "Waiting")]
    pub timeout: Option<String>,

    /// Abort the delivery where the wait takes too long
    #[arg(long, help_heading = "Waiting")]
    pub abort_on_timeout: bool,

    /// What ends with code 1: fail, warning (a warning too), or never [env: TIDEGATE_FAIL_ON]
    ///
    /// As in `tidegate evaluate`: without it a fail ends with 1 and a warning with 3; with fail, a warning ends with 0.
    #[arg(
        long,
        value_name = "OUTCOME",
        help_heading = "Waiting",
        hide_possible_values = true
    )]
    pub fail_on: Option<FailOn>,
}

/// Deliver an image, from the first stage on
///
/// Before anything is sent, it is checked that the project, the stage, the service and the sequence exist. The event
/// carries a context of its own, so that a lost answer never triggers twice.
#[derive(Args, Debug)]
#[command(after_help = DELIVERY_EXAMPLES)]
pub struct DeliveryArgs {
    /// The project [env: TIDEGATE_PROJECT]
    #[arg(long, value_name = "NAME", help_heading = "What")]
    pub project: Option<String>,

    /// The stage [default: the first of the shipyard]
    #[arg(long, value_name = "NAME", help_heading = "What")]
    pub stage: Option<String>,

    /// The service [env: TIDEGATE_SERVICE]
    #[arg(long, value_name = "NAME", help_heading = "What")]
    pub service: Option<String>,

    /// The image to deliver
    #[arg(long, value_name = "IMAGE", value_parser = crate::cli::args::run::image, help_heading = "What")]
    pub image: String,

    /// The sequence
    #[arg(
        long,
        value_name = "NAME",
        default_value = "delivery",
        help_heading = "What"
    )]
    pub sequence: String,

    /// Set a further value of the configuration: a.b=text, or a.b:=JSON; may be repeated
    #[arg(long, value_name = "KEY=VALUE", help_heading = "What")]
    pub values: Vec<String>,

    /// Attach labels: k=v,k=v; may be repeated
    #[arg(long, short, value_name = "KEY=VALUE", help_heading = "What")]
    pub labels: Vec<String>,

    /// How to wait.
    #[command(flatten)]
    pub wait: WaitArgs,

    /// Which control plane.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// Have a service evaluated
///
/// Times are read as in `tidegate evaluate`: RFC 3339 with any offset, epochs, -30m. Without any: the last five minutes.
#[derive(Args, Debug)]
#[command(after_help = EVALUATION_EXAMPLES)]
pub struct RemoteEvaluationArgs {
    /// The project [env: TIDEGATE_PROJECT]
    #[arg(long, value_name = "NAME", help_heading = "What")]
    pub project: Option<String>,

    /// The stage [env: TIDEGATE_STAGE]
    #[arg(long, value_name = "NAME", help_heading = "What")]
    pub stage: Option<String>,

    /// The service [env: TIDEGATE_SERVICE]
    #[arg(long, value_name = "NAME", help_heading = "What")]
    pub service: Option<String>,

    /// How long the window is, such as 30m
    #[arg(long, value_name = "DURATION", help_heading = "When")]
    pub timeframe: Option<String>,

    /// When the window begins
    #[arg(
        long,
        value_name = "TIME",
        help_heading = "When",
        allow_hyphen_values = true
    )]
    pub start: Option<String>,

    /// When the window ends
    #[arg(
        long,
        value_name = "TIME",
        help_heading = "When",
        allow_hyphen_values = true
    )]
    pub end: Option<String>,

    /// Read the SLO and the SLIs as they were at this commit
    #[arg(long, value_name = "COMMIT", help_heading = "What")]
    pub git_commit_id: Option<String>,

    /// Attach labels: k=v,k=v; may be repeated
    #[arg(long, short, value_name = "KEY=VALUE", help_heading = "What")]
    pub labels: Vec<String>,

    /// How to wait.
    #[command(flatten)]
    pub wait: WaitArgs,

    /// Which control plane.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// Trigger any sequence
#[derive(Args, Debug)]
#[command(after_help = SEQUENCE_EXAMPLES)]
pub struct TriggerSequenceArgs {
    /// The sequence
    #[arg(value_name = "SEQUENCE")]
    pub sequence: String,

    /// The project [env: TIDEGATE_PROJECT]
    #[arg(long, value_name = "NAME", help_heading = "What")]
    pub project: Option<String>,

    /// The stage [default: the first of the shipyard]
    #[arg(long, value_name = "NAME", help_heading = "What")]
    pub stage: Option<String>,

    /// The service [env: TIDEGATE_SERVICE]
    #[arg(long, value_name = "NAME", help_heading = "What")]
    pub service: Option<String>,

    /// Add to the data of the event: a.b=text, or a.b:=JSON; may be repeated
    #[arg(long, short, value_name = "KEY=VALUE", help_heading = "What")]
    pub data: Vec<String>,

    /// Add the members of a JSON object to the data of the event
    #[arg(long, value_name = "JSON", help_heading = "What")]
    pub data_json: Option<String>,

    /// Add the members of the JSON object in a file, `-` for stdin
    #[arg(long, value_name = "FILE", help_heading = "What")]
    pub data_file: Option<PathBuf>,

    /// Attach labels: k=v,k=v; may be repeated
    #[arg(long, short, value_name = "KEY=VALUE", help_heading = "What")]
    pub labels: Vec<String>,

    /// How to wait.
    #[command(flatten)]
    pub wait: WaitArgs,

    /// Which control plane.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// Shown below the help of `trigger delivery`.
const DELIVERY_EXAMPLES: &str = "Examples:
  tidegate trigger delivery --project shop --service carts --image ghcr.io/shop/carts:1.2 --wait
  tidegate trigger delivery --project shop --service carts --image carts:1.2 \\
      --values replicas:=3 --labels build=17 --wait --timeout 30m --output json

Exit codes, of the worst of all sequences that follow:
    0  pass, or triggered without --wait
    1  fail                                   75  the control plane asks to slow down
    3  warning                                76  its answer could not be understood
   64  the command line is wrong              77  the token was refused
   66  project, stage, service or sequence   124  timed out
       does not exist                        130  aborted, or interrupted
   69  a task could not be done, or the
       control plane could not be reached";

/// Shown below the help of `trigger evaluation`.
const EVALUATION_EXAMPLES: &str = "Examples:
  tidegate trigger evaluation --project shop --stage dev --service carts --timeframe 30m --wait
  tidegate trigger evaluation --project shop --stage dev --service carts \\
      --start 2024-02-01T10:00:00+01:00 --end 2024-02-01T10:30:00+01:00 --wait

Exit codes: as of tidegate trigger delivery.";

/// Shown below the help of `trigger sequence`.
const SEQUENCE_EXAMPLES: &str = "Examples:
  tidegate trigger sequence rollback --project shop --stage prod --service carts --wait
  tidegate trigger sequence chaos --project shop --stage dev --service carts --data pods:=2

Exit codes: as of tidegate trigger delivery.";
