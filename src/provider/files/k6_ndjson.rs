//! k6's samples, one JSON a line: `k6 run --out json=FILE`.

mod sum;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;

use jiff::Timestamp;
use serde::Deserialize;

use super::distribution::Room;
use super::failure::{FileError, Place, harmless};
use super::format::Format;
use super::number::float;
use super::options::ReadOptions;
use super::records::{Record, RecordEnd, Records};
use super::results::{Figure, Results, Unit};
use sum::{MetricKind, Sum};

/// How many metrics, and how many names of requests, are kept.
const MOST: usize = 2_000;
/// How much memory all times may take.
const ROOM: usize = 32 << 20;

/// A line.
#[derive(Deserialize)]
struct Line<'t> {
    /// `Metric` or `Point`.
    #[serde(rename = "type", borrow)]
    kind: Cow<'t, str>,
    /// The metric.
    #[serde(borrow)]
    metric: Cow<'t, str>,
    /// What is said of it.
    #[serde(borrow)]
    data: Data<'t>,
}

/// What a line says of a metric.
#[derive(Deserialize)]
struct Data<'t> {
    /// What it counts: `counter`, `gauge`, `rate`, or `trend`.
    #[serde(rename = "type", borrow, default)]
    kind: Option<Cow<'t, str>>,
    /// `time` for times.
    #[serde(borrow, default)]
    contains: Option<Cow<'t, str>>,
    /// When it was taken.
    #[serde(borrow, default)]
    time: Option<Cow<'t, str>>,
    /// The number.
    #[serde(default)]
    value: Option<f64>,
    /// What it is of.
    #[serde(borrow, default)]
    tags: Option<Tags<'t>>,
}

/// The tags that matter.
#[derive(Deserialize)]
struct Tags<'t> {
    /// The name of the request.
    #[serde(borrow, default)]
    name: Option<Cow<'t, str>>,
}

/// All metrics, and their parts by the names of requests.
#[derive(Default)]
struct Sums {
    /// By metric.
    run: BTreeMap<String, Sum>,
    /// By the name of requests, then by metric.
    named: BTreeMap<String, BTreeMap<&'static str, Sum>>,
    /// From the first start to the last end, in nanoseconds since 1970.
    span: Option<(i64, i64)>,
    /// What is odd.
    warnings: Vec<String>,
}

/// The metrics of requests that are kept by name.
const OF_REQUESTS: [&str; 3] = ["http_req_duration", "http_req_failed", "http_reqs"];

/// Reads samples.
pub(super) fn read(input: &mut dyn Read, _options: &ReadOptions) -> Result<Results, FileError> {
    let mut records = Records::open(input)?;
    let (mut sums, mut room) = (Sums::default(), Room::new(ROOM));
    while let Some(record) = records.next()? {
        if record.text.trim_ascii().is_empty() {
            continue;
        }
        match serde_json::from_slice::<Line<'_>>(record.text) {
            Ok(line) => sums.add(&line, &record, &mut room)?,
            Err(error) if error.is_eof() && record.end == RecordEnd::File => {
                let line = record.line;
                sums.warnings.push(format!(
                    "the file ends in the middle of line {line}, which is left out: the test was aborted, or is still running"
                ));
            }
            Err(error) => {
                return Err(malformed(
                    &record,
                    &format!("no line of k6: {}", harmless(&error)),
                ));
            }
        }
    }
    Ok(sums.results())
}

impl Sums {
    /// Adds a line.
    fn add(
        &mut self,
        line: &Line<'_>,
        record: &Record<'_>,
        room: &mut Room,
    ) -> Result<(), FileError> {
        let Line { kind, metric, data } = line;
        match kind.as_ref() {
            "Metric" => self.define(metric, data, record),
            "Point" => self.add_point(metric, data, record, room),
            other => Err(malformed(
                record,
                &format!(
                    "`type` is `{}`; expected `Metric` or `Point`",
                    other.escape_debug()
                ),
            )),
        }
    }

    /// Notes what a metric counts.
    fn define(
        &mut self,
        metric: &str,
        data: &Data<'_>,
        record: &Record<'_>,
    ) -> Result<(), FileError> {
        let kind = match data.kind.as_deref() {
            Some("counter") => MetricKind::Counter,
            Some("gauge") => MetricKind::Gauge,
            Some("rate") => MetricKind::Rate,
            Some("trend") => MetricKind::Trend,
            other => {
                let reason =
                    format!("a metric of type {other:?}; expected counter, gauge, rate, or trend");
                return Err(malformed(record, &reason));
            }
        };
        if !self.run.contains_key(metric) {
            if self.run.len() >= MOST {
                return Err(too_much("metrics", record));
            }
            let unit = match data.contains.as_deref() {
                Some("time") => Unit::Milliseconds,
                Some(_) | None => Unit::Unknown,
            };
            self.run.insert(metric.to_owned(), Sum::new(kind, unit));
        }
        Ok(())
    }

