//! `tidegate auth` and `tidegate status`.

#![expect(
    clippy::doc_markdown,
    reason = "the doc comments are help texts, read in a terminal"
)]

use clap::Args;

use super::ConnectionArgs;

/// Check a token, and store it for the commands that drive a control plane
///
/// The token comes from TIDEGATE_TOKEN, from --token-file, from stdin, or on a terminal from a question that does not
/// show it. It is stored, with the URL, in a file that only you can read, below XDG_CONFIG_HOME or ~/.config. In CI this
/// command is not needed: TIDEGATE_ENDPOINT and TIDEGATE_TOKEN are enough.
#[derive(Args, Debug)]
#[command(after_help = AUTH_EXAMPLES)]
pub struct AuthArgs {
    /// Which control plane.
    #[command(flatten)]
    pub connection: ConnectionArgs,

    /// Store it under this name [default: its host]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,

    /// List what is stored, without tokens
    #[arg(long, conflicts_with_all = ["forget", "name"])]
    pub list: bool,

    /// Forget what is stored under this name
    #[arg(long, value_name = "NAME", conflicts_with = "name")]
    pub forget: Option<String>,
}

/// Ask the control plane whether it is there and the token is accepted
#[derive(Args, Debug)]
#[command(after_help = STATUS_EXAMPLES)]
pub struct StatusArgs {
    /// Which control plane.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// Shown below the help of `auth`.
const AUTH_EXAMPLES: &str = "Examples:
  tidegate auth --endpoint https://keptn.example
  pass show keptn | tidegate auth --endpoint https://keptn.example
  tidegate auth --list

Exit codes:
    0  the token is accepted, and stored
   64  there is no endpoint, or no token    69  the control plane could not be reached
   74  it could not be stored               77  the token was refused";

/// Shown below the help of `status`.
const STATUS_EXAMPLES: &str = "Examples:
  tidegate status
  tidegate status --output json

Exit codes:
    0  it is there, and the token is accepted
   64  there is no endpoint                 69  it could not be reached
   76  it is no control plane               77  the token was refused";
