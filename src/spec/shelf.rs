//! Where files are read from: this machine, or a set that somebody else has read already.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::problem::Problem;
use super::source::Source;

/// Where files are read from.
#[derive(Clone, Copy, Debug, Default)]
pub enum Shelf<'a> {
    /// From this machine.
    #[default]
    Disk,
    /// From a set of files with their paths. Nothing of this machine is looked at.
    Memory(&'a BTreeMap<PathBuf, Vec<u8>>),
}

impl Shelf<'_> {
    /// Tells whether there is a file at a path.
    pub(super) fn has_file(self, path: &Path) -> bool {
        match self {
            Self::Disk => path.exists() && !path.is_dir(),
            Self::Memory(files) => files.contains_key(path),
        }
    }

    /// Tells whether a path is a folder.
    pub(super) fn is_folder(self, path: &Path) -> bool {
        match self {
            Self::Disk => path.is_dir(),
            Self::Memory(files) => files
                .keys()
                .any(|file| file != path && file.starts_with(path)),
        }
    }

    /// Reads a file.
    pub(super) fn read(self, path: &Path, most_bytes: usize) -> Result<Source, Problem> {
        let Self::Memory(files) = self else {
            return Source::read(path, most_bytes);
        };
        let name = path.display().to_string();
        match files.get(path) {
            Some(bytes) => Source::from_bytes(&name, bytes.clone(), most_bytes),
            None => Err(Problem::missing(&name, "no such file")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_files_has_folders_too() {
        let path = PathBuf::from("dev/carts/slo.yaml");
        let files = BTreeMap::from([(path.clone(), b"a: 1".to_vec())]);
        let shelf = Shelf::Memory(&files);
        assert!(shelf.is_folder(Path::new("dev")));
        assert!(!shelf.is_folder(&path));
        assert!(shelf.has_file(&path));
        assert!(!shelf.has_file(Path::new("/etc/hostname")));
        assert_eq!(shelf.read(&path, 10).unwrap().raw(), "a: 1");
        assert!(shelf.read(&path, 3).is_err());
        assert!(shelf.read(Path::new("/etc/hostname"), 1000).is_err());
    }
}
