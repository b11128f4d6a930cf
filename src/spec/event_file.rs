//! Files of events: one `CloudEvent` a line, or one JSON list of them. Read piece by piece, so that a file may be larger
//! than memory; what is broken is named with its place, and the rest stays readable.

use std::io::{self, BufRead, Read as _};

use crate::gate::event::CloudEvent;

/// The most bytes of one event.
const LIMIT: usize = 16 * 1024 * 1024;

/// One piece of a file.
#[derive(Clone, Debug, PartialEq)]
pub enum EventPiece {
    /// An event.
    Event(Box<CloudEvent>),
    /// Something that is no event.
    Broken {
        /// Where: `line 3`.
        place: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// A file of events.
pub struct EventFile<R> {
    /// Where it comes from.
    reader: R,
    /// What it looks like; `None` before the first read.
    form: Option<Form>,
    /// How many lines, or elements, were read.
    count: usize,
}

/// What a file of events looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// An event on each line.
    Lines,
    /// A list.
    List,
    /// Nothing more comes.
    Over,
}

impl<R: BufRead> EventFile<R> {
    /// Starts at the beginning.
    pub fn new(reader: R) -> Self {
        Self {
            reader,
            form: None,
            count: 0,
        }
    }

    /// Returns the next piece; `None` at the end.
    pub fn read(&mut self) -> io::Result<Option<EventPiece>> {
        let form = match self.form {
            Some(form) => form,
            None => self.recognise()?,
        };
        self.form = Some(form);
        match form {
            Form::Lines => self.line(),
            Form::List => self.element(),
            Form::Over => Ok(None),
        }
    }

    /// Looks at the first character. Lines before it are counted.
    fn recognise(&mut self) -> io::Result<Form> {
        while let Some(byte) = self.peek()? {
            match byte {
                b'[' => {
                    self.reader.consume(1);
                    self.count = 0;
                    return Ok(Form::List);
                }
                b'\n' => self.count += 1,
                // A byte order mark.
                0xef | 0xbb | 0xbf => {}
                byte if byte.is_ascii_whitespace() => {}
                _ => return Ok(Form::Lines),
            }
            self.reader.consume(1);
        }
        Ok(Form::Over)
    }

    /// Reads a line that is not empty.
    fn line(&mut self) -> io::Result<Option<EventPiece>> {
        loop {
            let mut line = Vec::new();
            let most = u64::try_from(LIMIT).unwrap_or(u64::MAX);
            self.reader
                .by_ref()
                .take(most)
                .read_until(b'\n', &mut line)?;
            if line.is_empty() {
                return Ok(None);
            }
            self.count += 1;
            if line.len() == LIMIT && !line.ends_with(b"\n") {
                self.skip_line()?;
                return Ok(Some(self.broken("line", TOO_LARGE)));
            }
            if !line.trim_ascii().is_empty() {
                return Ok(Some(self.piece("line", &line)));
            }
        }
    }

    /// Passes over the rest of a line.
    fn skip_line(&mut self) -> io::Result<()> {
        while let Some(byte) = self.take()? {
            if byte == b'\n' {
                break;
            }
        }
        Ok(())
    }

    /// Reads an element of the list.
    fn element(&mut self) -> io::Result<Option<EventPiece>> {
        let mut element = Element::default();
        while let Some(byte) = self.peek()? {
            let is_separator = matches!(byte, b',' | b']') && element.is_between_values();
            if !is_separator {
                self.reader.consume(1);
                element.push(byte);
                continue;
            }
            if byte == b']' {
                self.form = Some(Form::Over);
            }
            self.reader.consume(1);
            if !element.text.trim_ascii().is_empty() {
                self.count += 1;
                return Ok(Some(if element.is_too_large {
                    self.broken("event", TOO_LARGE)
                } else {
                    self.piece("event", &element.text)
                }));
            }
            if byte == b']' {
                return Ok(None);
            }
        }
        self.form = Some(Form::Over);
        self.count += 1;
        Ok(Some(
            self.broken("event", "the list is not closed with `]`"),
        ))
    }

    /// Reads an event from its text.
    fn piece(&self, what: &str, text: &[u8]) -> EventPiece {
        match serde_json::from_slice::<CloudEvent>(text.trim_ascii()) {
            Ok(event) if event.id.is_empty() => self.broken(what, "its id is empty"),
            Ok(event) if event.event_type.is_empty() => self.broken(what, "its type is empty"),
            Ok(event) => EventPiece::Event(Box::new(event)),
            Err(error) => self.broken(what, &format!("it is no CloudEvent: {error}")),
        }
    }

