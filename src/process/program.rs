//! Which file a command means.

use std::path::{Path, PathBuf, is_separator};

/// Returns the file of a program: below a folder where its name says where it is, else the first on PATH; the name itself
/// where there is none.
#[must_use]
pub fn locate(name: &str, folder: &Path, path: Option<&str>) -> PathBuf {
    if name.contains(is_separator) {
        return absolute(&folder.join(name));
    }
    std::env::split_paths(path.unwrap_or_default())
        .map(|folder| absolute(&folder.join(name)))
        .find(|file| file.is_file())
        .unwrap_or_else(|| PathBuf::from(name))
}

/// Returns a path that does not depend on the working folder, where that can be had.
#[must_use]
pub fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_no_working_folder| path.to_owned())
}
