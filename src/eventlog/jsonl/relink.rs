//! The lines of a file but for some, with links that hold in the new file: as far as every line is an event, and later
//! than those before it in its series.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read as _, Seek as _, SeekFrom, Write};

use jiff::Timestamp;

use super::catalogue::{CHUNK, Catalogue, is_cut_off};
use super::lines::{Ending, Lines};
use super::linker::Linker;
use super::links::{self, Places};
use super::reader::{Doubt, Reader};
use crate::eventlog::EVENT_LIMIT;
use crate::eventlog::envelope::{Envelope, SeriesKey};
use crate::gate::event::CloudEvent;

/// Writes lines.
pub(super) struct Relinked<'a, W> {
    /// Where they go.
    to: W,
    /// How much was written.
    offset: u64,
    /// What is known of the file that is read.
    catalogue: &'a Catalogue,
    /// The ids of events to leave out.
    without: &'a HashSet<String>,
    /// Makes the links; `None` behind a line that can't have any. It never needs to read: it keeps the newest line of
    /// each series.
    linker: Option<Linker<Cursor<&'static [u8]>>>,
    /// The newest times.
    newest: HashMap<SeriesKey, Timestamp>,
}

impl<'a, W: Write> Relinked<'a, W> {
    /// Leaves out events.
    pub(super) fn new(to: W, catalogue: &'a Catalogue, without: &'a HashSet<String>) -> Self {
        let nothing: &'static [u8] = &[];
        let reader = Reader::new(Cursor::new(nothing), 0);
        Self {
            to,
            offset: 0,
            catalogue,
            without,
            linker: Some(Linker::begin(reader, 0, Places::none())),
            newest: HashMap::new(),
        }
    }

    /// Copies a file up to `end`.
    pub(super) fn copy(mut self, file: &File, end: u64) -> io::Result<()> {
        let (mut number, mut offset) = (0, 0);
        while offset < end {
            (number, offset) = self.copy_lines(file, (number, offset), end)?;
        }
        Ok(())
    }

    /// Copies lines from one on, up to one that is too long to be kept in memory, and that one; returns how far that is.
    fn copy_lines(
        &mut self,
        mut file: &File,
        (number, offset): (u64, u64),
        end: u64,
    ) -> io::Result<(u64, u64)> {
        file.seek(SeekFrom::Start(offset))?;
        let source = BufReader::with_capacity(CHUNK, file.take(end - offset));
        let mut lines = Lines::after(number, offset, source);
        let mut begin = offset;
        while let Some(ending) = lines.next()? {
            match ending {
                Ending::Complete => self.copy_line(lines.number, &lines.text)?,
                // Our own, whose writer was killed: it would be mistaken for a broken line of another program.
                Ending::Cut
                    if links::is_cut_from(&lines.text, begin) && is_cut_off(&lines.text) => {}
                Ending::Cut => self.copy_line(lines.number, &lines.text)?,
                Ending::TooLong => {
                    self.linker = None;
                    file.seek(SeekFrom::Start(begin))?;
                    self.offset += io::copy(&mut file.take(lines.offset - begin), &mut self.to)?;
                    return Ok((lines.number, lines.offset));
                }
            }
            begin = lines.offset;
        }
        Ok((lines.number, end))
    }

    /// Copies a line, unless it holds an event to leave out.
    fn copy_line(&mut self, number: u64, text: &[u8]) -> io::Result<()> {
        if text.trim_ascii().is_empty() {
            return self.write(text);
        }
        let Ok(envelope) = Envelope::parse(text) else {
            self.linker = None;
            return self.write(text);
        };
        if self.without.contains(&envelope.id) {
            return Ok(());
        }
        if let Some(line) = self.linked(number, &envelope, text)? {
            return self.write(&line);
        }
        self.linker = None;
        self.write(text)
    }

    /// Returns a line with links; `None` if it can't have any.
    fn linked(
        &mut self,
        number: u64,
        envelope: &Envelope,
        text: &[u8],
    ) -> io::Result<Option<Vec<u8>>> {
        let is_first = self
            .catalogue
            .index
            .place(&envelope.id)
            .is_some_and(|place| place.number == number);
        let newest = self.newest.get(&envelope.series);
        let is_newest = envelope.time.is_some() && envelope.time > newest.copied();
        let (Some(linker), Some(time), true) =
            (&mut self.linker, envelope.time, is_first && is_newest)
        else {
            return Ok(None);
        };
        let Some(json) = links::untie(text).filter(|json| is_event(json)) else {
            return Ok(None);
        };
        match linker.extend(self.offset, envelope) {
            Ok(links) => {
                self.newest.insert(envelope.series.clone(), time);
                let line = links::tie(&links, &json).into_bytes();
                Ok((line.len() <= EVENT_LIMIT).then_some(line))
            }
            Err(Doubt::Unlinked) => Ok(None),
            Err(Doubt::Failed(error)) => Err(error),
        }
    }

    /// Writes a line.
    fn write(&mut self, text: &[u8]) -> io::Result<()> {
        self.offset += text.len() as u64;
        self.to.write_all(text)
    }
}

/// Tells whether a line can be read whole.
fn is_event(json: &str) -> bool {
    serde_json::from_str::<CloudEvent>(json).is_ok()
}
