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
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let lock = options.open(path.join(LOCK)).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => {
                #[cfg(unix)]
                modes::tighten(path);
                Ok(Self {
                    path: path.to_owned(),
                    _lock: lock,
                })
            }
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

/// Who may read what is in the folder.
#[cfg(unix)]
mod modes {
    use std::fs::{Metadata, Permissions};
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    /// Takes files that others may read away from them, and says so where others may look into the folder: its mode
    /// may be meant, as that of a volume is.
    pub(super) fn tighten(folder: &Path) {
        if std::fs::metadata(folder).is_ok_and(|facts| is_open(&facts)) {
            tracing::warn!(
                folder = %folder.display(),
                "others can look into the data folder; `chmod 700` keeps them out"
            );
        }
        let Ok(entries) = std::fs::read_dir(folder) else {
            return;
        };
        for path in entries.flatten().map(|entry| entry.path()) {
            let facts = std::fs::symlink_metadata(&path);
            if !facts.is_ok_and(|facts| facts.is_file() && is_open(&facts)) {
                continue;
            }
            if let Err(error) = std::fs::set_permissions(&path, Permissions::from_mode(0o600)) {
                tracing::warn!(
                    file = %path.display(), %error,
                    "others can read a file of the data folder, and that could not be changed"
                );
            }
        }
    }

    /// Tells whether others than the owner may do anything.
    fn is_open(facts: &Metadata) -> bool {
        facts.permissions().mode() & 0o077 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn nobody_else_reads_what_is_in_the_folder() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let mode = |name: &str| {
            let facts = std::fs::metadata(folder.path().join(name)).unwrap();
            facts.permissions().mode() & 0o777
        };
        let old = folder.path().join("events.db-wal");
        std::fs::write(&old, "x").unwrap();
        std::fs::set_permissions(&old, std::fs::Permissions::from_mode(0o644)).unwrap();
        DataFolder::open(folder.path()).unwrap();
        assert_eq!(mode("events.db-wal"), 0o600);
        assert_eq!(mode(LOCK), 0o600);
    }

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
