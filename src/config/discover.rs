//! Finds `tidegate.yaml`, and the folder that relative paths and default names start at.

#![expect(
    clippy::disallowed_methods,
    reason = "finding files is what this module is for"
)]

use std::path::{Path, PathBuf};

/// Where things are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// The configuration file, where there is one.
    pub config: Option<PathBuf>,
    /// The folder that relative paths start at: that of `tidegate.yaml`, else the repository's root, else the SLO's.
    pub root: PathBuf,
}

impl Places {
    /// Returns how many folders above the SLO's may hold Keptn's levels: as many as lie within the root, two at most;
    /// two where nothing bounds the project.
    #[must_use]
    pub fn levels_above(&self, slo_folder: &Path) -> usize {
        let folder = absolute(slo_folder);
        if self.config.is_none() && self.root == folder && !folder.join(".git").exists() {
            return 2;
        }
        folder
            .strip_prefix(&self.root)
            .map_or(0, |inside| inside.components().count().min(2))
    }
}

/// Finds the configuration for an SLO that lies in a folder, unless it is given.
///
/// Walks upwards, and stops at the root of a repository: what lies above belongs to someone else.
#[must_use]
pub fn find_config(slo_folder: &Path, given: Option<&Path>) -> Places {
    let folder = absolute(slo_folder);
    if let Some(given) = given {
        let parent = absolute(given).parent().map(Path::to_owned);
        return Places {
            config: Some(given.to_owned()),
            root: parent.unwrap_or(folder),
        };
    }
    let repository = repository_root(&folder);
    for ancestor in folder.ancestors() {
        let candidate = ancestor.join("tidegate.yaml");
        if candidate.is_file() {
            return Places {
                config: Some(candidate),
                root: ancestor.to_owned(),
            };
        }
        if Some(ancestor) == repository.as_deref() {
            break;
        }
    }
    Places {
        config: None,
        root: repository.unwrap_or(folder),
    }
}

/// Returns the nearest folder upwards that holds `.git`.
#[must_use]
pub fn repository_root(folder: &Path) -> Option<PathBuf> {
    absolute(folder)
        .ancestors()
        .find(|ancestor| ancestor.join(".git").exists())
        .map(Path::to_owned)
}

/// Returns a path without `.`, `..` and links; as it is where it does not exist.
#[must_use]
pub fn absolute(path: &Path) -> PathBuf {
    let path = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    std::fs::canonicalize(path).unwrap_or_else(|_missing| path.to_owned())
}
