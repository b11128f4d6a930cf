//! The text of one file, and where in it things stand.
#![expect(
    clippy::disallowed_methods,
    reason = "the one place of this module that opens files"
)]

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::problem::{Place, Problem};

/// A file that was read, or a text that stands for one.
#[derive(Clone, Debug)]
pub struct Source {
    /// The name that problems are reported under.
    path: String,
    /// The text as it was read, byte order mark included.
    raw: String,
    /// Where the lines begin, in bytes of the text.
    line_starts: Vec<usize>,
}

/// A place in a text, as people count: from 1, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

/// A stretch of a text, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte behind the last one.
    pub end: usize,
}

impl Span {
    /// Makes a span; an end before the start counts as the start.
    pub fn new(start: usize, end: usize) -> Self {
        Self {
            start,
            end: end.max(start),
        }
    }
}

impl Source {
    /// The largest YAML file that is read: 1 MiB.
    pub const MOST_YAML_BYTES: usize = 1 << 20;
    /// The largest JSON file that is read: 16 MiB.
    pub const MOST_JSON_BYTES: usize = 16 << 20;

    /// The byte order mark, which editors on Windows put first.
    const BYTE_ORDER_MARK: char = '\u{feff}';

    /// Takes a text under the name that problems shall show.
    ///
    /// ```
    /// use tidegate::spec::{Position, Source};
    /// let source = Source::new("slo.yaml", "a: 1\nb: ü!\n");
    /// assert_eq!(source.position(10), Position { line: 2, column: 5 });
    /// ```
    #[must_use]
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        let mut source = Self {
            path: path.into(),
            raw: text.into(),
            line_starts: Vec::new(),
        };
        source.line_starts = line_starts(source.text());
        source
    }

    /// Reads a file, or standard input where the path is `-`.
    ///
    /// # Errors
    /// A problem of kind missing where there is no such file, and a malformed one where it can't be read, is larger
    /// than `most_bytes`, or is not UTF-8.
    pub fn read(path: &Path, most_bytes: usize) -> Result<Self, Problem> {
        let (name, bytes) = if path == Path::new("-") {
            let name = "<stdin>".to_owned();
            let bytes = read_limited(io::stdin().lock(), most_bytes);
            (name, bytes)
        } else {
            let bytes = open(path).and_then(|file| read_limited(file, most_bytes));
            (path.display().to_string(), bytes)
        };
        let bytes = bytes.map_err(|error| unreadable(&name, &error))?;
        Self::from_bytes(&name, bytes, most_bytes)
    }

    /// Takes the bytes of a file that was read already.
    ///
    /// # Errors
    /// A malformed problem where they are more than `most_bytes`, or not UTF-8.
    pub fn from_bytes(name: &str, bytes: Vec<u8>, most_bytes: usize) -> Result<Self, Problem> {
        if bytes.len() > most_bytes {
            return Err(too_large(name, most_bytes));
        }
        String::from_utf8(bytes)
            .map(|text| Self::new(name, text))
            .map_err(|error| not_utf8(name, error.as_bytes(), error.utf8_error().valid_up_to()))
    }

    /// Returns the name that problems are reported under.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the whole content, byte for byte: what Keptn echoes as `sloFileContent`.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// Returns the text behind the byte order mark; all positions count from here.
    #[must_use]
    pub fn text(&self) -> &str {
        self.raw
            .strip_prefix(Self::BYTE_ORDER_MARK)
            .unwrap_or(&self.raw)
    }

    /// Returns the line and column of a byte of the text.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let index = self.line_index(offset);
        let start = self.line_starts.get(index).copied().unwrap_or(0);
        let before = self.text().get(start..offset).unwrap_or_default();
        Position {
            line: index + 1,
            column: before.chars().count() + 1,
        }
    }

    /// Returns the line of a byte of the text, from 1.
    pub(super) fn line_number(&self, offset: usize) -> usize {
        self.line_index(offset) + 1
    }

    /// Returns where a span stands, with an excerpt of its line.
    pub(super) fn place(&self, span: Span) -> Place {
        let index = self.line_index(span.start);
        let start = self.line_starts.get(index).copied().unwrap_or(0);
        let line = self.line(index);
        let offset = span.start.saturating_sub(start).min(line.len());
        let end = span.end.saturating_sub(start).min(line.len());
        Place::new(index + 1, line, offset, end)
    }

    /// Returns the text of a span, or "" where it is not one of this text.
    pub(super) fn slice(&self, span: Span) -> &str {
        self.text().get(span.start..span.end).unwrap_or_default()
    }

    /// Returns the line, counted from 0, that a byte stands in.
    fn line_index(&self, offset: usize) -> usize {
        self.line_starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1)
    }

    /// Returns a line, counted from 0, without its line break.
    fn line(&self, index: usize) -> &str {
        let text = self.text();
        let start = self.line_starts.get(index).copied().unwrap_or(text.len());
        let end = self
            .line_starts
            .get(index + 1)
            .copied()
            .unwrap_or(text.len());
        text.get(start..end)
            .unwrap_or_default()
            .trim_end_matches(['\r', '\n'])
    }
}

