//! Appending a batch: under the lock, with one write, on the disk before it is announced.

use std::fs::File;
use std::io::{self, Write as _};

use super::LineFile;
use super::batch::{Batch, LinesError};
use super::catalogue::Catalogue;
use super::linker::Linker;
use super::links::{Places, is_cut_from};
use super::opened;
use super::reader::{Doubt, Reader, Tail};
use crate::eventlog::failure::{AppendError, ReadError};
use crate::eventlog::filter::{Filter, Kinds};
use crate::eventlog::{Times, folder};
use crate::gate::event::CloudEvent;

/// Appends a batch; returns it as stored.
pub(super) fn batch(
    log: &LineFile,
    catalogue: &mut Catalogue,
    events: &[CloudEvent],
    times: Times,
) -> Result<Vec<CloudEvent>, AppendError> {
    let file = opened::to_append(log)?;
    let failed = |error| AppendError::writing(&log.path, error);
    let end = mended(&file).map_err(failed)?;
    // Once everything was read, what was added is read faster than single lines.
    let prepared = if catalogue.is_begun() {
        Err(LinesError::Doubt(Doubt::Unlinked))
    } else {
        by_links(Reader::new(&file, end), end, events, times)
    };
    let (batch, text) = match prepared {
        Ok(prepared) => prepared,
        Err(LinesError::Doubt(Doubt::Unlinked)) => {
            by_catalogue(log, catalogue, (&file, end), events, times)?
        }
        Err(LinesError::Doubt(Doubt::Failed(error))) => return Err(failed(error)),
        Err(LinesError::Refused(error)) => return Err(error),
    };
    if !text.is_empty() {
        write(log, &file, end, &text).map_err(failed)?;
    }
    Ok(batch.stored())
}

/// Takes away what is left of a line of ours whose writer was killed; returns how long the file is. Nobody else is
/// writing it: we hold the lock.
fn mended(file: &File) -> io::Result<u64> {
    let end = file.metadata()?.len();
    match Reader::new(file, end).tail() {
        // Windows does not let a file that was opened for appending be cut.
        Ok(tail) if !cfg!(windows) && is_cut_from(&tail.cut, tail.end) => {
            match file.set_len(tail.end) {
                Ok(()) => Ok(tail.end),
                // Such as a file that may only grow. The cut line stays.
                Err(_refused) => Ok(end),
            }
        }
        Ok(_) | Err(Doubt::Unlinked) => Ok(end),
        Err(Doubt::Failed(error)) => Err(error),
    }
}

/// Prepares a batch by the links of the last lines alone.
pub(super) fn by_links<S: io::Read + io::Seek>(
    mut reader: Reader<S>,
    end: u64,
    events: &[CloudEvent],
    times: Times,
) -> Result<(Batch, String), LinesError> {
    let tail = reader.tail()?;
    if !tail.cut.trim_ascii().is_empty() {
        return Err(Doubt::Unlinked.into());
    }
    let mut linker = if end == 0 {
        Linker::begin(reader, 0, Places::none())
    } else {
        Linker::resume(reader, tail.last)?
    };
    let mut batch = Batch::by_links(&mut linker, events, times)?;
    let feed = feed(&tail, end);
    let lines = batch.lines(Some(linker), end + feed.len() as u64)?;
    Ok((batch, text(feed, lines)))
}

/// Prepares a batch by all lines of the file.
fn by_catalogue(
    log: &LineFile,
    catalogue: &mut Catalogue,
    (file, end): (&File, u64),
    events: &[CloudEvent],
    times: Times,
) -> Result<(Batch, String), AppendError> {
    let failed = |error| AppendError::writing(&log.path, error);
    catalogue.catch_up(file, end).map_err(failed)?;
    catalogue.check(&log.path)?;
    let mut batch = Batch::by_catalogue(catalogue, events, times);
    let known: Vec<_> = batch.known().cloned().collect();
    for place in known.iter().filter_map(|id| catalogue.index.place(id)) {
        let read = place
            .read(file)
            .and_then(|event| event.map_err(io::Error::from))
            .map_err(|error| ReadError::from_io(&log.path, error))?;
        batch.take_old(read);
    }
    let mut reader = Reader::new(file, end);
    let tail = match reader.tail() {
        Ok(tail) => Some(tail),
        Err(Doubt::Unlinked) => None,
        Err(Doubt::Failed(error)) => return Err(failed(error)),
    };
    let feed = tail.as_ref().map_or("\n", |tail| feed(tail, end));
    let begin = end + feed.len() as u64;
    let linker = match tail {
        Some(tail) if tail.cut.trim_ascii().is_empty() => {
            linker(catalogue, (file, end), &tail, begin).map_err(failed)?
        }
        // What was cut off will be a broken line.
        Some(_) | None => None,
    };
    let lines = match batch.lines(linker, begin) {
        Ok(lines) => lines,
        Err(LinesError::Refused(error)) => return Err(error),
        Err(LinesError::Doubt(Doubt::Failed(error))) => return Err(failed(error)),
        Err(LinesError::Doubt(Doubt::Unlinked)) => {
            return Err(failed(io::Error::other(Doubt::Unlinked)));
        }
    };
    Ok((batch, text(feed, lines)))
}

/// Goes on with the run that the file ends with, or begins one. Broken lines are named by every read, so behind one
/// there is nothing to be gained by links.
fn linker<'a>(
    catalogue: &Catalogue,
    (file, end): (&'a File, u64),
    tail: &Tail,
    begin: u64,
) -> io::Result<Option<Linker<&'a File>>> {
    match Linker::resume(Reader::new(file, end), tail.last) {
        Ok(linker) => return Ok(Some(linker)),
        Err(Doubt::Unlinked) => {}
        Err(Doubt::Failed(error)) => return Err(error),
    }
    if catalogue.has_broken() {
        return Ok(None);
    }
    let steering = Filter {
        kinds: Kinds::Steering,
        ..Filter::default()
    };
    let places = catalogue.index.matching(&steering).into_iter();
    let places = Places::of(places.map(|entry| entry.place.begin()).collect());
    Ok(Some(Linker::begin(Reader::new(file, end), begin, places)))
}

/// Returns what must be written first, where the last line lacks its end: its writer was killed, or its editor does not
/// end files with one.
fn feed(tail: &Tail, end: u64) -> &'static str {
    if tail.is_ended || end == 0 { "" } else { "\n" }
}

/// Joins the end of the line before and the new lines.
fn text(feed: &str, lines: String) -> String {
    if lines.is_empty() || feed.is_empty() {
        return lines;
    }
    format!("{feed}{lines}")
}

/// Writes whole lines at the end, or nothing.
fn write(log: &LineFile, mut file: &File, end: u64, text: &str) -> io::Result<()> {
    let written = file
        .write_all(text.as_bytes())
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
