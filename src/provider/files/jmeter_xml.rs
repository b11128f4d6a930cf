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
use super::failure::{FileError, Place};
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
                Err(malformed(error.to_string()))
            }
            quick_xml::Error::Io(error) => Err(FileError::Read {
                source: io::Error::new(error.kind(), error.to_string()),
            }),
            quick_xml::Error::Syntax(_) if self.has_root => {
                self.warn_cut_off(place);
                Ok(())
            }
            other => Err(malformed(other.to_string())),
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
struct Attributes {
    /// How long it took, in milliseconds.
    elapsed: u64,
    /// Its time, in milliseconds since 1970.
    stamp: Option<i64>,
    /// It succeeded.
    success: bool,
    /// Its name.
    label: String,
    /// What the server said.
    message: String,
    /// How many bytes came back.
    bytes: u64,
    /// For how many samples it stands.
    weight: u64,
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
        let mut this = Self {
            elapsed: 0,
            stamp: None,
            success: true,
            label: String::new(),
            message: String::new(),
            bytes: 0,
            weight: 1,
            errors: None,
        };
        let (mut has_elapsed, mut has_success) = (false, false);
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| malformed(error.to_string()))?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            let value = value.map_err(|error| malformed(error.to_string()))?;
            let number = || {
                let number = value.parse::<u64>().ok().filter(|number| *number < 1 << 53);
                let name = attribute.key.as_ref();
                number.ok_or_else(|| {
                    malformed(format!(
                        "`{name}` is `{}`; expected a whole number",
                        value.escape_debug()
                    ))
                })
            };
            match attribute.key.as_ref() {
                "t" => (this.elapsed, has_elapsed) = (number()?, true),
                "ts" => this.stamp = i64::try_from(number()?).ok(),
                "s" => {
                    has_success = true;
                    this.success = match value.as_ref() {
                        "true" => true,
                        "false" => false,
                        other => {
                            let other = other.escape_debug();
                            return Err(malformed(format!(
                                "`s` is `{other}`; expected `true` or `false`"
                            )));
                        }
                    };
                }
                "lb" => this.label = value.into_owned(),
                "rm" => this.message = value.into_owned(),
                "by" => this.bytes = number()?,
                "sc" => this.weight = number()?,
                "ec" => this.errors = Some(number()?),
                _ => {}
            }
        }
        if has_elapsed && has_success {
            return Ok(this);
        }
        let lack = if has_elapsed {
            "`s`, its success"
        } else {
            "`t`, its time"
        };
        Err(malformed(format!("a sample without {lack}")))
    }

    /// Returns the sample.
    fn sample(&self, stamp: Stamp) -> Sample {
        const MILLISECOND: i64 = 1_000_000;
        let nanoseconds = |milliseconds: i64| milliseconds.saturating_mul(MILLISECOND);
        let length = nanoseconds(i64::try_from(self.elapsed).unwrap_or(i64::MAX));
        let span = self.stamp.map(|at| {
            let at = nanoseconds(at);
            match stamp {
                Stamp::Start => (at, at.saturating_add(length)),
                Stamp::End => (at.saturating_sub(length), at),
            }
        });
        let failed = u64::from(!self.success);
        Sample {
            span,
            ticks: Some(self.elapsed),
            weight: self.weight,
            failures: self.errors.unwrap_or(failed).max(failed).min(self.weight),
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
