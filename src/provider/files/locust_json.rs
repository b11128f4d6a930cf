//! Locust's JSON (`--json`, `--json-file`): how often each response time occurred, by request.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::distribution::{Distribution, NoRoom, Room, Tick};
use super::failure::{FileError, Place};
use super::format::Format;
use super::number::float;
use super::options::ReadOptions;
use super::results::{Figure, Group, Results, Unit};
use super::{samples, text};

/// How much memory all times may take.
const ROOM: usize = 32 << 20;

/// What Locust says of the requests of one name and method.
#[derive(Clone, Deserialize)]
struct Entry {
    /// The name.
    name: String,
    /// The method.
    method: String,
    /// When the last one came back, in seconds since 1970.
    #[serde(default)]
    last_request_timestamp: Option<f64>,
    /// When the first one was sent, in seconds since 1970.
    #[serde(default)]
    start_time: Option<f64>,
    /// How many there were.
    num_requests: u64,
    /// How many of them have no time.
    #[serde(default)]
    num_none_requests: u64,
    /// How many failed.
    num_failures: u64,
    /// All times together, in milliseconds.
    total_response_time: f64,
    /// The greatest time.
    max_response_time: f64,
    /// The least time.
    #[serde(default)]
    min_response_time: Option<f64>,
    /// How many bytes came back.
    #[serde(default)]
    total_content_length: f64,
    /// How often each time occurred, by milliseconds.
    response_times: BTreeMap<String, u64>,
}

/// Reads the report.
pub(super) fn read(input: &[u8], _options: &ReadOptions) -> Result<Results, FileError> {
    let text = text::decode(input)?;
    let entries: Vec<Entry> =
        serde_json::from_str(text).map_err(|error| FileError::json(Format::LocustJson, &error))?;
    let mut room = Room::new(ROOM);
    let mut results = Results::default();
    let mut total: Option<(Entry, Distribution)> = None;
    for entry in entries {
        let times = times(&entry, &mut room)?;
        let mut name = entry.name.clone();
        if results.groups.contains_key(&name) {
            name = format!("{} {}", entry.method, entry.name);
        }
        results.groups.insert(name, group(&entry, times.clone()));
        total = Some(match total {
            None => (entry, times),
            Some((sum, all)) => add(sum, all, &entry, &times)?,
        });
    }
    if let Some((entry, times)) = total {
        let moment = |seconds: Option<f64>| Timestamp::from_nanosecond(nanosecond(seconds?)?).ok();
        results.span = moment(entry.start_time).zip(moment(entry.last_request_timestamp));
        results.total = group(&entry, times);
    }
    if results.total.figures.is_empty() {
        results.warnings.push("the file has no samples".to_owned());
    }
    Ok(results)
}

/// Counts the times of an entry.
fn times(entry: &Entry, room: &mut Room) -> Result<Distribution, FileError> {
    let mut times = Distribution::new(Tick::Millisecond);
    for (time, count) in &entry.response_times {
        let milliseconds: Option<f64> = time.parse().ok();
        let nanoseconds = milliseconds.and_then(super::k6_ndjson::nanoseconds);
        let kept = nanoseconds.map(|ns| times.record((ns + 500_000) / 1_000_000, *count, room));
        match kept {
            Some(Ok(())) => {}
            None => {
                let time = time.escape_debug();
                return Err(malformed(&format!(
                    "a time is `{time}`; expected milliseconds"
                )));
            }
            Some(Err(_)) => {
                return Err(malformed(&format!("all times take more than {ROOM} bytes")));
            }
        }
    }
    let expected = entry.num_requests.checked_sub(entry.num_none_requests);
    if expected != Some(times.count()) {
        return Err(malformed(&format!(
            "`{}` has {} requests, {} of them without a time, but {} times",
            entry.name.escape_debug(),
            entry.num_requests,
            entry.num_none_requests,
            times.count()
        )));
    }
    Ok(times)
}

/// Adds two entries.
fn add(
    sum: Entry,
    mut all: Distribution,
    entry: &Entry,
    times: &Distribution,
) -> Result<(Entry, Distribution), FileError> {
    all.merge(times, &mut Room::new(ROOM))
        .map_err(|NoRoom| malformed(&format!("all times take more than {ROOM} bytes")))?;
    let count = |one: u64, other: u64| one.saturating_add(other);
    let sum = Entry {
        start_time: least(sum.start_time, entry.start_time),
        last_request_timestamp: greatest(sum.last_request_timestamp, entry.last_request_timestamp),
        num_requests: count(sum.num_requests, entry.num_requests),
        num_none_requests: count(sum.num_none_requests, entry.num_none_requests),
        num_failures: count(sum.num_failures, entry.num_failures),
        total_response_time: sum.total_response_time + entry.total_response_time,
        max_response_time: sum.max_response_time.max(entry.max_response_time),
        min_response_time: least(sum.min_response_time, entry.min_response_time),
        total_content_length: sum.total_content_length + entry.total_content_length,
        ..sum
    };
    Ok((sum, all))
}

/// Returns the figures of an entry; none at all where there were no requests.
fn group(entry: &Entry, mut times: Distribution) -> Group {
    let mut group = Group::default();
    let count = entry.num_requests;
    if count == 0 {
        return group;
    }
    if times.count() > 0 {
        times.settle();
        samples::set_times(&mut group, &times);
        // Times above 100 ms are rounded to two digits; those that are not counted by time are exact.
        for figure in group.figures.values_mut() {
            *figure = figure
                .clone()
                .with_note("nearest rank of times as Locust rounds them");
        }
        let answered = float(times.count());
        let mut exact = |name: &str, value: f64| {
            let figure = Figure::new(value, Unit::Milliseconds).of_samples(times.count());
            group.set(name, figure.with_note("exact"));
        };
        exact("response_time_avg", entry.total_response_time / answered);
        exact("response_time_max", entry.max_response_time);
        if let Some(min) = entry.min_response_time {
            exact("response_time_min", min);
        }
        group.times = Some(times);
    }
    let mut set = |name: &str, value: f64, unit: Unit| {
        group.set(name, Figure::new(value, unit).of_samples(count));
    };
    set("request_count", float(count), Unit::Count);
    set("failure_count", float(entry.num_failures), Unit::Count);
    set(
        "error_rate",
        float(entry.num_failures) / float(count),
        Unit::Ratio,
    );
    let seconds = entry.last_request_timestamp.zip(entry.start_time);
    if let Some(seconds) = seconds.map(|(end, start)| end - start).filter(|s| *s > 0.0) {
        set("duration", seconds, Unit::Seconds);
        set("throughput", float(count) / seconds, Unit::PerSecond);
        let rate = entry.total_content_length / seconds;
        set("data_received_rate", rate, Unit::BytesPerSecond);
    }
    group
}

/// Returns the lesser number that is there.
fn least(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    one.into_iter().chain(other).reduce(f64::min)
}

/// Returns the greater number that is there.
fn greatest(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    one.into_iter().chain(other).reduce(f64::max)
}

/// Returns seconds as nanoseconds.
fn nanosecond(seconds: f64) -> Option<i128> {
    let milliseconds = seconds * 1e3;
    // Microseconds are all that a float has of a time since 1970.
    let micros = super::k6_ndjson::nanoseconds(milliseconds / 1e3)?;
    Some(i128::from(micros) * 1_000)
}

/// The error for a report that contradicts itself.
fn malformed(reason: &str) -> FileError {
    FileError::Malformed {
        format: Format::LocustJson,
        place: Place::Byte(0),
        reason: reason.to_owned(),
    }
}
