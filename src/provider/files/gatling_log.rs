//! `simulation.log` of Gatling as text, which it was before 3.11. The binary form that follows is private to Gatling.

use std::io::Read;

use super::distribution::Tick;
use super::failure::{FileError, Place};
use super::format::Format;
use super::options::{ReadOptions, SampleStatus};
use super::records::{RecordEnd, Records};
use super::results::Results;
use super::samples::{Clock, GroupKind, Has, Sample, Samples};

/// How many nanoseconds a millisecond has.
const MILLISECOND: i64 = 1_000_000;

/// Reads samples.
pub(super) fn read(input: &mut dyn Read, options: &ReadOptions) -> Result<Results, FileError> {
    let mut records = Records::open(input).map_err(binary)?;
    let mut samples = Samples::new(Tick::Millisecond);
    while let Some(record) = records.next()? {
        let Some(text) = record.text.strip_prefix(b"REQUEST\t") else {
            continue;
        };
        match Request::parse(text) {
            Some(request) => request.add_to(&mut samples, options.status),
            None if record.end == RecordEnd::File => {
                let line = record.line;
                samples.warnings.push(format!(
                    "the file ends in the middle of line {line}, which is left out"
                ));
            }
            None => {
                return Err(FileError::Malformed {
                    format: Format::GatlingLog,
                    place: Place::Line(record.line),
                    reason: "a request has not the fields it should have: groups, name, start, end, `OK` or `KO`"
                        .to_owned(),
                });
            }
        }
    }
    let mut results = samples.finish(Has {
        failures: true,
        bytes: false,
        clock: Clock::Absolute,
    });
    if options.status == SampleStatus::Ok {
        let note = "response times are those of requests that succeeded";
        results.warnings.push(note.to_owned());
    }
    Ok(results)
}

/// Says what a log that is no text is.
fn binary(error: FileError) -> FileError {
    if matches!(error, FileError::Encoding { .. }) {
        return FileError::NotThisFormat {
            format: Format::GatlingLog,
            found: "it is binary, as Gatling writes it since 3.11: keep what Gatling prints, and read that as `gatling-console`".to_owned(),
        };
    }
    error
}

/// A request of the log.
struct Request {
    /// The groups it lies in and its own name, as Gatling's reports show them: `sign in / home`.
    name: String,
    /// When it was sent, in milliseconds since 1970.
    start: i64,
    /// When it was answered.
    end: i64,
    /// Whether it succeeded.
    is_ok: bool,
}

impl Request {
    /// Reads the fields after `REQUEST`. Versions differ in what stands before the groups.
    fn parse(text: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(text);
        let fields: Vec<&str> = text.split('\t').collect();
        let is_status = |field: &&str| matches!(*field, "OK" | "KO");
        let status = fields.iter().rposition(is_status)?;
        let before = |steps: usize| fields.get(status.checked_sub(steps)?).copied();
        let time = |steps| before(steps)?.parse::<i64>().ok();
        let (start, end) = (time(2)?, time(1)?);
        let own = before(3)?;
        let groups = before(4).filter(|groups| !groups.is_empty());
        let name = groups.map_or(own.to_owned(), |groups| {
            format!("{} / {own}", groups.replace(',', " / "))
        });
        Some(Self {
            name,
            start,
            end,
            is_ok: before(0) == Some("OK"),
        })
    }

    /// Counts the request.
    fn add_to(&self, samples: &mut Samples, status: SampleStatus) {
        let counts = match status {
            SampleStatus::All => true,
            SampleStatus::Ok => self.is_ok,
        };
        let took = u64::try_from(self.end.saturating_sub(self.start)).unwrap_or(0);
        let part = samples.part(self.name.as_bytes(), GroupKind::Requests);
        let sample = Sample {
            span: Some((
                self.start.saturating_mul(MILLISECOND),
                self.end.saturating_mul(MILLISECOND),
            )),
            ticks: counts.then_some(took),
            weight: 1,
            failures: u64::from(!self.is_ok),
            bytes: 0,
        };
        samples.add(part, &sample);
    }
}
