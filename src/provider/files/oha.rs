//! oha's JSON report. Times are in seconds. `successRate` is not used: it calls every answer a success, also a 500.

use serde_json::Value;

use super::failure::FileError;
use super::format::Format;
use super::json_document::parse_any;
use super::load::{NO_REQUESTS, Requests, percentile_name};
use super::options::{ReadOptions, SampleStatus};
use super::results::{Figure, Group, Results, Unit};
use super::{text, tree};

/// What oha calls requests that were under way when the time was over. They are no failures, and no requests.
const ABORTED: &str = "aborted due to deadline";

/// Reads a report.
pub(super) fn read(input: &[u8], options: &ReadOptions) -> Result<Results, FileError> {
    let report = parse_any(text::decode(input)?, Format::Oha)?;
    let has_codes = tree::object(&report, &["statusCodeDistribution"]).is_some();
    if tree::object(&report, &["summary"]).is_none() || !has_codes {
        return Err(FileError::NotThisFormat {
            format: Format::Oha,
            found: "it has no `summary` and `statusCodeDistribution`".to_owned(),
        });
    }
    let mut results = Results {
        native: tree::native(&report),
        ..Results::default()
    };
    let requests = requests(&report);
    let total = &mut results.total;
    total.set_requests(requests.total, requests.failures(options.errors));
    if requests.total == 0 {
        results.warnings.push(NO_REQUESTS.to_owned());
        return Ok(results);
    }
    total.set_throughput(tree::number(&report, &["summary", "requestsPerSec"]));
    total.set_duration(tree::number(&report, &["summary", "total"]));
    if let Some(rate) = tree::number(&report, &["summary", "sizePerSec"]) {
        total.set(
            "data_received_rate",
            Figure::new(rate, Unit::BytesPerSecond),
        );
    }
    match options.status {
        SampleStatus::All => set_times(total, &report),
        SampleStatus::Ok if report.get("latencyPercentilesSuccessful").is_some() => {
            set_percentiles(total, &report, "latencyPercentilesSuccessful");
        }
        SampleStatus::Ok => results.warnings.push(
            "the report does not tell the times of successes apart: run oha with `--stats-success-breakdown`"
                .to_owned(),
        ),
    }
    Ok(results)
}

/// Tells how requests ended.
fn requests(report: &Value) -> Requests {
    let mut requests = Requests::default();
    for (status, count) in tree::counts(report, &["statusCodeDistribution"]) {
        requests.count_status(status.parse().unwrap_or(0), count);
    }
    for (error, count) in tree::counts(report, &["errorDistribution"]) {
        if error != ABORTED {
            requests.count_errors(count);
        }
    }
    requests
}

/// Sets the times of all answers.
fn set_times(total: &mut Group, report: &Value) {
    for (name, key) in [("avg", "average"), ("min", "fastest"), ("max", "slowest")] {
        let time = tree::number(report, &["summary", key]);
        total.set_time(name, time.map(|time| time * 1000.0), None);
    }
    set_percentiles(total, report, "latencyPercentiles");
}

/// Sets percentiles.
fn set_percentiles(total: &mut Group, report: &Value, key: &str) {
    for (name, time) in tree::object(report, &[key]).into_iter().flatten() {
        let rank = name.strip_prefix('p').and_then(|rank| rank.parse().ok());
        if let (Some(rank), Some(time)) = (rank, time.as_f64()) {
            total.set_time(&percentile_name(rank), Some(time * 1000.0), None);
        }
    }
}