/// Returns the bytes at which lines begin; `\n`, `\r\n` and a lone `\r` end one.
fn line_starts(text: &str) -> Vec<usize> {
    let mut starts = vec![0];
    let mut bytes = text.bytes().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        let ends_line = match byte {
            b'\n' => true,
            b'\r' => bytes.peek().is_none_or(|(_, next)| *next != b'\n'),
            _ => false,
        };
        if ends_line {
            starts.push(at + 1);
        }
    }
    starts
}

/// Opens a file; a directory is an error at once, not at the first read.
fn open(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    Ok(file)
}

/// Reads one byte more than allowed, so that a larger file shows.
fn read_limited(from: impl Read, most_bytes: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(most_bytes).unwrap_or(u64::MAX);
    from.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Says why a file could not be read.
fn unreadable(name: &str, error: &io::Error) -> Problem {
    let kind = error.kind();
    if matches!(kind, io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) {
        return Problem::missing(name, "no such file");
    }
    let message = if kind == io::ErrorKind::IsADirectory {
        "this is a directory, not a file".to_owned()
    } else if kind == io::ErrorKind::PermissionDenied {
        "the file may not be read: permission denied".to_owned()
    } else {
        format!("the file can't be read: {error}")
    };
    Problem::malformed(name, None, message)
}

/// Says that a file is larger than anything a person writes.
pub(super) fn too_large(name: &str, most_bytes: usize) -> Problem {
    let limit = most_bytes >> 20;
    Problem::malformed(name, None, format!("the file is larger than {limit} MiB"))
}

/// Says where a file stops being UTF-8.
fn not_utf8(name: &str, bytes: &[u8], valid: usize) -> Problem {
    let good = String::from_utf8_lossy(bytes.get(..valid).unwrap_or_default());
    let source = Source::new(name, good);
    let end = source.text().len();
    let place = source.place(Span::new(end, end));
    let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let hint = if utf16 {
        "it looks like UTF-16: save it as UTF-8"
    } else {
        "save the file as UTF-8"
    };
    Problem::malformed(name, Some(place), "the file is not UTF-8").with_hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::ProblemKind;

    #[test]
    fn positions_count_characters_and_know_every_line_break() {
        let source = Source::new("a", "\u{feff}ä\r\nb\rc\nd");
        assert_eq!(source.raw().len(), source.text().len() + 3);
        let at = |text: &str| source.position(source.text().find(text).unwrap());
        assert_eq!(at("b"), Position { line: 2, column: 1 });
        assert_eq!(at("c"), Position { line: 3, column: 1 });
        assert_eq!(at("d"), Position { line: 4, column: 1 });
        assert_eq!(source.position(2), Position { line: 1, column: 2 });
        assert_eq!(source.position(99).line, 4);
    }

    #[test]
    fn a_missing_file_a_directory_and_wrong_bytes_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("slo.yaml");
        let read = |path: &Path| Source::read(path, 10).unwrap_err();
        assert_eq!(read(&path).kind, ProblemKind::Missing);
        assert_eq!(read(folder.path()).kind, ProblemKind::Malformed);
        std::fs::write(&path, b"a: 1\nb\xff").unwrap();
        let problem = read(&path);
        let place = problem.place.unwrap();
        assert_eq!((place.position.line, place.position.column), (2, 2));
        std::fs::write(&path, b"0123456789").unwrap();
        assert_eq!(Source::read(&path, 10).unwrap().raw(), "0123456789");
        assert!(Source::read(&path, 9).is_err());
    }
}
