//! `tidegate ci`.

#![expect(
    clippy::doc_markdown,
    reason = "the doc comments are help texts, read in a terminal"
)]

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::query::DataFormat;

/// Set up a CI system, or show which one this is
#[derive(Args, Debug)]
#[command(arg_required_else_help = true, subcommand_required = true)]
pub struct CiArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: CiCommand,
}

/// What can be done with CI systems.
#[derive(Debug, Subcommand)]
pub enum CiCommand {
    /// Write the recipe for a CI system
    Init(CiInitArgs),
    /// Show which CI system this is, and what it says about the job
    Show(CiShowArgs),
}

/// Write the recipe for a CI system
///
/// Writes the files that stand under docs/ci, complete and ready to be changed, where the system expects them. What is there
/// already is not touched, unless --force is given; the exit code is 73 if it says something else.
#[derive(Args, Debug)]
pub struct CiInitArgs {
    /// Which: github, gitlab, azure, jenkins, circleci, bitbucket, buildkite, tekton, argo, pre-commit, or another that `list` shows
    #[arg(value_name = "SYSTEM")]
    pub system: String,

    /// Where to write [default: the working folder]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,

    /// Write over files that are there
    #[arg(long)]
    pub force: bool,

    /// Print the files on stdout instead of writing them
    #[arg(long, conflicts_with = "force")]
    pub print: bool,
}

/// Show which CI system this is
#[derive(Args, Debug)]
pub struct CiShowArgs {
    /// The CI system: auto, none, or its name [env: TIDEGATE_CI] [default: auto]
    #[arg(long, value_name = "SYSTEM")]
    pub ci: Option<String>,

    /// What stdout shows: table, json or yaml [default: table]
    #[arg(long, short, value_name = "FORMAT", hide_possible_values = true)]
    pub output: Option<DataFormat>,
}
