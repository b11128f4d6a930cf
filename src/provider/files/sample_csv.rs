//! Samples as CSV whose columns are plain numbers in seconds: what hey and oha write.

use std::io::Read;

use super::distribution::Tick;
use super::failure::{FileError, Place};
use super::format::Format;
use super::records::{Record, RecordEnd, Records};
use super::results::Results;
use super::samples::{Clock, Has, Part, Sample, Samples};

/// Where such a CSV has what.
pub(super) struct Layout {
    /// The format.
    pub(super) format: Format,
    /// The column with the time it took.
    pub(super) elapsed: &'static str,
    /// The column with its start, from the start of the run.
    pub(super) start: &'static str,
    /// The column with the status.
    pub(super) status: &'static str,
    /// The column with the size, where there is one.
    pub(super) bytes: Option<&'static str>,
}

/// Reads samples.
pub(super) fn read(input: &mut dyn Read, layout: &Layout) -> Result<Results, FileError> {
    let mut records = Records::open(input)?;
    let Some(header) = records.next()? else {
        return Err(FileError::Empty);
    };
    let columns = Columns::of(header.text, layout)?;
    let mut samples = Samples::new(Tick::Nanosecond);
    samples.warnings.push(
        "requests without an answer are not in this file, so nobody knows how many failed: the tool's own summary says it"
            .to_owned(),
    );
    while let Some(record) = records.next()? {
        if record.text.trim_ascii().is_empty() {
            continue;
        }
        let is_last = record.end == RecordEnd::File;
        if is_last && record.text.split(|b| *b == b',').count() < columns.count {
            let line = record.line;
            samples.warnings.push(format!(
                "the file ends in the middle of line {line}, which is left out"
            ));
            break;
        }
        let sample = columns.sample(&record, layout)?;
        samples.add(Part::Total, &sample);
    }
    Ok(samples.finish(Has {
        // Those that failed hardest are missing: a rate without them would pass where none should.
        failures: false,
        bytes: layout.bytes.is_some(),
        clock: Clock::Relative,
    }))
}

/// Where the columns of one file are.
struct Columns {
    /// The time it took.
    elapsed: usize,
    /// Its start.
    start: usize,
    /// The status.
    status: usize,
    /// The size.
    bytes: Option<usize>,
    /// How many there are.
    count: usize,
}

impl Columns {
    /// Finds them in the header.
    fn of(header: &[u8], layout: &Layout) -> Result<Self, FileError> {
        let names: Vec<&[u8]> = header
            .split(|byte| *byte == b',')
            .map(<[u8]>::trim_ascii)
            .collect();
        let find = |wanted: &str| {
            let place = names.iter().position(|name| *name == wanted.as_bytes());
            place.ok_or_else(|| FileError::NotThisFormat {
                format: layout.format,
                found: format!("its first line names no column `{wanted}`"),
            })
        };
        Ok(Self {
            elapsed: find(layout.elapsed)?,
            start: find(layout.start)?,
            status: find(layout.status)?,
            bytes: layout.bytes.map(find).transpose()?,
            count: names.len(),
        })
    }

    /// Reads a line.
    fn sample(&self, record: &Record<'_>, layout: &Layout) -> Result<Sample, FileError> {
        let malformed = |reason: String| FileError::Malformed {
            format: layout.format,
            place: Place::Line(record.line),
            reason,
        };
        let text = std::str::from_utf8(record.text).unwrap_or_default();
        let fields: Vec<&str> = text.split(',').map(str::trim).collect();
        if fields.len() != self.count {
            let (found, count) = (fields.len(), self.count);
            return Err(malformed(format!("{found} columns instead of {count}")));
        }
        let field = |at: usize| fields.get(at).copied().unwrap_or_default();
        let seconds = |at: usize, name: &str| {
            let seconds: Option<f64> = field(at).parse().ok();
            seconds.and_then(nanoseconds).ok_or_else(|| {
                let found = field(at).escape_debug();
                malformed(format!("`{name}` is `{found}`; expected seconds"))
            })
        };
        let whole = |at: usize, name: &str| {
            field(at).parse::<u64>().map_err(|error| {
                let found = field(at).escape_debug();
                malformed(format!(
                    "`{name}` is `{found}`; expected a whole number: {error}"
                ))
            })
        };
        let elapsed = seconds(self.elapsed, layout.elapsed)?;
        let start = seconds(self.start, layout.start)?;
        let status = whole(self.status, layout.status)?;
        let bytes = match (self.bytes, layout.bytes) {
            (Some(at), Some(name)) => whole(at, name)?,
            _ => 0,
        };
        Ok(Sample {
            span: i64::try_from(start)
                .ok()
                .map(|start| (start, start.saturating_add_unsigned(elapsed))),
            ticks: Some(elapsed),
            weight: 1,
            failures: u64::from(status >= 400),
            bytes,
        })
    }
}

/// Returns seconds as nanoseconds.
fn nanoseconds(seconds: f64) -> Option<u64> {
    super::k6_ndjson::nanoseconds(seconds * 1e3)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the numbers of the tests are exact")]
mod tests {
    use super::super::options::ReadOptions;
    use super::super::{hey_csv, oha_csv};
    use super::*;

    /// Reads hey's samples.
    fn hey(lines: &str) -> Result<Results, FileError> {
        let header = "response-time,DNS+dialup,DNS,Request-write,Response-delay,Response-read,status-code,offset\n";
        let text = header.to_owned() + lines;
        hey_csv::read(&mut text.as_bytes(), &ReadOptions::default())
    }

    #[test]
    fn seconds_become_milliseconds_and_nobody_knows_how_many_failed() {
        let results = hey("0.0500,0,0,0,0,0,200,0.0000\n0.1500,0,0,0,0,0,503,0.3500\n").unwrap();
        let figure = |name: &str| results.total.figures[name].value;
        assert_eq!(figure("response_time_max"), 150.0);
        assert_eq!(figure("response_time_p50"), 50.0);
        for unknown in ["error_rate", "failure_count"] {
            assert!(!results.total.figures.contains_key(unknown), "{unknown}");
        }
        assert_eq!(figure("throughput"), 4.0);
        assert_eq!(results.span, None);
        assert!(results.warnings[0].starts_with("requests without an answer"));
    }

    #[test]
    fn lines_that_cannot_be_read_are_named_and_a_last_one_that_is_cut_off_is_left_out() {
        let good = "0.05,0,0,0,0,0,200,0.0\n";
        for (bad, expected) in [
            (
                "x,0,0,0,0,0,200,0.0\n",
                "line 3: `response-time` is `x`; expected seconds",
            ),
            (
                "NaN,0,0,0,0,0,200,0.0\n",
                "line 3: `response-time` is `NaN`",
            ),
            ("-1,0,0,0,0,0,200,0.0\n", "line 3: `response-time` is `-1`"),
            ("1,0,0,0,0,0,ok,0.0\n", "line 3: `status-code` is `ok`"),
            ("1,2\n", "line 3: 2 columns instead of 8"),
        ] {
            let error = hey(&format!("{good}{bad}{good}")).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        let results = hey(&format!("{good}0.05,0,0")).unwrap();
        assert_eq!(results.total.figures["request_count"].value, 1.0);
        assert_eq!(results.warnings.len(), 2);
        let other = oha_csv::read(&mut "a,b\n".as_bytes(), &ReadOptions::default());
        assert!(
            other
                .unwrap_err()
                .to_string()
                .contains("no column `request-duration`")
        );
    }
}
