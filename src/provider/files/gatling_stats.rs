//! `stats.json` and `global_stats.json` of Gatling before 3.13.5. Which percentiles they hold is not recorded in them,
//! and a figure of nothing is 0 there.

use serde_json::Value;

use super::failure::FileError;
use super::format::Format;
use super::json_document::parse_any;
use super::load::{NO_REQUESTS, percentile_name};
use super::options::{ReadOptions, SampleStatus};
use super::results::{Group, Results};
use super::{text, tree};

/// The percentiles of `percentiles1` to `percentiles4` unless Gatling is told otherwise.
const RANKS: [f64; 4] = [50.0, 75.0, 95.0, 99.0];

/// The most requests and groups that are told apart.
const MOST_GROUPS: usize = 20_000;

/// Reads the statistics.
pub(super) fn read(input: &[u8], options: &ReadOptions) -> Result<Results, FileError> {
    let root = parse_any(text::decode(input)?, Format::GatlingStats)?;
    let stats = root.get("stats").unwrap_or(&root);
    if tree::count(stats, &["numberOfRequests", "total"]).is_none() {
        return Err(FileError::NotThisFormat {
            format: Format::GatlingStats,
            found: "it has no `numberOfRequests` with a `total`".to_owned(),
        });
    }
    let mut results = Results {
        total: group(stats, options),
        native: tree::native(stats),
        ..Results::default()
    };
    add_groups(&root, options, &mut results);
    if results.total.figures.is_empty() {
        results.warnings.push(NO_REQUESTS.to_owned());
    }
    Ok(results)
}

/// Adds what lies below a node. A request goes before a group of the same path.
fn add_groups(node: &Value, options: &ReadOptions, results: &mut Results) {
    for child in tree::object(node, &["contents"]).into_iter().flatten() {
        let (_, child) = child;
        if results.groups.len() >= MOST_GROUPS {
            return;
        }
        let text = |key: &str| child.get(key).and_then(Value::as_str);
        let name = text("path")
            .filter(|path| !path.is_empty())
            .or(text("name"));
        if let (Some(name), Some(stats)) = (name, child.get("stats")) {
            let is_request = text("type") == Some("REQUEST");
            if is_request || !results.groups.contains_key(name) {
                results
                    .groups
                    .insert(name.to_owned(), group(stats, options));
            }
        }
        add_groups(child, options, results);
    }
}

/// Makes figures of one node.
fn group(stats: &Value, options: &ReadOptions) -> Group {
    let mut group = Group::default();
    let requests = |status| tree::count(stats, &["numberOfRequests", status]);
    let total = requests("total").unwrap_or(0);
    group.set_requests(total, requests("ko").unwrap_or(0).min(total));
    let counted = match options.status {
        SampleStatus::All => "total",
        SampleStatus::Ok => "ok",
    };
    if total == 0 {
        return group;
    }
    group.set_throughput(tree::number(
        stats,
        &["meanNumberOfRequestsPerSecond", "total"],
    ));
    if requests(counted).unwrap_or(0) == 0 {
        return group;
    }
    let times = [
        ("avg", "meanResponseTime"),
        ("min", "minResponseTime"),
        ("max", "maxResponseTime"),
    ];
    for (name, key) in times {
        group.set_time(name, tree::number(stats, &[key, counted]), None);
    }
    let ranks = if options.percentiles.is_empty() {
        &RANKS
    } else {
        options.percentiles.as_slice()
    };
    for (rank, place) in ranks.iter().zip(1..=4) {
        let key = format!("percentiles{place}");
        group.set_time(
            &percentile_name(*rank),
            tree::number(stats, &[&key, counted]),
            None,
        );
    }
    group
}
