//! The event of a task as a file, for as long as the command runs.

#![expect(
    clippy::disallowed_methods,
    reason = "writes the file that a command reads its event from"
)]

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use uuid::Uuid;

/// A file in a folder of its own that nobody else may read. Dropping it removes both.
pub(super) struct EventFile {
    /// The folder.
    folder: PathBuf,
    /// The file.
    path: PathBuf,
}

impl EventFile {
    /// Writes the file.
    pub(super) fn write(scratch: &Path, event: &[u8]) -> io::Result<Self> {
        let folder = scratch.join(format!("tidegate-{}", Uuid::new_v4()));
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder)?;
        let file = Self {
            path: folder.join("event.json"),
            folder,
        };
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&file.path)?.write_all(event)?;
        Ok(file)
    }

    /// Returns where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for EventFile {
    fn drop(&mut self) {
        // What the command put beside it goes with it; what can't be removed is the system's to clean up.
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_lives_as_long_as_its_owner_and_is_private() {
        let scratch = tempfile::tempdir().unwrap();
        let file = EventFile::write(scratch.path(), b"{}").unwrap();
        assert_eq!(std::fs::read(file.path()).unwrap(), b"{}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(file.path()), mode(&file.folder)), (0o600, 0o700));
        }
        drop(file);
        assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 0);
        assert!(EventFile::write(Path::new("/nowhere/at/all"), b"{}").is_err());
    }
}
