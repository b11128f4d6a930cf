//! `JMeter`'s samples as XML (`jmeter.save.saveservice.output_format=xml`), element by element.
//!
//! Samples at the top count; those inside of them are steps of theirs, such as redirects, and don't. Only what is inside
//! of a transaction is a request of its own, because it stands nowhere else. No entity is ever fetched or expanded.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::distribution::Tick;
use super::failure::{FileError, Place, harmless};
use super::format::Format;
use super::options::{ReadOptions, Stamp};
use super::records::check_encoding;
use super::results::Results;
use super::samples::{Clock, GroupKind, Has, Part, Sample, Samples};

#[cfg(test)]
mod tests;

/// How many levels elements may be nested.
const DEEPEST: usize = 128;
/// How long one element's tag or text may be: answers of servers can be in there.
const LONGEST: usize = 16 << 20;
/// What the message of a transaction begins with.
const TRANSACTION: &str = "Number of samples in transaction";

/// Reads samples.
pub(super) fn read(input: &mut dyn Read, options: &ReadOptions) -> Result<Results, FileError> {
    let taken = Rc::new(Cell::new(0));
    let mut metered = Metered {
        input: BufReader::with_capacity(128 << 10, input),
        taken: Rc::clone(&taken),
    };
    let head = metered.input.fill_buf();
    let head = head.map_err(|source| FileError::Read { source })?;
    check_encoding(head)?;
    if head.trim_ascii().is_empty() {
        return Err(FileError::Empty);
    }
    let mut reading = Reading {
        samples: Samples::new(Tick::Millisecond),
        open: Vec::new(),
        has_root: false,
        stamp: options.stamp,
    };
    let mut reader = Reader::from_reader(metered);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        taken.set(0);
        let event = reader.read_event_into(&mut buffer);
        let place = Place::Byte(reader.buffer_position());
        match event {
            Ok(event) => {
                if reading.take(&event, place)? == Progress::Over {
                    break;
                }
            }
            Err(error) => {
                reading.excuse(&error, place)?;
                break;
            }
        }
    }
    Ok(reading.samples.finish(Has {
        failures: true,
        bytes: true,
        clock: Clock::Absolute,
    }))
}

/// A source that lets no single element take more than it may.
struct Metered<R> {
    /// The source.
    input: R,
    /// How much was taken since the last event.
    taken: Rc<Cell<usize>>,
}

impl<R: BufRead> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Metered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.taken.get() > LONGEST {
            return Err(io::Error::other(TooLong));
        }
        self.input.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.taken.set(self.taken.get().saturating_add(amount));
        self.input.consume(amount);
    }
}

/// One element takes more than it may.
#[derive(Debug, thiserror::Error)]
#[error("an element is longer than {LONGEST} bytes")]
struct TooLong;

/// Whether there is more to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    /// There may be.
    More,
    /// The file is over.
    Over,
}

/// What an open element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    /// The root: samples in it count.
    Root,
    /// A transaction: samples in it count.
    Transaction,
    /// A request, or something else: samples in it are steps.
    Other,
}

/// A file on its way.
struct Reading {
    /// What the samples come to.
    samples: Samples,
    /// The open elements.
    open: Vec<Level>,
    /// The root was seen.
    has_root: bool,
    /// What the time of a sample marks.
    stamp: Stamp,
}

impl Reading {
    /// Takes what comes next.
    fn take(&mut self, event: &Event<'_>, place: Place) -> Result<Progress, FileError> {
        match event {
            Event::Start(start) => {
                let level = self.element(start, place)?;
                self.open.push(level);
                if self.open.len() > DEEPEST {
                    let limit = DEEPEST;
                    return Err(FileError::TooDeep { limit, place });
                }
            }
            Event::Empty(start) => {
                self.element(start, place)?;
            }
            Event::End(_) => {
                self.open.pop();
            }
            Event::Eof => {
                if !self.has_root {
                    return Err(no_root("it has no element at all"));
                }
                if !self.open.is_empty() {
                    self.warn_cut_off(place);
                }
                return Ok(Progress::Over);
            }
            Event::Text(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_)
            | Event::GeneralRef(_) => {}
        }
        Ok(Progress::More)
    }

    /// Takes the start of an element.
    fn element(&mut self, start: &BytesStart<'_>, place: Place) -> Result<Level, FileError> {
        let local_name = start.local_name();
        let name = local_name.as_ref();
        let Some(parent) = self.open.last().copied() else {
            if name != "testResults" || self.has_root {
                return Err(no_root(&format!("its root is `{}`", name.escape_debug())));
            }
            self.has_root = true;
            return Ok(Level::Root);
        };
        let is_sample = matches!(name, "sample" | "httpSample");
        if !is_sample || parent == Level::Other {
            return Ok(Level::Other);
        }
        self.sample(start, place)
    }

    /// Counts a sample.
    fn sample(&mut self, start: &BytesStart<'_>, place: Place) -> Result<Level, FileError> {
        let attributes = Attributes::of(start, place)?;
        let kind = match attributes.message.strip_prefix(TRANSACTION) {
            Some(_) => GroupKind::Transactions,
            None => GroupKind::Requests,
        };
        let level = match kind {
            GroupKind::Transactions => Level::Transaction,
            GroupKind::Requests => Level::Other,
        };
        let counted = attributes.message.strip_prefix(TRANSACTION);
        let counted = counted.map(|rest| rest.trim_start_matches([' ', ':']));
        if counted.is_some_and(|rest| rest == "0" || rest.starts_with("0,")) {
            return Ok(level);
        }
        let sample = attributes.sample(self.stamp);
        let part = self.samples.part(attributes.label.as_bytes(), kind);
        if part != Part::Total || kind == GroupKind::Requests {
            self.samples.add(part, &sample);
        }
        Ok(level)
    }

