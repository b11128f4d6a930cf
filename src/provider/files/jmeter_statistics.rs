//! `statistics.json` of `JMeter`'s dashboard. Which percentiles it holds is not recorded in it.

use serde_json::Value;

use super::failure::FileError;
use super::format::Format;
use super::json_document::parse_any;
use super::load::{NO_REQUESTS, percentile_name};
use super::options::ReadOptions;
use super::results::{Figure, Group, Results, Unit};
use super::{text, tree};

/// The percentiles of `pct1ResTime` to `pct3ResTime` unless `JMeter` is told otherwise.
const RANKS: [f64; 3] = [90.0, 95.0, 99.0];

/// The label of the run as a whole.
const TOTAL: &str = "Total";

/// Reads the statistics.
pub(super) fn read(input: &[u8], options: &ReadOptions) -> Result<Results, FileError> {
    let statistics = parse_any(text::decode(input)?, Format::JmeterStatistics)?;
    if tree::count(&statistics, &[TOTAL, "sampleCount"]).is_none() {
        return Err(FileError::NotThisFormat {
            format: Format::JmeterStatistics,
            found: "it has no `Total` with a `sampleCount`".to_owned(),
        });
    }
    let mut results = Results {
        native: tree::native(&statistics),
        ..Results::default()
    };
    for (label, row) in statistics.as_object().into_iter().flatten() {
        let group = group(row, options);
        if label == TOTAL {
            results.total = group;
        } else {
            results.groups.insert(label.clone(), group);
        }
    }
    if tree::count(&statistics, &[TOTAL, "sampleCount"]) == Some(0) {
        results.warnings.push(NO_REQUESTS.to_owned());
    }
    Ok(results)
}

/// Makes figures of one row.
fn group(row: &Value, options: &ReadOptions) -> Group {
    let mut group = Group::default();
    let total = tree::count(row, &["sampleCount"]).unwrap_or(0);
    let failures = tree::count(row, &["errorCount"]);
    group.set_requests(total, failures.unwrap_or(0).min(total));
    if total == 0 {
        return group;
    }
    if failures.is_none() {
        group.figures.remove("failure_count");
        let percent = tree::number(row, &["errorPct"]);
        let rate = percent.map_or(f64::NAN, |percent| percent / 100.0);
        group.set(
            "error_rate",
            Figure::new(rate, Unit::Ratio).of_samples(total),
        );
    }
    let times = [
        ("avg", "meanResTime"),
        ("min", "minResTime"),
        ("max", "maxResTime"),
        ("p50", "medianResTime"),
    ];
    for (name, key) in times {
        group.set_time(name, tree::number(row, &[key]), None);
    }
    let ranks = if options.percentiles.is_empty() {
        &RANKS
    } else {
        options.percentiles.as_slice()
    };
    for (rank, key) in ranks
        .iter()
        .zip(["pct1ResTime", "pct2ResTime", "pct3ResTime"])
    {
        group.set_time(&percentile_name(*rank), tree::number(row, &[key]), None);
    }
    group.set_throughput(tree::number(row, &["throughput"]));
    if let Some(rate) = tree::number(row, &["receivedKBytesPerSec"]) {
        let figure = Figure::new(rate * 1024.0, Unit::BytesPerSecond);
        group.set("data_received_rate", figure);
    }
    group
}
