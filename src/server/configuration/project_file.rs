//! What is known of a project besides its files: `project.json` in its folder.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::layout::Layout;
use super::upstream::UpstreamPlace;

/// The version of the form.
pub const VERSION: u32 = 1;

/// How the files of a project are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Storage {
    /// In the data folder, without any other program.
    #[default]
    Plain,
    /// In a repository of git.
    Git,
}

/// What is known of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectFile {
    /// The version of this form.
    pub version: u32,
    /// When the project was created.
    pub created: Timestamp,
    /// How its files are stored.
    pub storage: Storage,
    /// Where they lie.
    pub layout: Layout,
    /// The branch of the project's own files.
    pub main: String,
    /// The upstream repository.
    pub upstream: Option<UpstreamPlace>,
    /// The services, with the moment each was created at.
    pub services: BTreeMap<String, Timestamp>,
}
