//! A folder of files for tests.
#![expect(
    clippy::disallowed_methods,
    reason = "tests write the files that they read"
)]

use std::path::Path;

/// A temporary folder; it goes away with the test.
pub(super) struct TestFolder(tempfile::TempDir);

impl TestFolder {
    /// Makes a folder with files, given by path and text.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    /// Returns where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}
