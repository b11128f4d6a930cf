//! Artillery's report, of version 2 and of version 1. Times are in milliseconds, to the first byte of the answer.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::failure::FileError;
use super::format::Format;
use super::json_document::parse_any;
use super::load::{NO_REQUESTS, Requests};
use super::options::{ReadOptions, SampleStatus};
use super::results::{Group, Results};
use super::{text, tree};

/// What a reader should know of the times.
const NOTE: &str = "time to the first byte";

/// What the plug-in that tells endpoints apart calls its figures.
const BY_ENDPOINT: &str = "plugins.metrics-by-endpoint.";

/// The statistics, and what version 2 calls them.
const TIMES: [(&str, &str); 9] = [
    ("avg", "mean"),
    ("min", "min"),
    ("max", "max"),
    ("p50", "median"),
    ("p75", "p75"),
    ("p90", "p90"),
    ("p95", "p95"),
    ("p99", "p99"),
    ("p99_9", "p999"),
];

/// Reads a report.
pub(super) fn read(input: &[u8], options: &ReadOptions) -> Result<Results, FileError> {
    let report = parse_any(text::decode(input)?, Format::Artillery)?;
    let mut results = match report.get("aggregate") {
        Some(aggregate) if aggregate.get("counters").is_some() => second(aggregate, options),
        Some(aggregate) if aggregate.get("requestsCompleted").is_some() => {
            first(aggregate, options)
        }
        Some(_) | None => {
            return Err(FileError::NotThisFormat {
                format: Format::Artillery,
                found: "it has no `aggregate` with `counters` or `requestsCompleted`".to_owned(),
            });
        }
    };
    if results.total.figures.is_empty() {
        results.warnings.push(NO_REQUESTS.to_owned());
    }
    Ok(results)
}

/// Reads the report of version 2.
fn second(aggregate: &Value, options: &ReadOptions) -> Results {
    let mut results = Results {
        native: tree::native(aggregate),
        ..Results::default()
    };
    let mut requests = statuses(aggregate, &["counters"], "http.codes.");
    for (name, count) in tree::counts(aggregate, &["counters"]) {
        if name.starts_with("errors.") {
            requests.count_errors(count);
        }
    }
    // What went wrong after an answer, such as a capture, is counted as an error beside the status.
    let stated = tree::count(aggregate, &["counters", "http.requests"]);
    requests.total = stated.unwrap_or(requests.total);
    results
        .total
        .set_requests(requests.total, requests.failures(options.errors));
    if requests.total == 0 {
        return results;
    }
    let moment = |key| tree::number(aggregate, &[key]);
    if let Some((start, end)) = moment("firstMetricAt").zip(moment("lastMetricAt")) {
        let seconds = (end - start) / 1000.0;
        results.span = timestamp(start).zip(timestamp(end));
        results.total.set_duration(Some(seconds));
        let total = super::number::float(requests.total);
        results
            .total
            .set_throughput((seconds > 0.0).then_some(total / seconds));
    }
    if !results.total.figures.contains_key("throughput") {
        let rate = tree::number(aggregate, &["rates", "http.request_rate"]);
        results.total.set_throughput(rate);
    }
    let times = match options.status {
        SampleStatus::All => "http.response_time",
        SampleStatus::Ok => "http.response_time.2xx",
    };
    set_times(&mut results.total, aggregate, &["summaries", times]);
    results.groups = endpoints(aggregate, options);
    results
}

/// Counts the statuses whose counters begin with a prefix.
fn statuses(aggregate: &Value, path: &[&str], prefix: &str) -> Requests {
    let mut requests = Requests::default();
    for (name, count) in tree::counts(aggregate, path) {
        let status = name
            .strip_prefix(prefix)
            .and_then(|status| status.parse().ok());
        if let Some(status) = status {
            requests.count_status(status, count);
        }
    }
    requests
}

