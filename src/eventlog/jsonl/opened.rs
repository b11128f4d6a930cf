//! The file, opened and locked. Whoever removes events puts another file in its place: one that was opened before and
//! locked after that is no longer the log, and is opened anew.
#![expect(clippy::disallowed_methods, reason = "an adapter: opens the log")]

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::Path;

use super::LineFile;
use super::lock::{self, LockError};
use crate::eventlog::failure::{AppendError, ReadError};
use crate::eventlog::folder;

/// Opens the file for reading; returns how long it is while nobody is in the middle of a batch, too. What is written
/// later is not read. `None` where there is no file.
pub(super) fn to_read(log: &LineFile) -> Result<Option<(File, u64)>, ReadError> {
    let failed = |error| ReadError::from_io(&log.path, error);
    loop {
        let file = match File::open(&log.path) {
            Ok(file) => file,
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        match lock::shared(&file, log.lock_timeout) {
            Ok(()) => {}
            Err(LockError::TimedOut) => {
                return Err(ReadError::Locked {
                    path: log.path.clone(),
                    waited: log.lock_timeout,
                });
            }
            // A file system without locks: then the end of the file may be half of a batch, which a reader can bear.
            Err(LockError::Failed(_)) => {}
        }
        let length = file.metadata().map(|file| file.len());
        let is_current = is_at(&file, &log.path);
        let length = release(&file).and(length).map_err(failed)?;
        if is_current.map_err(failed)? {
            return Ok(Some((file, length)));
        }
    }
}

/// Opens the file and keeps other writers out until it is closed; makes it and its folder where they are missing.
pub(super) fn to_append(log: &LineFile) -> Result<File, AppendError> {
    let mut options = OpenOptions::new();
    options.read(true).append(true);
    loop {
        let file = match options.open(&log.path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                folder::create(folder::of(&log.path))
                    .and_then(|()| options.clone().create(true).open(&log.path))
                    .map_err(|error| AppendError::creating(&log.path, error))?
            }
            Err(error) => return Err(AppendError::writing(&log.path, error)),
        };
        if lock(log, &file)? {
            return Ok(file);
        }
    }
}

/// Opens the file and keeps other writers out until it is closed. `None` where there is no file.
pub(super) fn to_remove(log: &LineFile) -> Result<Option<File>, AppendError> {
    loop {
        let file = match OpenOptions::new().read(true).append(true).open(&log.path) {
            Ok(file) => file,
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(AppendError::writing(&log.path, error)),
        };
        if lock(log, &file)? {
            return Ok(Some(file));
        }
    }
}

/// Locks the file; tells whether it is the log still.
fn lock(log: &LineFile, file: &File) -> Result<bool, AppendError> {
    lock::exclusive(file, log.lock_timeout).map_err(|error| match error {
        LockError::TimedOut => AppendError::Locked {
            path: log.path.clone(),
            waited: log.lock_timeout,
        },
        LockError::Failed(error) => AppendError::writing(&log.path, error),
    })?;
    is_at(file, &log.path).map_err(|error| AppendError::writing(&log.path, error))
}

/// Lets writers go on. On Windows a lock of theirs would stop this process from reading, so there it is kept.
fn release(file: &File) -> io::Result<()> {
    if cfg!(windows) {
        return Ok(());
    }
    match file.unlock() {
        Err(error) if error.kind() == ErrorKind::Unsupported => Ok(()),
        released => released,
    }
}

/// Tells whether there is no such file.
fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// Tells whether a file is the one at a path.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;

    let opened = file.metadata()?;
    match fs::metadata(path) {
        Ok(there) => Ok((there.dev(), there.ino()) == (opened.dev(), opened.ino())),
        Err(error) if is_missing(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Tells whether a file is the one at a path: elsewhere no file is put in the place of another.
#[cfg(not(unix))]
fn is_at(_file: &File, path: &Path) -> io::Result<bool> {
    fs::metadata(path).map(|_| true)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn a_file_whose_place_another_took_is_no_longer_at_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let [path, other] = ["events.jsonl", "rest"].map(|name| folder.path().join(name));
        let file = File::create(&path).unwrap();
        assert!(is_at(&file, &path).unwrap());
        drop(File::create(&other).unwrap());
        fs::rename(&other, &path).unwrap();
        assert!(!is_at(&file, &path).unwrap());
        fs::remove_file(&path).unwrap();
        assert!(!is_at(&file, &path).unwrap());
    }
}
