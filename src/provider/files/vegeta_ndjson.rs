//! vegeta's samples, one JSON a line: `vegeta encode -to json`.

use std::borrow::Cow;
use std::io::Read;

use jiff::Timestamp;
use serde::Deserialize;

use super::distribution::Tick;
use super::failure::{FileError, Place, harmless};
use super::format::Format;
use super::options::ReadOptions;
use super::records::{RecordEnd, Records};
use super::results::{Figure, Results, Unit};
use super::samples::{Clock, GroupKind, Has, Sample, Samples};

/// A line.
#[derive(Deserialize)]
struct Line<'t> {
    /// The status; 0 where there was no answer.
    code: u64,
    /// When it was sent.
    #[serde(borrow)]
    timestamp: Cow<'t, str>,
    /// How long it took, in nanoseconds.
    latency: u64,
    /// How many bytes came back.
    #[serde(default)]
    bytes_in: u64,
    /// The method.
    #[serde(borrow, default)]
    method: Cow<'t, str>,
    /// The URL.
    #[serde(borrow, default)]
    url: Cow<'t, str>,
}

/// Reads samples.
pub(super) fn read(input: &mut dyn Read, _options: &ReadOptions) -> Result<Results, FileError> {
    let mut records = Records::open(input)?;
    let mut samples = Samples::new(Tick::Nanosecond);
    let mut sent: Option<(i64, i64)> = None;
    while let Some(record) = records.next()? {
        if record.text.trim_ascii().is_empty() {
            continue;
        }
        let malformed = |reason: String| FileError::Malformed {
            format: Format::VegetaNdjson,
            place: Place::Line(record.line),
            reason,
        };
        let line: Line<'_> = match serde_json::from_slice(record.text) {
            Ok(line) => line,
            Err(error) if error.is_eof() && record.end == RecordEnd::File => {
                let line = record.line;
                samples.warnings.push(format!(
                    "the file ends in the middle of line {line}, which is left out"
                ));
                break;
            }
            Err(error) => {
                return Err(malformed(format!(
                    "no sample of vegeta: {}",
                    harmless(&error)
                )));
            }
        };
        let start: Timestamp = line.timestamp.parse().map_err(|error| {
            let found = line.timestamp.escape_debug();
            malformed(format!("`timestamp` is `{found}`: {}", harmless(&error)))
        })?;
        let start = i64::try_from(start.as_nanosecond())
            .map_err(|error| malformed(format!("`timestamp` is too far away: {error}")))?;
        let sample = Sample {
            span: Some((start, start.saturating_add_unsigned(line.latency))),
            ticks: Some(line.latency),
            weight: 1,
            failures: u64::from(!(200..400).contains(&line.code)),
            bytes: line.bytes_in,
        };
        sent = Some(sent.map_or((start, start), |(a, b)| (a.min(start), b.max(start))));
        let name = format!("{} {}", line.method, line.url);
        let part = samples.part(name.trim().as_bytes(), GroupKind::Requests);
        samples.add(part, &sample);
    }
    let mut results = samples.finish(Has {
        failures: true,
        bytes: true,
        clock: Clock::Absolute,
    });
    set_rate(&mut results, sent);
    Ok(results)
}

/// Sets the throughput as vegeta's report has it: requests by the time between the first and the last that was sent.
#[expect(
    clippy::cast_precision_loss,
    reason = "nanoseconds of a run are far below 2^53, or need no more digits"
)]
fn set_rate(results: &mut Results, sent: Option<(i64, i64)>) {
    let count = results.total.figures.get("request_count");
    let (Some(count), Some((first, last))) = (count.map(|count| count.value), sent) else {
        return;
    };
    if last > first {
        let seconds = last.abs_diff(first) as f64 / 1e9;
        let figure = Figure::new(count / seconds, Unit::PerSecond);
        results
            .total
            .set("throughput", figure.with_note("requests sent in a second"));
    }
}
