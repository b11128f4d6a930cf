//! The lines of a file, one by one, none longer than memory can bear.

use std::io::{self, BufRead, Read as _};

use crate::eventlog::EVENT_LIMIT;

/// The most bytes that a line is read to: an event, and CR LF.
pub(super) const LINE_LIMIT: u64 = EVENT_LIMIT as u64 + 2;

/// What Windows programs put before the first line.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads lines.
#[derive(Debug)]
pub(super) struct Lines<R> {
    /// Where they come from.
    source: R,
    /// Where the next line begins.
    pub offset: u64,
    /// The number of the line before, counted from 1.
    pub number: u64,
    /// The text of the line.
    pub text: Vec<u8>,
}

/// How a line ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// With a line feed.
    Complete,
    /// With the file.
    Cut,
    /// Beyond the limit: its text was not kept.
    TooLong,
}

impl<R: BufRead> Lines<R> {
    /// Goes on after line `number`, at `offset`.
    pub(super) fn after(number: u64, offset: u64, source: R) -> Self {
        Self {
            source,
            offset,
            number,
            text: Vec::new(),
        }
    }

    /// Reads the next line into `text`; `None` at the end of the file.
    pub(super) fn next(&mut self) -> io::Result<Option<Ending>> {
        self.text.clear();
        let begin = self.offset;
        let mut limited = (&mut self.source).take(LINE_LIMIT);
        let read = limited.read_until(b'\n', &mut self.text)? as u64;
        if read == 0 {
            return Ok(None);
        }
        self.offset += read;
        self.number += 1;
        if begin == 0 && self.text.starts_with(BYTE_ORDER_MARK) {
            self.text.drain(..BYTE_ORDER_MARK.len());
        }
        if self.text.ends_with(b"\n") {
            return Ok(Some(Ending::Complete));
        }
        if read < LINE_LIMIT {
            return Ok(Some(Ending::Cut));
        }
        self.text.clear();
        self.offset += skip_line(&mut self.source)?;
        Ok(Some(Ending::TooLong))
    }
}

/// Passes over the rest of a line without keeping it; returns how much that was.
fn skip_line(source: &mut impl BufRead) -> io::Result<u64> {
    let mut skipped = 0;
    loop {
        let chunk = source.fill_buf()?;
        if chunk.is_empty() {
            return Ok(skipped);
        }
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let length = end.map_or(chunk.len(), |end| end + 1);
        source.consume(length);
        skipped += length as u64;
        if end.is_some() {
            return Ok(skipped);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endings(text: &[u8]) -> Vec<(Ending, u64, Vec<u8>)> {
        let mut lines = Lines::after(0, 0, text);
        let mut found = Vec::new();
        while let Some(ending) = lines.next().unwrap() {
            found.push((ending, lines.offset, lines.text.clone()));
        }
        assert_eq!(lines.number, found.len() as u64);
        found
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_line() {
        assert_eq!(
            endings(b"\xef\xbb\xbfa\nb"),
            [
                (Ending::Complete, 5, b"a\n".to_vec()),
                (Ending::Cut, 6, b"b".to_vec())
            ]
        );
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over_and_the_next_is_read() {
        let mut text = vec![b'x'; EVENT_LIMIT + 5];
        text.extend(b"\nnext\n");
        let end = text.len() as u64;
        assert_eq!(
            endings(&text),
            [
                (Ending::TooLong, end - 5, Vec::new()),
                (Ending::Complete, end, b"next\n".to_vec())
            ]
        );
    }
}
