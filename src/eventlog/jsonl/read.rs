//! Reading a page: the catalogue says which lines, and only those are read whole.
#![expect(
    clippy::disallowed_methods,
    reason = "an adapter: opens the log for reading"
)]

use std::fs::File;
use std::io::{self, ErrorKind};

use super::LineFile;
use super::catalogue::Catalogue;
use super::lock::{self, LockError};
use crate::eventlog::failure::ReadError;
use crate::eventlog::filter::Filter;
use crate::eventlog::page::Page;

/// Reads a page.
pub(super) fn page(
    log: &LineFile,
    catalogue: &mut Catalogue,
    filter: &Filter,
    limit: usize,
) -> Result<Page, ReadError> {
    let failed = |error| ReadError::from_io(&log.path, error);
    let file = match File::open(&log.path) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Page::default());
        }
        Err(error) => return Err(failed(error)),
    };
    let end = length(log, &file)?;
    catalogue.catch_up(&file, end).map_err(failed)?;
    catalogue.check(&log.path)?;
    let mut warnings = catalogue.warnings(&log.path);
    let mut events = Vec::new();
    for entry in catalogue.index.matching(filter) {
        if events.len() == limit {
            break;
        }
        let number = entry.place.number;
        let place = format_args!("{}:{number}", log.path.display());
        match entry.place.read(&file).map_err(failed)? {
            Ok(event) => {
                warnings.check_time(place, &event);
                events.push(event);
            }
            Err(problem) => warnings.add(place, format_args!("not an event: {problem}")),
        }
    }
    Ok(Page {
        events,
        warnings: warnings.into_lines(),
    })
}

/// Returns how long the file is while nobody is in the middle of a batch. What is written later is not read.
fn length(log: &LineFile, file: &File) -> Result<u64, ReadError> {
    let measured = match lock::shared(file, log.lock_timeout) {
        Ok(()) => file.metadata(),
        Err(LockError::TimedOut) => {
            return Err(ReadError::Locked {
                path: log.path.clone(),
                waited: log.lock_timeout,
            });
        }
        // A file system without locks: then the end of the file may be half of a batch, which a reader can bear.
        Err(LockError::Failed(_)) => file.metadata(),
    };
    let length = measured.map(|file| file.len());
    release(file)
        .and(length)
        .map_err(|error| ReadError::from_io(&log.path, error))
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
