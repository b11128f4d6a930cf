//! The configuration of projects: the files of projects, stages and services, with their history, in git or without.
//!
//! [`Repository`] is the port: files in branches. [`PlainRepository`] needs nothing but the data folder,
//! [`GitRepository`] the program `git`, and may have an upstream. What belongs where is the [`Layout`], which knows
//! nothing of how it is stored. What comes in as a path is a [`ResourceUri`], and nothing else ever becomes one.

pub mod durable;
mod files;
mod git;
mod git_answer;
mod git_import;
mod git_key;
mod git_program;
mod layout;
mod plain;
mod project_file;
mod repository;
mod store;
mod upstream;
mod uri;

#[cfg(test)]
pub(crate) mod contract_tests;
#[cfg(test)]
mod upstream_tests;

pub use files::{FilesError, METADATA, Overwrite, ProjectFiles, SHIPYARD, Writing};
pub use git_program::GitProgram;
pub use layout::{Layout, Scope};
pub use project_file::{ProjectFile, Storage};
pub use repository::{MOST_FILE_BYTES, RepositoryError};
pub use store::{Configuration, ConfigurationError, NewProject, UPSTREAM_SCOPE, check_stages};
pub use upstream::{Upstream, UpstreamPlace, UpstreamProxy, UpstreamSecrets};
pub use uri::{ResourceUri, check_part};
