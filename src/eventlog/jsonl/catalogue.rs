//! What has been read of a file: the envelope and the place of every event, and what was broken. A file is read once;
//! later calls read what was added.

use std::fs::File;
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::lines::{Ending, Lines};
use super::links;
use crate::eventlog::EVENT_LIMIT;
use crate::eventlog::envelope::Envelope;
use crate::eventlog::failure::{NotALog, ReadError};
use crate::eventlog::index::Index;
use crate::eventlog::warnings::Warnings;
use crate::gate::event::CloudEvent;

/// How much is read at once.
pub(super) const CHUNK: usize = 256 * 1024;

/// What is known of a file.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    /// The events.
    pub index: Index<LinePlace>,
    /// How much of the file has been read.
    read_to: u64,
    /// How many lines that were.
    lines: u64,
    /// The last bytes of them, by which the file is known again.
    mark: Vec<u8>,
    /// The lines that are no events: the number, and what is wrong. Only the first few: a file may be all wrong.
    broken: Vec<(u64, String)>,
    /// How many lines are no events.
    broken_count: usize,
    /// Whether the file is one large document.
    document: Document,
}

/// How a file begins, if not with an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Document {
    /// Like anything.
    #[default]
    No,
    /// Like one JSON document. Some line in it may well pass for an event; the others would be missing.
    Begun,
}

/// The most broken lines that are remembered one by one.
const REMEMBERED: usize = 100;

/// How many bytes a file is known by. A line of ours is told from others by fewer.
const MARK: u64 = 256;

/// Where an event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LinePlace {
    /// The number of the line, counted from 1.
    pub number: u64,
    /// Where its text ends.
    end: u64,
    /// How long that is.
    length: usize,
}

impl LinePlace {
    /// Reads the event that stands there.
    pub(super) fn read(self, mut file: &File) -> io::Result<Result<CloudEvent, serde_json::Error>> {
        let mut text = vec![0; self.length];
        file.seek(SeekFrom::Start(self.begin()))?;
        file.read_exact(&mut text)?;
        Ok(serde_json::from_slice(&text).map(|mut event: CloudEvent| {
            event.extensions.shift_remove(links::ATTRIBUTE);
            event
        }))
    }

    /// Returns where the line begins.
    pub(super) fn begin(self) -> u64 {
        self.end - self.length as u64
    }
}

impl Catalogue {
    /// Reads what was added to the file, up to `end`. A file that became shorter, or differs where reading stopped, is
    /// another file, and read anew.
    pub(super) fn catch_up(&mut self, file: &File, end: u64) -> io::Result<()> {
        if end < self.read_to || self.mark != mark(file, self.read_to)? {
            *self = Self::default();
        }
        self.read_on(file, end)?;
        self.mark = mark(file, self.read_to)?;
        Ok(())
    }

    /// Tells whether something of the file has been read.
    pub(super) fn is_begun(&self) -> bool {
        self.read_to > 0
    }

    /// Tells whether some line is no event.
    pub(super) fn has_broken(&self) -> bool {
        self.broken_count > 0
    }

    /// Reads from where reading stopped.
    fn read_on(&mut self, mut file: &File, end: u64) -> io::Result<()> {
        file.seek(SeekFrom::Start(self.read_to))?;
        let added = BufReader::with_capacity(CHUNK, file.take(end - self.read_to));
        let mut lines = Lines::after(self.lines, self.read_to, added);
        while let Some(ending) = lines.next()? {
            match ending {
                Ending::Complete => self.add(lines.number, lines.offset, &lines.text),
                Ending::TooLong => {
                    let limit = EVENT_LIMIT >> 20;
                    self.add_broken(lines.number, format!("longer than {limit} MiB"), &[]);
                }
                Ending::Cut if is_cut_off(&lines.text) => return Ok(()),
                Ending::Cut => {
                    self.add(lines.number, lines.offset, &lines.text);
                    // Its end, once it comes, is the rest of this line, not the next one.
                    lines.number -= 1;
                }
            }
            self.read_to = lines.offset;
            self.lines = lines.number;
        }
        Ok(())
    }

    /// Refuses a file in which nothing is an event, or all is one document.
    pub(super) fn check(&self, path: &Path) -> Result<(), ReadError> {
        let found = match (self.document, self.broken.first()) {
            (Document::Begun, _) => NotALog::OneDocument,
            (Document::No, Some((line, problem))) if self.index.is_empty() => NotALog::NoEvent {
                line: *line,
                problem: problem.clone(),
            },
            (Document::No, _) => return Ok(()),
        };
        Err(ReadError::NotALog {
            path: path.to_owned(),
            found,
        })
    }

    /// Returns what is broken, line by line.
    pub(super) fn warnings(&self, path: &Path) -> Warnings {
        let mut warnings = Warnings::default();
        for (line, problem) in &self.broken {
            warnings.add(
                format_args!("{}:{line}", path.display()),
                format_args!("not an event: {problem}"),
            );
        }
        warnings.add_more(self.broken_count - self.broken.len());
        warnings
    }

    /// Adds a line that ends, with its line feed if it has one, at `offset`.
    fn add(&mut self, number: u64, offset: u64, text: &[u8]) {
        if text.trim_ascii().is_empty() {
            return;
        }
        match Envelope::parse(text) {
            Ok(envelope) => self.index.insert(
                envelope,
                LinePlace {
                    number,
                    end: offset,
                    length: text.len(),
                },
            ),
            Err(error) => self.add_broken(number, problem(&error), text),
        }
    }

    /// Adds a line that is no event.
    fn add_broken(&mut self, number: u64, problem: String, text: &[u8]) {
        if self.broken_count == 0 && self.index.is_empty() {
            self.document = document(text);
        }
        self.broken_count += 1;
        if self.broken.len() < REMEMBERED {
            self.broken.push((number, problem));
        }
    }
}

/// Returns the last bytes of a file before a place.
fn mark(mut file: &File, end: u64) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    file.seek(SeekFrom::Start(end.saturating_sub(MARK)))?;
    file.take(MARK.min(end)).read_to_end(&mut text)?;
    Ok(text)
}

/// Tells whether a line without an end is the beginning of an event whose writer was killed, or is about to go on.
pub(super) fn is_cut_off(text: &[u8]) -> bool {
    if text.trim_ascii().is_empty() {
        return true;
    }
    let Err(error) = Envelope::parse(text) else {
        return false;
    };
    // A number that was cut is called a wrong one, not a short one.
    let is_cut_number = matches!(text.last(), Some(b'.' | b'e' | b'E' | b'-' | b'+'));
    error.is_eof() || (error.is_syntax() && is_cut_number)
}

/// Tells what a file is that begins with this line.
fn document(text: &[u8]) -> Document {
    let text = text.trim_ascii();
    // A write is not cut after one byte, so a lone brace is not what is left of an event.
    if text == b"{" || text.starts_with(b"[") || text.starts_with(b"{\"events\"") {
        Document::Begun
    } else {
        Document::No
    }
}

/// Returns what is wrong with a line; serde counts lines, too, but from this one.
fn problem(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.split_once(" at line ") {
        Some((problem, _)) => format!("{problem}, column {}", error.column()),
        None => text,
    }
}
