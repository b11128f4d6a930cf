//! Which control plane, for all commands that speak to one.

#![expect(
    clippy::doc_markdown,
    reason = "the doc comments are help texts, read in a terminal"
)]

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::DataFormat;

// No doc comment here: clap would take it for the help of the command that this is part of.
#[derive(Args, Debug, Default)]
pub struct ConnectionArgs {
    /// The URL of the control plane [env: TIDEGATE_ENDPOINT]
    ///
    /// /api is added where the URL has no path. Without it: control_plane.endpoint of tidegate.yaml, then what
    /// `tidegate auth` stored, then what Keptn's own command line stored.
    #[arg(long, value_name = "URL", help_heading = "Which control plane")]
    pub endpoint: Option<String>,

    /// Read the token from this file [env: TIDEGATE_TOKEN_FILE]
    ///
    /// TIDEGATE_TOKEN holds the token itself. It can't be typed: what is typed, everybody on the machine can read.
    #[arg(long, value_name = "FILE", help_heading = "Which control plane")]
    pub token_file: Option<PathBuf>,

    /// Use the control plane that `tidegate auth` stored under this name
    #[arg(long, value_name = "NAME", help_heading = "Which control plane")]
    pub control_plane: Option<String>,

    /// Of what Keptn's command line stored, use this namespace
    #[arg(
        long,
        short = 'n',
        value_name = "NAME",
        help_heading = "Which control plane"
    )]
    pub namespace: Option<String>,

    /// Read the configuration from this file [env: TIDEGATE_CONFIG]
    #[arg(long, value_name = "FILE", help_heading = "Which control plane")]
    pub config: Option<PathBuf>,

    /// What stdout shows: table, json or yaml [env: TIDEGATE_OUTPUT] [default: table]
    #[arg(
        long,
        short,
        value_name = "FORMAT",
        help_heading = "Output",
        hide_possible_values = true
    )]
    pub output: Option<DataFormat>,

    /// Keptn's flag: refused with a word about why
    #[arg(long = "api-token", short = 'a', alias = "token", hide = true)]
    pub api_token: Option<String>,
}
