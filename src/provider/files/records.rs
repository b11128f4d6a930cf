//! Reads records of text one by one through one buffer, whatever the size of the file.

use std::io::{self, Read};

use memchr::{memchr, memchr2};

use super::failure::{FileError, Place};

/// How much is read at once.
const BUFFER: usize = 256 << 10;
/// How long a record may be: a failure message can hold a whole answer, and no more.
const LONGEST: usize = 8 << 20;

/// A record: a line, or several where a quoted field has line breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record<'b> {
    /// The text, without its line break.
    pub(super) text: &'b [u8],
    /// The line it begins on, from 1.
    pub(super) line: u64,
    /// Whether it has quotes somewhere.
    pub(super) quotes: Quotes,
    /// How it ends.
    pub(super) end: RecordEnd,
}

/// Whether a record has quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quotes {
    /// It may have some.
    Some,
    /// It has none, or they mean nothing.
    None,
}

/// How a record ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RecordEnd {
    /// With a line break.
    LineBreak,
    /// With the file.
    File,
    /// With the file, inside quotes.
    OpenQuote,
}

/// The records of a file.
pub(super) struct Records<'r> {
    /// The file.
    input: &'r mut dyn Read,
    /// What is read of it and not yet handed out, between `start` and `end`.
    buffer: Vec<u8>,
    /// Where the next record begins.
    start: usize,
    /// Where what is read ends.
    end: usize,
    /// The file is read to its end.
    is_over: bool,
    /// The line the next record begins on, from 1.
    line: u64,
    /// What parts fields, where fields can be quoted; then a record can span lines.
    delimiter: Option<u8>,
}

impl<'r> Records<'r> {
    /// Starts at the beginning, and passes over a byte order mark. Other encodings than UTF-8 are refused.
    pub(super) fn open(input: &'r mut dyn Read) -> Result<Self, FileError> {
        let mut records = Self {
            input,
            buffer: vec![0; BUFFER],
            start: 0,
            end: 0,
            is_over: false,
            line: 1,
            delimiter: None,
        };
        while records.end < BUFFER / 2 && !records.is_over {
            records.fill()?;
        }
        check_encoding(records.ahead())?;
        if records.ahead().starts_with(b"\xEF\xBB\xBF") {
            records.start = 3;
        }
        if records.ahead().iter().all(u8::is_ascii_whitespace) && records.is_over {
            return Err(FileError::Empty);
        }
        Ok(records)
    }

    /// Says what parts fields: from now on line breaks inside of quotes belong to the field.
    pub(super) fn quote_by(&mut self, delimiter: u8) {
        self.delimiter = Some(delimiter);
    }

    /// Returns what is read already and not yet handed out.
    pub(super) fn ahead(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Returns the next record; none at the end.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<Record<'_>>, FileError> {
        let mut searched = 0;
        loop {
            let ahead = self.buffer.get(self.start..self.end).unwrap_or_default();
            let unseen = ahead.get(searched..).unwrap_or_default();
            let stop = match self.delimiter {
                Some(_) => memchr2(b'\n', b'"', unseen),
                None => memchr(b'\n', unseen),
            };
            match stop.map(|at| (searched + at, unseen.get(at))) {
                Some((at, Some(b'\n'))) => return Ok(Some(self.hand_out(at, Quotes::None))),
                Some(_) => return self.next_quoted(),
                None => searched = ahead.len(),
            }
            if self.is_over {
                let rest = self.end - self.start;
                return Ok(
                    (rest > 0).then(|| self.hand_out_last(rest, Quotes::None, RecordEnd::File))
                );
            }
            self.fill()?;
        }
    }

    /// Returns the next record, which has a quote.
    #[cold]
    fn next_quoted(&mut self) -> Result<Option<Record<'_>>, FileError> {
        let mut scan = QuoteScan::new(self.delimiter.unwrap_or(b','));
        loop {
            let ahead = self.buffer.get(self.start..self.end).unwrap_or_default();
            if let Some(at) = scan.find_end(ahead) {
                return Ok(Some(self.hand_out(at, Quotes::Some)));
            }
            if self.is_over {
                let rest = self.end - self.start;
                let end = if scan.is_inside() {
                    RecordEnd::OpenQuote
                } else {
                    RecordEnd::File
                };
                return Ok(Some(self.hand_out_last(rest, Quotes::Some, end)));
            }
            self.fill()?;
        }
    }

    /// Hands out the record that ends before the line break at `length`.
    #[inline]
    fn hand_out(&mut self, length: usize, quotes: Quotes) -> Record<'_> {
        let (from, line) = (self.start, self.line);
        self.start += length + 1;
        let text = self.buffer.get(from..from + length).unwrap_or_default();
        self.line += 1;
        if quotes == Quotes::Some {
            self.line += line_breaks(text);
        }
        Record {
            text: text.strip_suffix(b"\r").unwrap_or(text),
            line,
            quotes,
            end: RecordEnd::LineBreak,
        }
    }

    /// Hands out what is left.
    fn hand_out_last(&mut self, length: usize, quotes: Quotes, end: RecordEnd) -> Record<'_> {
        let from = self.start;
        self.start += length;
        Record {
            text: self.buffer.get(from..from + length).unwrap_or_default(),
            line: self.line,
            quotes,
            end,
        }
    }

    /// Reads more.
    fn fill(&mut self) -> Result<(), FileError> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.buffer.len() {
            if self.end >= LONGEST {
                return Err(FileError::TooMuch {
                    what: "a record is longer than any tool writes, or a quote is never closed"
                        .to_owned(),
                    place: Place::Line(self.line),
                    limit: LONGEST as u64,
                });
            }
            self.buffer.resize(self.end * 2, 0);
        }
        let free = self.buffer.get_mut(self.end..).unwrap_or_default();
        match self.input.read(free) {
            Ok(0) => self.is_over = true,
            Ok(read) => self.end += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(source) => return Err(FileError::Read { source }),
        }
        Ok(())
    }
}

