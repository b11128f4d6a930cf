//! `tidegate providers`.

use clap::{Args, Subcommand, ValueEnum};

/// List the providers that SLIs can be asked of, or print one
///
/// Each line is a `type` for tidegate.yaml. Most are definitions of an HTTP API, written in YAML: those that come with
/// tidegate, and those in the folder sli-providers beside tidegate.yaml, which win where the names are the same.
#[derive(Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    after_help = "Examples:
  tidegate providers
  tidegate providers show loki
  tidegate providers show loki > sli-providers/loki.yaml"
)]
pub struct ProvidersArgs {
    /// What to do, if not to list them.
    #[command(subcommand)]
    pub command: Option<ProvidersCommand>,

    /// What stdout shows: table or json
    #[arg(
        long,
        short,
        value_name = "FORMAT",
        default_value = "table",
        hide_possible_values = true
    )]
    pub output: ProvidersFormat,
}

/// What can be done with one provider.
#[derive(Debug, Subcommand)]
pub enum ProvidersCommand {
    /// Print the file of a definition, to read or to change it
    Show {
        /// The name, as the list has it
        #[arg(value_name = "NAME")]
        name: String,
    },
}

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProvidersFormat {
    /// For people.
    Table,
    /// For programs.
    Json,
}
