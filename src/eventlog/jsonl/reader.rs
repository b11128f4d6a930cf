//! Reads single lines of a file where they stand, and the last one: a file is never read from its beginning here.

use std::io::{self, Read, Seek, SeekFrom};

use super::catalogue::is_cut_off;
use super::lines::LINE_LIMIT;
use super::links::{HEAD, Links};
use crate::eventlog::envelope::Envelope;
use crate::gate::event::{CloudEvent, EventType};

/// How much is read at once where the length of a line is not known.
const BLOCK: usize = 16 * 1024;

/// Links did not lead to an answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Doubt {
    /// They are not there, don't hold, or don't reach: the whole file must be read.
    #[error("the links of the file don't tell")]
    Unlinked,
    /// The file system failed.
    #[error(transparent)]
    Failed(#[from] io::Error),
}

/// Reads a file that ends at a certain place, whatever is added meanwhile.
#[derive(Debug)]
pub(super) struct Reader<S> {
    /// The file.
    source: S,
    /// Where it ends.
    end: u64,
}

/// A line, without its end.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// Its text.
    pub text: Vec<u8>,
    /// Its envelope.
    pub envelope: Envelope,
}

/// How a file ends.
#[derive(Debug)]
pub(super) struct Tail {
    /// Where the last line begins.
    pub last: u64,
    /// Where the file ends but for a line that was cut off.
    pub end: u64,
    /// What was cut off.
    pub cut: Vec<u8>,
    /// Whether a line feed ends the last line, or what was cut off.
    pub is_ended: bool,
}

impl Line {
    /// Reads the event on the line.
    pub(super) fn event(&self) -> Result<CloudEvent, Doubt> {
        let mut event: CloudEvent =
            serde_json::from_slice(&self.text).map_err(|_foreign| Doubt::Unlinked)?;
        event.extensions.shift_remove(super::links::ATTRIBUTE);
        Ok(event)
    }

    /// Tells whether the event says something of others.
    pub(super) fn is_steering(&self) -> bool {
        EventType::is_steering(&self.envelope.event_type)
    }
}

impl<S: Read + Seek> Reader<S> {
    /// Reads a file up to `end`.
    pub(super) fn new(source: S, end: u64) -> Self {
        Self { source, end }
    }

    /// Finds the last line. Its text is not looked at.
    pub(super) fn tail(&mut self) -> Result<Tail, Doubt> {
        let mut length = BLOCK;
        loop {
            let begin = self.end.saturating_sub(length as u64);
            let text = self.read(begin, length)?;
            if let Some(tail) = Tail::of(begin, &text) {
                return Ok(tail);
            }
            if begin == 0 || length as u64 > 2 * LINE_LIMIT {
                return Err(Doubt::Unlinked);
            }
            length *= 4;
        }
    }

    /// Reads the links of the line at a place.
    pub(super) fn links(&mut self, offset: u64) -> Result<Links, Doubt> {
        let head = self.at_line(offset, HEAD)?;
        own_links(&head, offset)
    }

    /// Reads the line at a place, and its links.
    pub(super) fn linked_line(&mut self, offset: u64) -> Result<(Line, Links), Doubt> {
        let line = self.line(offset)?;
        let links = own_links(&line.text, offset)?;
        Ok((line, links))
    }

    /// Reads the line at a place.
    pub(super) fn line(&mut self, offset: u64) -> Result<Line, Doubt> {
        let mut length = BLOCK;
        loop {
            let mut text = self.at_line(offset, length)?;
            let end = text.iter().position(|byte| *byte == b'\n');
            if end.is_none() && offset + (text.len() as u64) < self.end {
                if length as u64 > LINE_LIMIT {
                    return Err(Doubt::Unlinked);
                }
                length *= 4;
                continue;
            }
            text.truncate(end.unwrap_or(text.len()));
            let envelope = Envelope::parse(&text).map_err(|_foreign| Doubt::Unlinked)?;
            return Ok(Line { text, envelope });
        }
    }

    /// Reads from the beginning of a line, if there is one at this place.
    fn at_line(&mut self, offset: u64, length: usize) -> Result<Vec<u8>, Doubt> {
        if offset == 0 {
            return Ok(self.read(0, length)?);
        }
        let mut text = self.read(offset - 1, length)?;
        if text.first() != Some(&b'\n') {
            return Err(Doubt::Unlinked);
        }
        text.remove(0);
        Ok(text)
    }

    /// Reads as much as there is.
    fn read(&mut self, from: u64, length: usize) -> io::Result<Vec<u8>> {
        let left = self.end.saturating_sub(from).min(length as u64);
        let mut text = Vec::new();
        self.source.seek(SeekFrom::Start(from))?;
        (&mut self.source).take(left).read_to_end(&mut text)?;
        Ok(text)
    }
}

impl Tail {
    /// Finds the last line in the end of a file; `None` if it begins earlier.
    fn of(begin: u64, text: &[u8]) -> Option<Self> {
        let after_feed = |text: &[u8]| {
            text.iter()
                .rposition(|byte| *byte == b'\n')
                .map(|at| at + 1)
        };
        let start = |found: Option<usize>| found.or((begin == 0).then_some(0));
        let rest = start(after_feed(text))?;
        let (whole, cut) = text.split_at_checked(rest)?;
        if !is_cut_off(cut) {
            return Some(Self {
                last: begin + rest as u64,
                end: begin + text.len() as u64,
                cut: Vec::new(),
                is_ended: false,
            });
        }
        let body = whole.strip_suffix(b"\n").unwrap_or(whole);
        Some(Self {
            last: begin + start(after_feed(body))? as u64,
            end: begin + rest as u64,
            cut: cut.to_vec(),
            is_ended: cut.is_empty(),
        })
    }
}

/// Reads links, if they are those of a line at this place.
fn own_links(head: &[u8], offset: u64) -> Result<Links, Doubt> {
    Links::parse(head)
        .filter(|links| links.offset == offset)
        .ok_or(Doubt::Unlinked)
}