    /// Says what a syntax error means: the end of an aborted test is none.
    fn excuse(&mut self, error: &quick_xml::Error, place: Place) -> Result<(), FileError> {
        let malformed = |reason: String| FileError::Malformed {
            format: Format::JmeterXml,
            place,
            reason,
        };
        match error {
            quick_xml::Error::Io(error)
                if error
                    .get_ref()
                    .is_some_and(<dyn std::error::Error + Send + Sync>::is::<TooLong>) =>
            {
                Err(FileError::TooMuch {
                    what: "an element is longer than any tool writes".to_owned(),
                    place,
                    limit: LONGEST as u64,
                })
            }
            quick_xml::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
                Err(malformed(harmless(&error)))
            }
            quick_xml::Error::Io(error) => Err(FileError::Read {
                source: io::Error::new(error.kind(), error.to_string()),
            }),
            quick_xml::Error::Syntax(_) if self.has_root => {
                self.warn_cut_off(place);
                Ok(())
            }
            quick_xml::Error::Syntax(_)
            | quick_xml::Error::IllFormed(_)
            | quick_xml::Error::InvalidAttr(_)
            | quick_xml::Error::Encoding(_)
            | quick_xml::Error::Escape(_)
            | quick_xml::Error::Namespace(_) => Err(malformed(harmless(&error))),
        }
    }

    /// Says that the end is missing.
    fn warn_cut_off(&mut self, place: Place) {
        self.samples.warnings.push(format!(
            "the file is cut off at {place}: the test was aborted, or is still running; what stands before it counts"
        ));
    }
}

/// The attributes of a sample that matter.
#[derive(Default)]
struct Attributes {
    /// How long it took, in milliseconds.
    elapsed: Option<u64>,
    /// Its time, in milliseconds since 1970.
    stamp: Option<i64>,
    /// Whether it succeeded.
    success: Option<bool>,
    /// Its name.
    label: String,
    /// What the server said.
    message: String,
    /// How many bytes came back.
    bytes: u64,
    /// For how many samples it stands, where it is not one.
    count: Option<u64>,
    /// How many of them failed.
    errors: Option<u64>,
}

impl Attributes {
    /// Reads them.
    fn of(start: &BytesStart<'_>, place: Place) -> Result<Self, FileError> {
        let malformed = |reason: String| FileError::Malformed {
            format: Format::JmeterXml,
            place,
            reason,
        };
        let mut attributes = Self::default();
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| malformed(harmless(&error)))?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            let value = value.map_err(|error| malformed(harmless(&error)))?;
            let set = attributes.set(attribute.key.as_ref(), &value);
            set.map_err(malformed)?;
        }
        match (attributes.elapsed, attributes.success) {
            (None, _) => Err(malformed("a sample without `t`, its time".to_owned())),
            (_, None) => Err(malformed("a sample without `s`, its success".to_owned())),
            (Some(_), Some(_)) => Ok(attributes),
        }
    }

    /// Takes an attribute; the error says what is wrong with it.
    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let number = || {
            let number = value.parse::<u64>().ok().filter(|number| *number < 1 << 53);
            let shown = value.escape_debug();
            number.ok_or_else(|| format!("`{name}` is `{shown}`; expected a whole number"))
        };
        match name {
            "t" => self.elapsed = Some(number()?),
            "ts" => self.stamp = i64::try_from(number()?).ok(),
            "s" => {
                let shown = value.escape_debug();
                let wrong = |_| format!("`s` is `{shown}`; expected `true` or `false`");
                self.success = Some(value.parse().map_err(wrong)?);
            }
            "lb" => value.clone_into(&mut self.label),
            "rm" => value.clone_into(&mut self.message),
            "by" => self.bytes = number()?,
            "sc" => self.count = Some(number()?),
            "ec" => self.errors = Some(number()?),
            _ => {}
        }
        Ok(())
    }

    /// Returns the sample.
    fn sample(&self, stamp: Stamp) -> Sample {
        const MILLISECOND: i64 = 1_000_000;
        let nanoseconds = |milliseconds: i64| milliseconds.saturating_mul(MILLISECOND);
        let elapsed = self.elapsed.unwrap_or_default();
        let weight = self.count.unwrap_or(1);
        let length = nanoseconds(i64::try_from(elapsed).unwrap_or(i64::MAX));
        let span = self.stamp.map(|at| {
            let at = nanoseconds(at);
            match stamp {
                Stamp::Start => (at, at.saturating_add(length)),
                Stamp::End => (at.saturating_sub(length), at),
            }
        });
        let failed = u64::from(self.success != Some(true));
        Sample {
            span,
            ticks: Some(elapsed),
            weight,
            failures: self.errors.unwrap_or(failed).max(failed).min(weight),
            bytes: self.bytes,
        }
    }
}

/// The error for a file with another root.
fn no_root(found: &str) -> FileError {
    FileError::NotThisFormat {
        format: Format::JmeterXml,
        found: format!("{found} and not `testResults`"),
    }
}