/// Makes figures of each endpoint that the plug-in tells apart.
fn endpoints(aggregate: &Value, options: &ReadOptions) -> BTreeMap<String, Group> {
    let mut endpoints: BTreeMap<&str, Requests> = BTreeMap::new();
    for (name, count) in tree::counts(aggregate, &["counters"]) {
        let Some(name) = name.strip_prefix(BY_ENDPOINT) else {
            continue;
        };
        if let Some((endpoint, status)) = name.rsplit_once(".codes.") {
            let status = status.parse().unwrap_or(0);
            endpoints
                .entry(endpoint)
                .or_default()
                .count_status(status, count);
        } else if let Some((endpoint, _)) = name.split_once(".errors.") {
            endpoints.entry(endpoint).or_default().count_errors(count);
        }
    }
    let groups = endpoints.into_iter().map(|(endpoint, requests)| {
        let mut group = Group::default();
        group.set_requests(requests.total, requests.failures(options.errors));
        let key = format!("{BY_ENDPOINT}response_time.{endpoint}");
        if options.status == SampleStatus::All {
            set_times(&mut group, aggregate, &["summaries", &key]);
        }
        (endpoint.to_owned(), group)
    });
    groups.collect()
}

/// Sets the times of a summary, if it counts any.
fn set_times(group: &mut Group, aggregate: &Value, path: &[&str]) {
    let Some(summary) = tree::at(aggregate, path) else {
        return;
    };
    if tree::count(summary, &["count"]) != Some(0) {
        for (name, key) in TIMES {
            group.set_time(name, tree::number(summary, &[key]), Some(NOTE));
        }
    }
}

/// Reads the report of version 1.
fn first(aggregate: &Value, options: &ReadOptions) -> Results {
    let mut results = Results {
        native: tree::native(aggregate),
        ..Results::default()
    };
    let mut requests = statuses(aggregate, &["codes"], "");
    for (_, count) in tree::counts(aggregate, &["errors"]) {
        requests.count_errors(count);
    }
    let stated = [
        tree::count(aggregate, &["rps", "count"]),
        tree::count(aggregate, &["requestsCompleted"]),
    ];
    requests.total = stated.into_iter().flatten().fold(requests.total, u64::max);
    results
        .total
        .set_requests(requests.total, requests.failures(options.errors));
    if requests.total == 0 {
        return results;
    }
    results
        .total
        .set_throughput(tree::number(aggregate, &["rps", "mean"]));
    if tree::count(aggregate, &["requestsCompleted"]) != Some(0) {
        for (name, key) in [
            ("min", "min"),
            ("max", "max"),
            ("p50", "median"),
            ("p95", "p95"),
            ("p99", "p99"),
        ] {
            let time = tree::number(aggregate, &["latency", key]);
            results.total.set_time(name, time, Some(NOTE));
        }
    }
    results
}

/// Reads a time in milliseconds since 1970.
fn timestamp(milliseconds: f64) -> Option<Timestamp> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a float is cut to the range of integers, and `Timestamp` checks its own range"
    )]
    Timestamp::from_millisecond(milliseconds as i64).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The shape that version 1 documents.
    const FIRST: &str = r#"{"aggregate": {"timestamp": "2020-01-01T00:00:00.000Z", "scenariosCreated": 10,
        "scenariosCompleted": 9, "requestsCompleted": 95, "latency": {"min": 1.5, "max": 90, "median": 7,
        "p95": 40, "p99": 80.5}, "rps": {"count": 100, "mean": 20.1}, "errors": {"ETIMEDOUT": 5},
        "codes": {"200": 90, "404": 3, "503": 2}}, "intermediate": []}"#;

    #[test]
    fn version_1_is_read() {
        let results = read(FIRST.as_bytes(), &ReadOptions::default()).unwrap();
        let value = |name: &str| results.total.figures.get(name).map(|figure| figure.value);
        assert_eq!(value("request_count"), Some(100.0));
        assert_eq!(value("failure_count"), Some(10.0));
        assert_eq!(value("error_rate"), Some(0.1));
        assert_eq!(value("throughput"), Some(20.1));
        assert_eq!(value("response_time_p95"), Some(40.0));
        assert_eq!(value("response_time_p90"), None);
    }
}
