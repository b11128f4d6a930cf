//! XML, element by element. Nothing is fetched: a document type is skipped, and only the five entities of XML are known.

use std::borrow::Cow;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::failure::{FileError, Place};
use super::format::Format;
use super::number;

/// The most levels that elements may be nested.
const MOST_LEVELS: usize = 256;

/// The elements of a document in the order of their tags.
pub(super) struct Elements<'a> {
    /// The format, for errors.
    format: Format,
    /// The parser.
    reader: Reader<&'a [u8]>,
    /// The text, to count lines in.
    text: &'a str,
    /// How many elements are open.
    depth: usize,
    /// Whether the element that was opened last has no content, so that its end is told next.
    is_closing: bool,
    /// Whether the root element was seen.
    has_root: bool,
}

/// A tag.
pub(super) enum Tag<'a> {
    /// An element begins.
    Open(Element<'a>),
    /// The innermost element ends.
    Close,
}

/// The start of an element.
pub(super) struct Element<'a> {
    /// Its name and attributes.
    start: BytesStart<'a>,
}

impl<'a> Elements<'a> {
    /// Starts at the root.
    pub(super) fn new(text: &'a str, format: Format) -> Self {
        Self {
            format,
            reader: Reader::from_str(text),
            text,
            depth: 0,
            is_closing: false,
            has_root: false,
        }
    }

    /// Returns the next tag; none after the end of the root. A document that ends before is an error.
    pub(super) fn next(&mut self) -> Result<Option<Tag<'a>>, FileError> {
        if std::mem::take(&mut self.is_closing) {
            self.depth -= 1;
            return Ok(Some(Tag::Close));
        }
        loop {
            let event = self.reader.read_event();
            match event.map_err(|error| self.broken(&error))? {
                Event::Start(start) => return self.open(start).map(Some),
                Event::Empty(start) => {
                    self.is_closing = true;
                    return self.open(start).map(Some);
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(Some(Tag::Close));
                }
                Event::Eof if self.depth > 0 => return Err(self.truncated()),
                Event::Eof if !self.has_root => return Err(self.malformed("no element")),
                Event::Eof => return Ok(None),
                Event::Text(_)
                | Event::CData(_)
                | Event::Comment(_)
                | Event::Decl(_)
                | Event::PI(_)
                | Event::DocType(_)
                | Event::GeneralRef(_) => {}
            }
        }
    }

    /// Returns an error at the place that was read last.
    pub(super) fn malformed(&self, reason: &str) -> FileError {
        FileError::Malformed {
            format: self.format,
            place: self.place(),
            reason: reason.to_owned(),
        }
    }

    /// Goes one level down.
    fn open(&mut self, start: BytesStart<'a>) -> Result<Tag<'a>, FileError> {
        if self.depth == 0 && self.has_root {
            return Err(self.malformed("a second root element: are these several files in one?"));
        }
        self.has_root = true;
        self.depth += 1;
        if self.depth > MOST_LEVELS {
            let place = self.place();
            return Err(FileError::TooDeep {
                limit: MOST_LEVELS,
                place,
            });
        }
        Ok(Tag::Open(Element { start }))
    }

    /// Tells a document that ends in the middle from one that is wrong.
    fn broken(&self, error: &quick_xml::Error) -> FileError {
        if matches!(error, quick_xml::Error::Syntax(_)) {
            return self.truncated();
        }
        self.malformed(&error.to_string())
    }

    /// Returns the error for a document that ends in the middle.
    fn truncated(&self) -> FileError {
        FileError::Truncated {
            format: self.format,
            place: self.place(),
        }
    }

    /// Returns the line that was read last.
    fn place(&self) -> Place {
        let offset = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX);
        let read = self.text.as_bytes().get(..offset);
        let read = read.unwrap_or(self.text.as_bytes());
        let breaks = memchr::memchr_iter(b'\n', read).count();
        Place::Line(u64::try_from(breaks).unwrap_or(u64::MAX).saturating_add(1))
    }
}

impl Element<'_> {
    /// Returns the name without its namespace's prefix.
    pub(super) fn name(&self) -> &str {
        self.start.local_name().into_inner()
    }

    /// Returns an attribute's text; none where it is absent, or is no proper attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        let mut attributes = self.start.attributes();
        attributes.with_checks(false);
        let mut attributes = attributes.filter_map(Result::ok);
        let found = attributes.find(|attribute| attribute.key.as_ref() == name)?;
        let text = found.normalized_value(XmlVersion::Implicit1_0);
        Some(text.map_or_else(|_| found.value.clone().into_owned(), Cow::into_owned))
    }

    /// Returns an attribute that is a number, as it is written or with commas between thousands.
    pub(super) fn number(&self, name: &str) -> Option<f64> {
        self.attribute(name).as_deref().and_then(number::parse)
    }

    /// Returns an attribute that is a whole number.
    pub(super) fn count(&self, name: &str) -> Option<u64> {
        self.attribute(name)?.trim().parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a document to its end.
    fn walk(text: &str) -> Result<usize, FileError> {
        let mut elements = Elements::new(text, Format::Junit);
        let mut opened = 0;
        while let Some(tag) = elements.next()? {
            opened += usize::from(matches!(tag, Tag::Open(_)));
        }
        Ok(opened)
    }

    #[test]
    fn a_document_that_ends_in_the_middle_is_cut_off() {
        for text in ["<a><b/>", "<a>\n<b", "<a><![CDATA[x", "<a><!-- x"] {
            assert!(
                matches!(walk(text), Err(FileError::Truncated { .. })),
                "{text}"
            );
        }
    }

    #[test]
    fn a_document_that_is_wrong_says_where() {
        let error = walk("<a>\n</b>").unwrap_err().to_string();
        assert!(
            error.starts_with("cannot read the junit file at line 2: "),
            "{error}"
        );
        assert!(
            walk("<a/><b/>")
                .unwrap_err()
                .to_string()
                .contains("several files in one")
        );
        assert!(
            walk("hello")
                .unwrap_err()
                .to_string()
                .contains("no element")
        );
    }

    #[test]
    fn deep_nesting_is_refused() {
        let error = walk(&"<a>".repeat(100_000)).unwrap_err();
        assert!(matches!(error, FileError::TooDeep { limit: 256, .. }));
    }

    #[test]
    fn a_document_type_is_skipped_and_its_entities_stay_unknown() {
        let text = "<!DOCTYPE a SYSTEM \"http://127.0.0.1:1/a.dtd\" [<!ENTITY x \"y\">]>\n<a b=\"&x;&amp;\"/>";
        let mut elements = Elements::new(text, Format::Junit);
        let Some(Tag::Open(element)) = elements.next().unwrap() else {
            panic!("no element");
        };
        assert_eq!(element.attribute("b").as_deref(), Some("&x;&amp;"));
    }
}