    /// Adds a value.
    fn add_point(
        &mut self,
        metric: &str,
        data: &Data<'_>,
        record: &Record<'_>,
        room: &mut Room,
    ) -> Result<(), FileError> {
        let value = data.value.filter(|value| value.is_finite());
        let value = value.ok_or_else(|| malformed(record, "a point without a `value`"))?;
        let Some(sum) = self.run.get_mut(metric) else {
            let reason = format!(
                "a point of `{}`, which no line of type `Metric` introduces: the start of the file is missing",
                metric.escape_debug()
            );
            return Err(malformed(record, &reason));
        };
        sum.add(value, room)
            .map_err(|reason| malformed(record, &reason))?;
        let (kind, unit) = (sum.kind, sum.unit);
        let is_time = unit == Unit::Milliseconds;
        self.add_time(data, if is_time { value } else { 0.0 }, record)?;
        let name = data.tags.as_ref().and_then(|tags| tags.name.as_deref());
        let of_requests = OF_REQUESTS.into_iter().find(|known| *known == metric);
        let (Some(name), Some(metric)) = (name, of_requests) else {
            return Ok(());
        };
        if !self.named.contains_key(name) {
            if self.named.len() >= MOST {
                self.warn_once(&format!(
                    "only the first {MOST} names are kept; the samples of others count in the total alone"
                ));
                return Ok(());
            }
            self.named.insert(name.to_owned(), BTreeMap::new());
        }
        let Some(sums) = self.named.get_mut(name) else {
            return Ok(());
        };
        let sum = sums.entry(metric).or_insert_with(|| Sum::new(kind, unit));
        if sum.add(value, room).is_err() {
            sum.times = None;
            self.warn_once(&format!(
                "response times by name take more memory than {ROOM} bytes: some count in the total alone"
            ));
        }
        Ok(())
    }

    /// Widens the span of the run by a value that ended at its time.
    fn add_time(
        &mut self,
        data: &Data<'_>,
        milliseconds: f64,
        record: &Record<'_>,
    ) -> Result<(), FileError> {
        let Some(time) = data.time.as_deref() else {
            return Ok(());
        };
        let moment: Timestamp = time.parse().map_err(|error| {
            let time = time.escape_debug();
            malformed(record, &format!("`time` is `{time}`: {}", harmless(&error)))
        })?;
        let Ok(end) = i64::try_from(moment.as_nanosecond()) else {
            return Ok(());
        };
        let length = nanoseconds(milliseconds).unwrap_or_default();
        let start = end.saturating_sub_unsigned(length);
        self.span = Some(match self.span {
            Some((from, to)) => (from.min(start), to.max(end)),
            None => (start, end),
        });
        Ok(())
    }

    /// Warns, but not twice.
    fn warn_once(&mut self, text: &str) {
        if !self.warnings.iter().any(|warning| warning == text) {
            self.warnings.push(text.to_owned());
        }
    }

    /// Returns the figures.
    fn results(mut self) -> Results {
        let seconds = self.span.map(|(from, to)| float(to.abs_diff(from)) / 1e9);
        let mut results = Results::default();
        for (metric, sum) in &mut self.run {
            if sum.count == 0 {
                continue;
            }
            if let Some(times) = &mut sum.times {
                times.settle();
            }
            sum.add_native(metric, &mut results, seconds);
            sum.add_canonical(metric, &mut results.total, seconds);
        }
        if let Some(seconds) = seconds {
            let figure = Figure::new(seconds, Unit::Seconds);
            results.total.set(
                "duration",
                figure.with_note("from the first to the last sample"),
            );
        }
        for (name, sums) in &mut self.named {
            let group = results.groups.entry(name.clone()).or_default();
            for (metric, sum) in sums {
                if let Some(times) = &mut sum.times {
                    times.settle();
                }
                sum.add_canonical(metric, group, seconds);
            }
        }
        if results.native.is_empty() {
            self.warnings.push("the file has no samples".to_owned());
        }
        let moment = |at: i64| Timestamp::from_nanosecond(at.into()).ok();
        results.span = self
            .span
            .and_then(|(from, to)| Some((moment(from)?, moment(to)?)));
        results.warnings = self.warnings;
        results
    }
}

/// Returns milliseconds as nanoseconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be within 0 and 2^53"
)]
pub(super) fn nanoseconds(milliseconds: f64) -> Option<u64> {
    let nanoseconds = (milliseconds * 1e6).round();
    (0.0..9_007_199_254_740_992.0)
        .contains(&nanoseconds)
        .then_some(nanoseconds as u64)
}

/// The error for a line.
fn malformed(record: &Record<'_>, reason: &str) -> FileError {
    FileError::Malformed {
        format: Format::K6Ndjson,
        place: Place::Line(record.line),
        reason: reason.to_owned(),
    }
}

/// The error for more of something than is kept.
fn too_much(what: &str, record: &Record<'_>) -> FileError {
    FileError::TooMuch {
        what: format!("there are more {what} than any test has"),
        place: Place::Line(record.line),
        limit: MOST as u64,
    }
}
