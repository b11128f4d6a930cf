//! What a provider of files is told in `tidegate.yaml`.

use std::path::PathBuf;
use std::time::Duration;

use super::format::Format;
use super::merge::Merge;
use super::options::ReadOptions;

/// Where results lie, and how they are read. Plain data, built by whoever reads configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FilesSettings {
    /// The folder that relative paths start at.
    pub folder: PathBuf,
    /// The file, or a pattern such as `results/*.json`. An indicator may name another.
    pub path: Option<String>,
    /// The formats that files may have; none means any, told apart by content.
    pub formats: Vec<Format>,
    /// How old a file may be at the end of the window.
    pub max_age: Option<Duration>,
    /// How several files become one; none means that several are an error.
    pub merge: Option<Merge>,
    /// What else is said of the files.
    pub read: ReadOptions,
}
