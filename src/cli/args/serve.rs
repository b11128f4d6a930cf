//! `tidegate serve`.

#![expect(
    clippy::doc_markdown,
    reason = "the doc comments are help texts, read in a terminal"
)]

use std::path::PathBuf;

use clap::Args;

/// Be a control plane: Keptn's HTTP API, with the gate inside
///
/// Runs sequences of shipyards for any number of projects. Executors attach as they do to Keptn, by polling or by
/// webhooks; evaluation, approval, remediation and webhooks are carried out inside. Everything is kept in one folder;
/// what was answered with success survives any end of the process. Needs a token: `serve.tokens` in tidegate.yaml, or
/// one in TIDEGATE_SERVE_TOKEN. SIGTERM and Ctrl-C finish what is under way; a second one ends at once.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ServeArgs {
    /// Listen on this address and port [env: TIDEGATE_LISTEN] [default: 127.0.0.1:8080]
    ///
    /// Port 0 takes any that is free; the log says which.
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<String>,

    /// Keep everything in this folder [env: TIDEGATE_DATA] [default: .tidegate/server]
    #[arg(long, value_name = "FOLDER")]
    pub data: Option<PathBuf>,

    /// Let whoever comes without a token do everything; on the loopback interface only
    #[arg(long)]
    pub allow_anonymous: bool,

    /// Read this configuration [env: TIDEGATE_CONFIG] [default: the nearest tidegate.yaml above]
    #[arg(long, value_name = "PATH", help_heading = "Files")]
    pub config: Option<PathBuf>,

    /// Send events as cdevents=URL or cloudevents=URL; repeatable [env: TIDEGATE_EMIT]
    #[arg(long, value_name = "FORM=URL", help_heading = "Output")]
    pub emit: Vec<String>,

    /// How log lines look: text or json [env: TIDEGATE_LOG_FORMAT] [default: text]
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    pub log_format: Option<String>,
}

/// Shown below the help.
const EXAMPLES: &str = "Examples:
  TIDEGATE_SERVE_TOKEN=$(openssl rand -hex 24) tidegate serve
  tidegate serve --listen 0.0.0.0:8080 --config /etc/tidegate/tidegate.yaml
  tidegate serve --allow-anonymous --listen 127.0.0.1:0

Exit codes:
    0  stopped as asked               73  the data folder can't be made
   64  the command line is wrong      75  another server uses the data folder
   69  the address is taken           78  tidegate.yaml or the environment is wrong
   70  what was stored is damaged    130, 143  a second signal ended it at once";
