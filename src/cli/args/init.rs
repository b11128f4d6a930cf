//! `tidegate init`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Write slo.yaml, sli.yaml and tidegate.yaml to begin with
///
/// The files are commented, and name their JSON Schema for editors. Files that exist are never touched. On a terminal
/// you are asked for what the flags leave open; elsewhere the defaults are taken.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  tidegate init
  tidegate init --provider prometheus --service carts gates/carts
  tidegate init --provider values")]
pub struct InitArgs {
    /// Where to write the files [default: the working folder]
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,

    /// Where the numbers will come from: prometheus or values
    #[arg(long, value_name = "NAME", hide_possible_values = true)]
    pub provider: Option<InitProvider>,

    /// The project [default: the folder of .git, else the folder itself]
    #[arg(long, value_name = "NAME")]
    pub project: Option<String>,

    /// The stage [default: default]
    #[arg(long, value_name = "NAME")]
    pub stage: Option<String>,

    /// The service [default: the folder]
    #[arg(long, value_name = "NAME")]
    pub service: Option<String>,
}

/// Providers that `init` knows starter files for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum InitProvider {
    /// Prometheus, or anything that speaks its API.
    Prometheus,
    /// Numbers in a JSON file.
    Values,
}
