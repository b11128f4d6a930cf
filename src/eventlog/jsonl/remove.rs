//! Removing events: what stays is written to a file beside the log, which then takes its place. A kill leaves one or
//! the other. Lines that are no events stay where they are.
#![expect(
    clippy::disallowed_methods,
    reason = "an adapter: writes the file that takes the place of the log"
)]

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::LineFile;
use super::catalogue::Catalogue;
use super::opened;
use super::relink::Relinked;
use crate::eventlog::failure::AppendError;
use crate::eventlog::folder;

/// Removes the lines of events; returns how many events there were.
pub(super) fn events(
    log: &LineFile,
    catalogue: &mut Catalogue,
    ids: &HashSet<String>,
) -> Result<usize, AppendError> {
    let failed = |error| AppendError::writing(&log.path, error);
    let Some(file) = opened::to_remove(log)? else {
        return Ok(0);
    };
    let end = file.metadata().map_err(failed)?.len();
    catalogue.catch_up(&file, end).map_err(failed)?;
    catalogue.check(&log.path)?;
    let count = ids.iter().filter(|id| catalogue.index.place(id).is_some());
    let count = count.count();
    if count > 0 {
        if !cfg!(unix) {
            // Writers that wait for the lock could not tell that the file is no longer the log.
            let unsupported = "events can be removed from a file of lines on Unix only";
            return Err(failed(io::Error::new(ErrorKind::Unsupported, unsupported)));
        }
        replace(log, catalogue, (&file, end), ids).map_err(failed)?;
        *catalogue = Catalogue::default();
    }
    Ok(count)
}

/// Puts a file without the events in the place of the log.
fn replace(
    log: &LineFile,
    catalogue: &Catalogue,
    (file, end): (&File, u64),
    ids: &HashSet<String>,
) -> io::Result<()> {
    // A link keeps leading to the file.
    let path = fs::canonicalize(&log.path)?;
    let beside = beside(&path);
    let written = create(&beside, file).and_then(|rest| {
        let mut writer = BufWriter::new(&rest);
        Relinked::new(&mut writer, catalogue, ids).copy(file, end)?;
        writer.flush()?;
        drop(writer);
        rest.sync_all()?;
        fs::rename(&beside, &path)
    });
    if let Err(error) = written {
        return Err(match fs::remove_file(&beside) {
            Ok(()) => error,
            Err(missing) if missing.kind() == ErrorKind::NotFound => error,
            Err(stuck) => io::Error::new(
                error.kind(),
                format!("{error}; `{}` can't be removed: {stuck}", beside.display()),
            ),
        });
    }
    folder::sync(folder::of(&path))
}

/// Returns the name of the file that takes the place of the log. One that a killed process left is overwritten: whoever
/// writes it holds the lock of the log.
fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".rest");
    path.with_file_name(name)
}

/// Creates a file with the permissions and, where that is allowed, the owner of another.
fn create(path: &Path, like: &File) -> io::Result<File> {
    match fs::remove_file(path) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let file = OpenOptions::new().write(true).create_new(true).open(path)?;
    keep_owner(&file, like)?;
    file.set_permissions(like.metadata()?.permissions())?;
    Ok(file)
}

/// Gives a file the owner of another, if we may.
#[cfg(unix)]
fn keep_owner(file: &File, like: &File) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};

    let (own, wanted) = (file.metadata()?, like.metadata()?);
    if (own.uid(), own.gid()) == (wanted.uid(), wanted.gid()) {
        return Ok(());
    }
    match fchown(file, Some(wanted.uid()), Some(wanted.gid())) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(()),
        kept => kept,
    }
}

/// Gives a file the owner of another: where files have none there is nothing to do.
#[cfg(not(unix))]
fn keep_owner(_file: &File, _like: &File) -> io::Result<()> {
    Ok(())
}