/// Looks for the end of a record that has quotes.
struct QuoteScan {
    /// What parts fields.
    delimiter: u8,
    /// How far it has looked.
    at: usize,
    /// Where it is.
    place: QuotePlace,
}

/// Where a scan for quotes is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum QuotePlace {
    /// At the start of a field.
    FieldStart,
    /// In a field without quotes, or after the quotes of one.
    Bare,
    /// Inside quotes.
    Inside,
    /// After a quote inside quotes: the end, or half of a doubled one.
    AfterQuote,
}

impl QuoteScan {
    /// Starts at the beginning of a record.
    fn new(delimiter: u8) -> Self {
        Self {
            delimiter,
            at: 0,
            place: QuotePlace::FieldStart,
        }
    }

    /// Returns where the line break that ends the record is; none where it is not there yet.
    fn find_end(&mut self, text: &[u8]) -> Option<usize> {
        while let Some(byte) = text.get(self.at) {
            self.place = match (self.place, *byte) {
                (QuotePlace::Inside, b'"') => QuotePlace::AfterQuote,
                (QuotePlace::Inside, _) => QuotePlace::Inside,
                (QuotePlace::FieldStart | QuotePlace::AfterQuote, b'"') => QuotePlace::Inside,
                (_, b'\n') => return Some(self.at),
                (_, byte) if byte == self.delimiter => QuotePlace::FieldStart,
                (_, _) => QuotePlace::Bare,
            };
            self.at += 1;
        }
        None
    }

    /// Returns whether it stands inside of quotes.
    fn is_inside(&self) -> bool {
        self.place == QuotePlace::Inside
    }
}

/// Counts line breaks.
pub(super) fn line_breaks(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}

/// Refuses what begins as no UTF-8 file of text does.
pub(super) fn check_encoding(head: &[u8]) -> Result<(), FileError> {
    let head = head.get(..head.len().min(4096)).unwrap_or_default();
    let zeros = memchr::memchr_iter(0, head).count();
    let found = match head {
        [0xFF, 0xFE, 0, 0, ..] => "UTF-32",
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => "UTF-16",
        _ if zeros * 3 > head.len() => "UTF-16 without a byte order mark, or binary",
        _ if zeros > 0 => "binary: it has zero bytes",
        _ => return Ok(()),
    };
    Err(FileError::Encoding {
        found: found.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A source that hands out a few bytes at a time.
    struct Drips<'t>(&'t [u8], usize);

    impl Read for Drips<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(self.0.len()).min(buffer.len());
            let (now, later) = self.0.split_at(length);
            buffer[..length].copy_from_slice(now);
            self.0 = later;
            Ok(length)
        }
    }

    /// Reads all records, each as its line and text.
    fn all(text: &[u8], delimiter: Option<u8>, drip: usize) -> Vec<(u64, String, RecordEnd)> {
        let mut drips = Drips(text, drip);
        let mut records = Records::open(&mut drips).unwrap();
        if let Some(delimiter) = delimiter {
            records.quote_by(delimiter);
        }
        let mut all = Vec::new();
        while let Some(record) = records.next().unwrap() {
            let text = String::from_utf8(record.text.to_vec()).unwrap();
            all.push((record.line, text, record.end));
        }
        all
    }

    #[test]
    fn records_are_lines_and_quotes_hold_line_breaks() {
        let text = b"\xEF\xBB\xBFa,b\r\n\"x\ny\"\"z\",2\n3\" tall,4\n\n\"open,\n";
        for drip in [1, 2, 3, 100] {
            assert_eq!(
                all(text, Some(b','), drip),
                [
                    (1, "a,b".to_owned(), RecordEnd::LineBreak),
                    (2, "\"x\ny\"\"z\",2".to_owned(), RecordEnd::LineBreak),
                    (4, "3\" tall,4".to_owned(), RecordEnd::LineBreak),
                    (5, String::new(), RecordEnd::LineBreak),
                    (6, "\"open,\n".to_owned(), RecordEnd::OpenQuote),
                ]
            );
        }
        let lines = all(text, None, 7);
        assert_eq!(lines.len(), 6);
        assert_eq!(lines[2], (3, "y\"\"z\",2".to_owned(), RecordEnd::LineBreak));
    }

    #[test]
    fn a_record_longer_than_the_buffer_is_read_and_an_endless_one_is_refused() {
        let long = "x".repeat(BUFFER * 3);
        let text = format!("a\n{long}\nb");
        let lines = all(text.as_bytes(), Some(b','), 60_000);
        assert_eq!(lines[1].1.len(), long.len());
        assert_eq!(lines[2], (3, "b".to_owned(), RecordEnd::File));
        let mut endless = io::repeat(b'x');
        let mut records = Records::open(&mut endless).unwrap();
        let error = records.next().unwrap_err();
        assert!(matches!(error, FileError::TooMuch { .. }), "{error}");
    }

    #[test]
    fn other_encodings_and_empty_files_are_refused() {
        let open = |mut text: &[u8]| Records::open(&mut text).err().unwrap().to_string();
        assert!(open(b"\xFF\xFEa\0b\0").starts_with("the file is UTF-16"));
        assert!(open(b"a\0b\0c\0").starts_with("the file is UTF-16 without"));
        assert!(open(b"PK\x03\x04 and a lot of text\0more").starts_with("the file is binary"));
        assert!(open(b"").starts_with("the file is empty"));
        assert!(open(b"\xEF\xBB\xBF\r\n \n").starts_with("the file is empty"));
    }
}
