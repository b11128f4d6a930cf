//! `tidegate plugin`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::query::DataFormat;

/// Help for authors of plug-ins
#[derive(Args, Debug)]
#[command(arg_required_else_help = true, subcommand_required = true)]
pub struct PluginArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: PluginCommand,
}

/// What can be done with a plug-in.
#[derive(Debug, Subcommand)]
pub enum PluginCommand {
    /// Try a plug-in out, and say what it must do better
    Test(PluginTestArgs),
}

/// Try a plug-in out, and say what it must do better
///
/// Runs the plug-in (protocol tidegate.exec/v1) as an evaluation would: describe, an empty batch, an indicator that it
/// knows, one that nobody knows, a broken request, and a version of the protocol that does not exist yet. Watches its
/// output, its time, and what it needs of the environment.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct PluginTestArgs {
    /// The program
    #[arg(value_name = "PLUGIN")]
    pub plugin: PathBuf,

    /// Its arguments, before the verb
    #[arg(
        value_name = "ARGS",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    pub args: Vec<String>,

    /// A query that the plug-in can answer [default: the first that it describes]
    #[arg(long, value_name = "QUERY")]
    pub query: Option<String>,

    /// Its configuration, as JSON: what `config` in tidegate.yaml would hold
    #[arg(long, value_name = "JSON")]
    pub config: Option<String>,

    /// A variable of the environment that it may see, besides PATH, HOME, LANG and TMPDIR; repeatable
    #[arg(long, value_name = "NAME")]
    pub env_allow: Vec<String>,

    /// How long each run may take [default: 10s]
    #[arg(long, value_name = "DURATION")]
    pub timeout: Option<String>,

    /// What stdout shows: table, json or yaml [default: table]
    ///
    /// json and yaml are versioned.
    #[arg(long, short, value_name = "FORMAT", hide_possible_values = true)]
    pub output: Option<DataFormat>,
}

/// Shown below the help.
const EXAMPLES: &str = "Examples:
  tidegate plugin test ./newrelic.py
  tidegate plugin test --query ERROR --config '{\"file\": \"service.log\"}' ./log-levels.sh
  tidegate plugin test --env-allow NEW_RELIC_API_KEY ./newrelic.py --region eu

Exit codes:
    0  the plug-in does what it must
    5  it does not, and the table says what to do
   64  the command line is wrong      66  there is no such program";
