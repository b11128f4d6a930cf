//! The folder that a server keeps everything in: one server at a time, and nobody else reads it.

#![expect(
    clippy::disallowed_methods,
    reason = "the folder of the data is made and locked here"
)]

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// The file that is locked.
const LOCK: &str = "lock";

/// A folder that belongs to this process until it is dropped.
#[derive(Debug)]
pub struct DataFolder {
    /// Where it is.
    path: PathBuf,
    /// The lock.
    _lock: File,
}

/// The folder can't be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// It can't be made, or not be written.
    #[error("the data folder `{path}` can't be used")]
    Unusable {
        /// The folder.
        path: String,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// Another server uses it.
    #[error("another server uses the data folder `{path}`")]
    Taken {
        /// The folder.
        path: String,
    },
}

impl DataFolder {
    /// Makes the folder where there is none, and locks it.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let unusable = |cause: io::Error| FolderError::Unusable {
            path: path.display().to_string(),
            cause,
        };
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt as _;
            builder.mode(0o700);
        }
        builder.create(path).map_err(unusable)?;
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        let lock = options.open(path.join(LOCK)).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(FolderError::Taken {
                path: path.display().to_string(),
            }),
            Err(TryLockError::Error(cause)) => Err(unusable(cause)),
        }
    }

    /// Returns where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_servers_never_share_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b");
        let first = DataFolder::open(&path).unwrap();
        let second = DataFolder::open(&path).unwrap_err();
        assert!(matches!(second, FolderError::Taken { .. }), "{second}");
        drop(first);
        DataFolder::open(&path).unwrap();
    }
}
