//! Appending a batch: under the lock, with one write, on the disk before it is announced.
#![expect(
    clippy::disallowed_methods,
    reason = "an adapter: opens the log for appending"
)]

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};

use super::LineFile;
use super::catalogue::Catalogue;
use super::lock::{self, LockError};
use crate::eventlog::Times;
use crate::eventlog::envelope::encode;
use crate::eventlog::failure::{AppendError, ReadError};
use crate::eventlog::folder;
use crate::eventlog::index::Stamped;
use crate::gate::event::CloudEvent;

/// Appends a batch; returns it as stored.
pub(super) fn batch(
    log: &LineFile,
    catalogue: &mut Catalogue,
    events: Vec<CloudEvent>,
    times: Times,
) -> Result<Vec<CloudEvent>, AppendError> {
    let failed = |error| AppendError::writing(&log.path, error);
    let file = open(log)?;
    lock(log, &file)?;
    let end = file.metadata().map_err(failed)?.len();
    catalogue.catch_up(&file, end).map_err(failed)?;
    catalogue.check(&log.path)?;
    let stamped = catalogue.index.stamp(events, times);
    let lines = lines(&stamped)?;
    if !lines.is_empty() {
        write(log, &file, end, &lines).map_err(failed)?;
        let end = file.metadata().map_err(failed)?.len();
        catalogue.catch_up(&file, end).map_err(failed)?;
    }
    stored(log, catalogue, &file, stamped)
}

/// Opens the file; makes it and its folder where they are missing.
fn open(log: &LineFile) -> Result<File, AppendError> {
    let mut options = OpenOptions::new();
    options.read(true).append(true);
    match options.open(&log.path) {
        Ok(file) => Ok(file),
        Err(error) if error.kind() == ErrorKind::NotFound => folder::create(folder::of(&log.path))
            .and_then(|()| options.create(true).open(&log.path))
            .map_err(|error| AppendError::creating(&log.path, error)),
        Err(error) => Err(AppendError::writing(&log.path, error)),
    }
}

/// Keeps other writers out until the file is closed.
pub(super) fn lock(log: &LineFile, file: &File) -> Result<(), AppendError> {
    lock::exclusive(file, log.lock_timeout).map_err(|error| match error {
        LockError::TimedOut => AppendError::Locked {
            path: log.path.clone(),
            waited: log.lock_timeout,
        },
        LockError::Failed(error) => AppendError::writing(&log.path, error),
    })
}

/// Returns the lines of the new events.
fn lines(stamped: &[Stamped]) -> Result<String, AppendError> {
    let mut lines = String::new();
    for event in stamped {
        match event {
            Stamped::Fresh(event) => {
                lines.push_str(&encode(event)?);
                lines.push('\n');
            }
            Stamped::Known(_) => {}
        }
    }
    Ok(lines)
}

/// Writes whole lines at the end, or nothing.
fn write(log: &LineFile, mut file: &File, end: u64, lines: &str) -> io::Result<()> {
    let cut = if ends_inside_a_line(file, end)? {
        "\n"
    } else {
        ""
    };
    let written = file
        .write_all(format!("{cut}{lines}").as_bytes())
        .and_then(|()| file.sync_data())
        .and_then(|()| match end {
            // Nobody may have made the name of a new file durable yet, not even whoever created it.
            0 => folder::sync(folder::of(&log.path)),
            _ => Ok(()),
        });
    written.map_err(|error| match file.set_len(end) {
        Ok(()) => error,
        Err(stuck) => io::Error::new(
            error.kind(),
            format!("{error}; what was written of it can't be taken back: {stuck}"),
        ),
    })
}

/// Tells whether the last line lacks its end: its writer was killed, or its editor does not end files with one.
fn ends_inside_a_line(mut file: &File, end: u64) -> io::Result<bool> {
    if end == 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::Start(end - 1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

/// Returns the batch as stored: what was new as it was written, the rest as it stands in the file.
fn stored(
    log: &LineFile,
    catalogue: &Catalogue,
    file: &File,
    stamped: Vec<Stamped>,
) -> Result<Vec<CloudEvent>, AppendError> {
    let mut stored = Vec::with_capacity(stamped.len());
    for event in stamped {
        match event {
            Stamped::Fresh(event) => stored.push(*event),
            Stamped::Known(id) => {
                let Some(place) = catalogue.index.place(&id) else {
                    continue;
                };
                let read = place
                    .read(file)
                    .and_then(|event| event.map_err(io::Error::from))
                    .map_err(|error| ReadError::from_io(&log.path, error))?;
                stored.push(read);
            }
        }
    }
    Ok(stored)
}
