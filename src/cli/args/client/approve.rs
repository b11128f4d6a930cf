//! `tidegate approve` and `tidegate decline`.

#![expect(
    clippy::doc_markdown,
    reason = "the doc comments are help texts, read in a terminal"
)]

use clap::Args;

use super::ConnectionArgs;

/// Answer an approval that waits
///
/// The one that is meant is named by --id, or is the only one that the other flags leave; of several none is answered,
/// and they are listed. `tidegate get approvals` lists all
/// of a control plane. Without an endpoint the approval is that of a local run: it is looked for, and answered, in the
/// event log.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ApprovalArgs {
    /// The id of the approval
    #[arg(long, value_name = "ID", help_heading = "Which approval")]
    pub id: Option<String>,

    /// That of this context
    #[arg(
        long,
        short = 'c',
        value_name = "ID",
        alias = "keptn-context",
        help_heading = "Which approval"
    )]
    pub context: Option<String>,

    /// Of this project [env: TIDEGATE_PROJECT]
    #[arg(long, short, value_name = "NAME", help_heading = "Which approval")]
    pub project: Option<String>,

    /// That of this stage
    #[arg(long, short, value_name = "NAME", help_heading = "Which approval")]
    pub stage: Option<String>,

    /// That of this service
    #[arg(long, value_name = "NAME", help_heading = "Which approval")]
    pub service: Option<String>,

    /// Why, for those who wonder later
    #[arg(long, short, value_name = "TEXT")]
    pub message: Option<String>,

    /// Attach labels: k=v,k=v; may be repeated
    #[arg(
        long = "label",
        short = 'l',
        value_name = "KEY=VALUE",
        alias = "labels"
    )]
    pub labels: Vec<String>,

    /// Which control plane.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// Shown below the help.
const EXAMPLES: &str = "Examples:
  tidegate approve --id 7f0c1e9c-0000-4000-8000-000000000001
  tidegate approve --project shop --stage prod --service carts --message 'looks good'
  tidegate decline --context 5b1d9c33-0000-4000-8000-000000000002 --message 'not today'

Exit codes:
    0  it is answered
   64  several wait: name one of them
   66  none waits
   69  the control plane could not be reached
   77  the token was refused";