    /// Says that what was read last is no event.
    fn broken(&self, what: &str, reason: &str) -> EventPiece {
        EventPiece::Broken {
            place: format!("{what} {}", self.count),
            reason: reason.to_owned(),
        }
    }

    /// Returns the next byte, and leaves it there.
    fn peek(&mut self) -> io::Result<Option<u8>> {
        Ok(self.reader.fill_buf()?.first().copied())
    }

    /// Returns the next byte.
    fn take(&mut self) -> io::Result<Option<u8>> {
        let byte = self.peek()?;
        if byte.is_some() {
            self.reader.consume(1);
        }
        Ok(byte)
    }
}

/// What is wrong with an event that is too large.
const TOO_LARGE: &str = "it is larger than 16 MiB, the most that an event may have";

/// An element of a list, as far as it was read.
#[derive(Default)]
struct Element {
    /// Its text.
    text: Vec<u8>,
    /// How many brackets are open.
    depth: usize,
    /// Whether this is inside quotes.
    is_quoted: bool,
    /// Whether the character before was a backslash that counts.
    is_escaped: bool,
    /// Whether there was more than fits.
    is_too_large: bool,
}

impl Element {
    /// Tells whether a comma or a bracket would end the element.
    fn is_between_values(&self) -> bool {
        self.depth == 0 && !self.is_quoted
    }

    /// Takes one more byte.
    fn push(&mut self, byte: u8) {
        match byte {
            _ if self.is_escaped => self.is_escaped = false,
            b'\\' if self.is_quoted => self.is_escaped = true,
            b'"' => self.is_quoted = !self.is_quoted,
            b'{' | b'[' if !self.is_quoted => self.depth += 1,
            b'}' | b']' if !self.is_quoted => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        if self.text.len() < LIMIT {
            self.text.push(byte);
        } else {
            self.is_too_large = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Reads a whole file; of an event its id.
    fn read(text: &[u8]) -> Vec<String> {
        let mut file = EventFile::new(text);
        let mut pieces = Vec::new();
        while let Some(piece) = file.read().unwrap() {
            pieces.push(match piece {
                EventPiece::Event(event) => event.id,
                EventPiece::Broken { place, reason } => format!("{place}: {reason}"),
            });
        }
        pieces
    }

    #[test]
    fn lines_and_lists_say_the_same() {
        let (a, b) = (
            r#"{"id":"a","type":"t"}"#,
            r#"{"id":"b","type":"t","data":{"x":"[,]\"}"}}"#,
        );
        for text in [
            format!("{a}\n{b}\n"),
            format!("\u{feff}\n{a}\r\n\n{b}"),
            format!("[{a},{b}]"),
            format!(" [\n {a} ,\n {b}\n ]\n"),
        ] {
            assert_eq!(read(text.as_bytes()), ["a", "b"], "{text}");
        }
        for text in ["", "\n\n", "[]", " [ ] "] {
            assert_eq!(read(text.as_bytes()), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn what_is_broken_is_named_and_the_rest_is_read() {
        let event = r#"{"id":"a","type":"t"}"#;
        let lines = read(
            format!("\n{event}\n{{\"id\":\n{event}\n[]\n{{\"id\":\"\",\"type\":\"t\"}}").as_bytes(),
        );
        assert_eq!(lines[0], "a");
        assert!(
            lines[1].starts_with("line 3: it is no CloudEvent: EOF"),
            "{lines:?}"
        );
        assert_eq!(lines[2], "a");
        assert!(
            lines[3].starts_with("line 5: it is no CloudEvent"),
            "{lines:?}"
        );
        assert_eq!(lines[4], "line 6: its id is empty");
        let list = read(format!("[{event}, 7, {event}").as_bytes());
        assert!(
            list[1].starts_with("event 2: it is no CloudEvent"),
            "{list:?}"
        );
        assert_eq!(list[2], "event 3: the list is not closed with `]`");
    }

    #[test]
    fn an_event_that_is_too_large_does_not_hide_those_after_it() {
        let large = format!(r#"{{"id":"l","type":"t","data":"{}"}}"#, "x".repeat(LIMIT));
        let small = r#"{"id":"s","type":"t"}"#;
        let lines = read(format!("{large}\n{small}\n").as_bytes());
        assert_eq!(lines, [format!("line 1: {TOO_LARGE}"), "s".to_owned()]);
        let list = read(format!("[{large},{small}]").as_bytes());
        assert_eq!(list, [format!("event 1: {TOO_LARGE}"), "s".to_owned()]);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic_or_go_on_for_ever(text in "[\\[\\]{},\":\\\\a\n ]{0,60}") {
            let pieces = read(text.as_bytes());
            prop_assert!(pieces.len() <= text.len() + 1);
        }
    }
}
