//! The folder of a local log: made when the first event is appended, never by a read.
#![expect(
    clippy::disallowed_methods,
    reason = "an adapter: makes the folder of the log"
)]

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;

/// The folder of local state, which nobody wants in a commit by accident.
const LOCAL_STATE: &str = ".tidegate";

/// Returns the folder that holds a file.
pub(super) fn of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    }
}

/// Makes a folder and what is missing above it, durably. A `.tidegate` made here tells git to pass it over.
pub(super) fn create(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    create(of(folder))?;
    match fs::create_dir(folder) {
        Ok(()) => {}
        // Another process was faster, which is as good.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && folder.is_dir() => return Ok(()),
        Err(error) => return Err(error),
    }
    if folder.file_name().is_some_and(|name| name == LOCAL_STATE) {
        fs::write(folder.join(".gitignore"), "*\n")?;
    }
    sync(of(folder))
}

/// Makes the entries of a folder durable. Windows has no such call and needs none.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(windows) {
        return Ok(());
    }
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_local_state_is_kept_out_of_git_when_it_is_made_here() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("a/.tidegate");
        create(&folder).unwrap();
        assert_eq!(
            fs::read_to_string(folder.join(".gitignore")).unwrap(),
            "*\n"
        );
        assert!(!place.path().join("a/.gitignore").exists());
        fs::remove_file(folder.join(".gitignore")).unwrap();
        create(&folder).unwrap();
        assert!(!folder.join(".gitignore").exists());
    }

    #[test]
    fn a_bare_file_name_stands_in_the_current_folder() {
        assert_eq!(of(Path::new("events.db")), Path::new("."));
    }
}
