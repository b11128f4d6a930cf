//! `vegeta report -type=json`. Times are in nanoseconds.

use serde_json::Value;

use super::failure::FileError;
use super::format::Format;
use super::json_document::parse_any;
use super::load::{NO_REQUESTS, Requests};
use super::options::ReadOptions;
use super::results::Results;
use super::{text, tree};

/// How many nanoseconds a millisecond has.
const MILLISECOND: f64 = 1e6;

/// The statistics, and what vegeta calls them.
const TIMES: [(&str, &str); 7] = [
    ("avg", "mean"),
    ("min", "min"),
    ("max", "max"),
    ("p50", "50th"),
    ("p90", "90th"),
    ("p95", "95th"),
    ("p99", "99th"),
];

/// Reads a report. `throughput` is the rate of all requests, as with other tools; `native:throughput` has those that
/// succeeded.
pub(super) fn read(input: &[u8], options: &ReadOptions) -> Result<Results, FileError> {
    let report = parse_any(text::decode(input)?, Format::Vegeta)?;
    let (Some(total), Some(_)) = (
        tree::count(&report, &["requests"]),
        tree::object(&report, &["latencies"]),
    ) else {
        return Err(FileError::NotThisFormat {
            format: Format::Vegeta,
            found: "it has no `latencies` and `requests`".to_owned(),
        });
    };
    let mut results = Results {
        native: tree::native(&report),
        span: span(&report),
        ..Results::default()
    };
    let requests = requests(&report, total);
    results
        .total
        .set_requests(total, requests.failures(options.errors));
    if total == 0 {
        results.warnings.push(NO_REQUESTS.to_owned());
        return Ok(results);
    }
    for (name, key) in TIMES {
        let time = tree::number(&report, &["latencies", key]);
        results
            .total
            .set_time(name, time.map(|time| time / MILLISECOND), None);
    }
    let seconds = |key| tree::number(&report, &[key]).map(|time| time / MILLISECOND / 1000.0);
    let duration = seconds("duration").map(|time| time + seconds("wait").unwrap_or(0.0));
    results.total.set_duration(duration);
    results
        .total
        .set_throughput(tree::number(&report, &["rate"]));
    Ok(results)
}

/// Tells how requests ended. vegeta calls 200 to 399 a success; what is in no status is a failure, too.
fn requests(report: &Value, total: u64) -> Requests {
    let mut requests = Requests::default();
    for (status, count) in tree::counts(report, &["status_codes"]) {
        let status: u64 = status.parse().unwrap_or(0);
        // 1xx are no success here, and neither is a status that is unknown.
        requests.count_status(
            if (1..200).contains(&status) {
                400
            } else {
                status
            },
            count,
        );
    }
    let unknown = total.saturating_sub(requests.total);
    requests.count_errors(unknown);
    requests
}

/// Returns when the attack took place.
fn span(report: &Value) -> Option<(jiff::Timestamp, jiff::Timestamp)> {
    let moment = |key: &str| report.get(key)?.as_str()?.parse().ok();
    moment("earliest").zip(moment("end"))
}
