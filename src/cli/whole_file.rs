//! Files that are written whole or not at all: whoever reads one never sees a part of it.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the place that writes reports"
)]

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::exit::Exit;
use super::failure::Failure;

/// How often another name is tried where one is taken.
const ATTEMPTS: u32 = 100;

/// Writes a file beside its place and then gives it its name; folders on the way are created. What is no ordinary file,
/// such as a pipe or `/dev/stderr`, is written to as it is.
pub fn write_whole(path: &Path, content: &[u8]) -> Result<(), Failure> {
    if is_stream(path) {
        // What stdout leads to may be a file, of which nothing is to be lost.
        let opened = OpenOptions::new().append(true).open(path);
        let mut stream = opened.map_err(|error| refusal(Exit::CannotCreate, path, &error))?;
        let written = stream.write_all(content);
        return written.map_err(|error| refusal(Exit::CannotWrite, path, &error));
    }
    // A link stays one: what it leads to is replaced.
    let place = std::fs::canonicalize(path);
    let place = place.as_deref().unwrap_or(path);
    let (mut file, partial) =
        create_beside(place).map_err(|error| refusal(Exit::CannotCreate, path, &error))?;
    let written = file
        .write_all(content)
        .and_then(|()| file.sync_all())
        .and_then(|()| std::fs::rename(&partial, place));
    written.map_err(|error| {
        // It is of no use to anyone; what matters is said.
        drop(std::fs::remove_file(&partial));
        refusal(Exit::CannotWrite, path, &error)
    })
}

/// Removes a file that says what is no longer true; tells whether there was one.
pub fn remove_stale(path: &Path) -> Result<bool, Failure> {
    if is_stream(path) {
        return Ok(false);
    }
    match std::fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(refusal(Exit::CannotWrite, path, &error)),
    }
}

/// Tells whether something other than a file or a folder is there. What is in `/dev` leads elsewhere, even where that is a
/// file: `/dev/stdout`.
fn is_stream(path: &Path) -> bool {
    let leads_elsewhere = path.parent() == Some(Path::new("/dev")) || path.starts_with("/dev/fd");
    std::fs::metadata(path)
        .is_ok_and(|found| !found.is_dir() && (leads_elsewhere || !found.is_file()))
}

/// Creates a file of a name of its own in the folder of another one.
fn create_beside(path: &Path) -> io::Result<(File, PathBuf)> {
    if path.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory));
    }
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidFilename))?;
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    if let Some(folder) = folder {
        std::fs::create_dir_all(folder)?;
    }
    let mut attempt = 0;
    loop {
        let mut partial = OsString::from(".");
        partial.push(name);
        partial.push(format!(".{}-{attempt}.partial", std::process::id()));
        let partial = folder.unwrap_or(Path::new(".")).join(partial);
        let created = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&partial);
        match created {
            Ok(file) => return Ok((file, partial)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < ATTEMPTS => {
                attempt += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Says that a file can't be written, and what may help.
fn refusal(exit: Exit, path: &Path, error: &io::Error) -> Failure {
    let kind = error.kind();
    let hint = if kind == io::ErrorKind::IsADirectory {
        "a folder of that name is there: name a file"
    } else if kind == io::ErrorKind::NotADirectory {
        "a file stands where a folder is needed"
    } else if kind == io::ErrorKind::StorageFull {
        "make room on the disk"
    } else {
        "may you write there?"
    };
    let path = path.display();
    Failure::new(exit, format!("{path} can't be written: {error}")).with_hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_folders_are_created() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/report.xml");
        write_whole(&path, b"first, and longer").unwrap();
        write_whole(&path, b"second").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "second");
        let left = std::fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(left, 1);
    }

    #[test]
    fn what_cant_be_created_leaves_everything_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let failure = write_whole(folder.path(), b"x").unwrap_err();
        assert_eq!(failure.exit, Exit::CannotCreate);
        let file = folder.path().join("file");
        write_whole(&file, b"x").unwrap();
        let failure = write_whole(&file.join("below"), b"x").unwrap_err();
        assert_eq!(failure.exit, Exit::CannotCreate);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "x");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_one_and_a_stream_is_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let (link, file) = (folder.path().join("link"), folder.path().join("file"));
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write_whole(&file, b"first").unwrap();
        write_whole(&link, b"second").unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "second");
        write_whole(Path::new("/dev/null"), b"x").unwrap();
        assert!(!remove_stale(Path::new("/dev/null")).unwrap());
        let failure = write_whole(Path::new("/dev/full"), b"x").unwrap_err();
        assert_eq!(failure.exit, Exit::CannotWrite);
    }

    #[test]
    fn a_stale_file_goes_and_one_that_is_not_there_is_no_problem() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("old");
        write_whole(&path, b"pass").unwrap();
        assert!(remove_stale(&path).unwrap());
        assert!(!remove_stale(&path).unwrap());
    }
}
