//! `tidegate schema`.

use clap::{Args, ValueEnum};

/// Print the JSON Schema of a file, for editors
///
/// Editors with the YAML language server complete and check a file whose first line names its schema:
/// # yaml-language-server: $schema=.tidegate/slo.schema.json
#[derive(Args, Debug)]
#[command(after_help = "Example:
  tidegate schema slo > slo.schema.json")]
pub struct SchemaArgs {
    /// Which file: slo, sli, config, or result for what --report json writes
    #[arg(value_name = "FILE", hide_possible_values = true)]
    pub kind: SchemaKind,
}

/// The files that have a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaKind {
    /// slo.yaml
    Slo,
    /// sli.yaml
    Sli,
    /// tidegate.yaml
    Config,
    /// What --report json writes
    Result,
}
