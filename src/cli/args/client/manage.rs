//! `tidegate create`, `tidegate update` and `tidegate delete`.

#![expect(
    clippy::doc_markdown,
    reason = "the doc comments are help texts, read in a terminal"
)]

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::ConnectionArgs;

/// Create a project, a service or a secret on a control plane
#[derive(Args, Debug)]
#[command(arg_required_else_help = true, subcommand_required = true)]
pub struct CreateArgs {
    /// What to create.
    #[command(subcommand)]
    pub command: CreateCommand,
}

/// What can be created.
#[derive(Debug, Subcommand)]
pub enum CreateCommand {
    /// Create a project from a shipyard
    Project(Box<ProjectArgs>),
    /// Create a service in every stage of a project
    Service(ServiceNameArgs),
    /// Create a secret
    Secret(SecretArgs),
}

/// Change a project or a secret on a control plane
#[derive(Args, Debug)]
#[command(arg_required_else_help = true, subcommand_required = true)]
pub struct UpdateArgs {
    /// What to change.
    #[command(subcommand)]
    pub command: UpdateCommand,
}

/// What can be changed.
#[derive(Debug, Subcommand)]
pub enum UpdateCommand {
    /// Change the shipyard or the repository of a project
    Project(Box<UpdateProjectArgs>),
    /// Change a secret
    Secret(Box<SecretArgs>),
}

/// Delete a project, a service, a secret or a resource on a control plane
#[derive(Args, Debug)]
#[command(arg_required_else_help = true, subcommand_required = true)]
pub struct DeleteArgs {
    /// What to delete.
    #[command(subcommand)]
    pub command: DeleteCommand,
}

/// What can be deleted.
#[derive(Debug, Subcommand)]
pub enum DeleteCommand {
    /// Delete a project
    Project(DeleteProjectArgs),
    /// Delete a service in every stage of a project
    Service(ServiceNameArgs),
    /// Delete a secret
    Secret(DeleteSecretArgs),
    /// Delete a resource
    Resource(DeleteResourceArgs),
}

// No doc comment here: clap would take it for the help of the command that this is part of.
#[derive(Args, Debug, Default)]
#[expect(
    clippy::struct_field_names,
    reason = "the flags are named so, as Keptn's are"
)]
pub struct GitArgs {
    /// The URL of its repository
    #[arg(long, short = 'r', value_name = "URL", help_heading = "Repository")]
    pub git_remote_url: Option<String>,

    /// The user of the repository
    #[arg(long, short = 'u', value_name = "NAME", help_heading = "Repository")]
    pub git_user: Option<String>,

    /// The variable that holds the token of the repository
    #[arg(long, value_name = "VARIABLE", help_heading = "Repository")]
    pub git_token_env: Option<String>,

    /// The file that holds the private key, for a URL with ssh
    #[arg(long, short = 'k', value_name = "FILE", help_heading = "Repository")]
    pub git_private_key: Option<PathBuf>,

    /// The variable that holds the passphrase of the private key
    #[arg(long, value_name = "VARIABLE", help_heading = "Repository")]
    pub git_private_key_pass_env: Option<String>,

    /// The file that holds the certificate of the repository's server
    #[arg(long, short = 'g', value_name = "FILE", help_heading = "Repository")]
    pub git_pem_certificate: Option<PathBuf>,
}

/// Create a project from a shipyard
#[derive(Args, Debug)]
pub struct ProjectArgs {
    /// The project
    #[arg(value_name = "NAME")]
    pub name: String,

    /// The shipyard
    #[arg(long, short, value_name = "FILE")]
    pub shipyard: PathBuf,

    /// Its repository.
    #[command(flatten)]
    pub git: GitArgs,

    /// Which control plane.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// Change the shipyard or the repository of a project
#[derive(Args, Debug)]
pub struct UpdateProjectArgs {
    /// The project
    #[arg(value_name = "NAME")]
    pub name: String,

    /// The new shipyard; its stages must be those of the old one
    #[arg(long, short, value_name = "FILE")]
    pub shipyard: Option<PathBuf>,

    /// Its repository.
    #[command(flatten)]
    pub git: GitArgs,

    /// Which control plane.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// Delete a project
#[derive(Args, Debug)]
pub struct DeleteProjectArgs {
    /// The project
    #[arg(value_name = "NAME")]
    pub name: String,

    /// Which control plane.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// A service in every stage of a project
#[derive(Args, Debug)]
pub struct ServiceNameArgs {
    /// The service
    #[arg(value_name = "NAME")]
    pub name: String,

    /// The project [env: TIDEGATE_PROJECT]
    #[arg(long, short, value_name = "NAME")]
    pub project: Option<String>,

    /// Which control plane.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// Set the values of a secret
///
/// Values are never typed, because everybody on the machine can read what is typed.
#[derive(Args, Debug)]
#[command(after_help = SECRET_EXAMPLES)]
pub struct SecretArgs {
    /// The secret
    #[arg(value_name = "NAME")]
    pub name: String,

    /// Take a value from a variable: VARIABLE, or KEY=VARIABLE; may be repeated
    #[arg(long, value_name = "KEY=VARIABLE")]
    pub from_env: Vec<String>,

    /// Take a value from a file; may be repeated
    #[arg(long, value_name = "KEY=FILE")]
    pub from_file: Vec<String>,

    /// Take the value of this key from stdin
    #[arg(long, value_name = "KEY")]
    pub from_stdin: Option<String>,

    /// Keptn's flag: refused with a word about why
    #[arg(long, hide = true)]
    pub from_literal: Vec<String>,

    /// Whose it is
    #[arg(long, short, value_name = "NAME", default_value = "keptn-default")]
    pub scope: String,

    /// Which control plane.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// Delete a secret
#[derive(Args, Debug)]
pub struct DeleteSecretArgs {
    /// The secret
    #[arg(value_name = "NAME")]
    pub name: String,

    /// Whose it is
    #[arg(long, short, value_name = "NAME", default_value = "keptn-default")]
    pub scope: String,

    /// Which control plane.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// Delete a resource
#[derive(Args, Debug)]
pub struct DeleteResourceArgs {
    /// The path of the resource
    #[arg(value_name = "URI")]
    pub uri: String,

    /// The project [env: TIDEGATE_PROJECT]
    #[arg(long, short, value_name = "NAME")]
    pub project: Option<String>,

    /// The stage; without one: the resource of the project itself
    #[arg(long, value_name = "NAME")]
    pub stage: Option<String>,

    /// The service; without one: the resource of the stage itself
    #[arg(long, value_name = "NAME", requires = "stage")]
    pub service: Option<String>,

    /// Which control plane.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// Shown below the help of secrets.
const SECRET_EXAMPLES: &str = "Examples:
  tidegate create secret slack --from-env token=SLACK_TOKEN
  tidegate create secret tls --from-file key=server.key --scope keptn-webhook-service
  pass show slack | tidegate update secret slack --from-stdin token";
