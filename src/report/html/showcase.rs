//! An evaluation as a shop might have it, after twenty-four others: what pictures and tests in a browser show.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::gate::event::{CloudEvent, finished_event, trend_point};
use crate::gate::{IndicatorName, Outcome, Reading, Readings, Record, TimeWindow, Trend};
use crate::report::ci::{CiJob, CiSystem};
use crate::report::golden::compare;
use crate::report::samples::record_of;
use crate::report::{Account, Ended};

/// How many evaluations there were before.
const EARLIER: u32 = 24;

/// What must hold.
const SLO: &str = r#"# What must hold for a release of the shop's cart to go on.
spec_version: "1.0"

comparison:
  compare_with: several_results
  number_of_comparison_results: 5
  include_result_with_score: pass
  aggregate_function: avg

objectives:
  - sli: response_time_p95
    displayName: Response time p95
    weight: 2
    pass:
      - criteria:
          - "<=+10%"    # of earlier runs
          - "<600"      # milliseconds
    warning:
      - criteria:
          - "<=800"     # counts half

  # A key SLI that fails makes the whole evaluation fail, whatever the score.
  - sli: error_rate
    displayName: Error rate
    key_sli: true
    weight: 2
    pass:
      - criteria:
          - "<1"        # per cent

  - sli: throughput
    displayName: Throughput
    pass:
      - criteria:
          - ">=-10%"
          - ">=50"      # requests a second

  - sli: checkout_success
    displayName: Checkout success
    pass:
      - criteria:
          - ">=99"
    warning:
      - criteria:
          - ">=97"

  - sli: heap_after_gc
    displayName: Heap after collection
    pass:
      - criteria:
          - "<=+5%"
    warning:
      - criteria:
          - "<=+15%"

  - sli: database_time
    displayName: Database time p95
    pass:
      - criteria:
          - "<40"
    warning:
      - criteria:
          - "<60"

  - sli: queue_delay
    displayName: Delay of the order queue
    pass:
      - criteria:
          - "<=2"

  # Without criteria an SLI is shown and stored, and never counts.
  - sli: active_users
    displayName: Active users

total_score:
  pass: "90%"
  warning: "75%"
"#;

/// The SLIs: name, usual value, how much it varies, unit, query.
const SLIS: [(&str, f64, f64, &str, &str); 8] = [
    (
        "response_time_p95",
        478.0,
        52.0,
        "ms",
        "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{service=\"carts\"}[300s]))) * 1000",
    ),
    (
        "error_rate",
        0.34,
        0.4,
        "%",
        "100 * sum(rate(http_requests_total{service=\"carts\",status=~\"5..\"}[300s]))\n  / sum(rate(http_requests_total{service=\"carts\"}[300s]))",
    ),
    (
        "throughput",
        88.0,
        9.0,
        "req/s",
        "sum(rate(http_requests_total{service=\"carts\"}[300s]))",
    ),
    (
        "checkout_success",
        99.62,
        0.4,
        "%",
        "100 * sum(increase(checkouts_total{result=\"success\"}[300s])) / sum(increase(checkouts_total[300s]))",
    ),
    (
        "heap_after_gc",
        412.0,
        16.0,
        "MB",
        "max(jvm_gc_live_data_size_bytes{service=\"carts\"}) / 1e6",
    ),
    (
        "database_time",
        27.5,
        9.0,
        "ms",
        "histogram_quantile(0.95, sum by (le) (rate(db_query_duration_seconds_bucket{service=\"carts\"}[300s]))) * 1000",
    ),
    (
        "queue_delay",
        0.8,
        0.7,
        "s",
        "max_over_time(order_queue_delay_seconds[300s])",
    ),
    (
        "active_users",
        1250.0,
        300.0,
        "",
        "sum(active_sessions{service=\"carts\"})",
    ),
];

/// Returns what an SLI was in an evaluation; `None` where there was no data.
fn value(index: usize, run: u32) -> Option<f64> {
    let (name, usual, varies, _, _) = SLIS[index];
    let seed = run.wrapping_mul(2_654_435_761) ^ u32::try_from(index).unwrap().wrapping_mul(40_503);
    let noise = f64::from((seed >> 7) % 1000) / 1000.0 - 0.5;
    let value = match (name, run) {
        ("response_time_p95", 22) => 541.6,
        ("response_time_p95", 23) => 566.3,
        ("response_time_p95", EARLIER) => 640.2,
        ("error_rate", 11) => 1.92,
        ("error_rate", EARLIER) => 1.34,
        ("throughput", 11) => 61.3,
        ("checkout_success", 11) => 98.1,
        ("checkout_success", EARLIER) => 99.4,
        ("heap_after_gc", EARLIER) => 446.8,
        ("database_time", 17) => 44.1,
        ("queue_delay", 6 | 7) => return None,
        _ => {
            usual
                + noise * varies
                + if name == "heap_after_gc" {
                    f64::from(run) * 0.2
                } else {
                    0.0
                }
        }
    };
    Some((value * 100.0).round() / 100.0)
}

/// Returns the readings of an evaluation.
fn readings(run: u32) -> Readings {
    let each = SLIS
        .iter()
        .enumerate()
        .map(|(index, (name, _, _, unit, query))| {
            let name = IndicatorName::new(*name).unwrap();
            let reading = match value(index, run) {
                Some(value) => Reading::of(name, value),
                None => Reading::new(
                    name,
                    Outcome::NoData("the query returned no data".to_owned()),
                ),
            };
            Reading {
                provider: Some("prometheus".to_owned()),
                query: Some((*query).to_owned()),
                endpoint: Some("https://prometheus.example:9090".to_owned()),
                samples: Some(1),
                unit: (!unit.is_empty()).then(|| (*unit).to_owned()),
                attempts: 1,
                elapsed: Some(Duration::from_micros(
                    11_700 + u64::try_from(index).unwrap() * 3100,
                )),
                ..reading
            }
        });
    Readings::new(each.collect())
}

/// Returns an evaluation, as the log has it.
fn evaluated(run: u32, history: &[CloudEvent]) -> Record {
    let mut record = record_of(SLO, readings(run), history);
    let build = 312 + run;
    record.ids.finished = format!("0194c8{run:02x}-7a10-7c3e-9d52-5b1f0e6a{:04x}", run * 2711);
    let at = |time: &str| format!("2024-01-{:02}T{time}Z", run + 6).parse().unwrap();
    record.time = at("10:05:01");
    record.window = TimeWindow::new(at("10:00:00"), at("10:05:00")).ok();
    record.producer = "tidegate 0.1.0".to_owned();
    record.labels = BTreeMap::from([
        ("branch".to_owned(), "main".to_owned()),
        ("buildId".to_owned(), build.to_string()),
        (
            "commit".to_owned(),
            format!(
                "{:08x}c3b2a190817263544536271809f0e1",
                build.wrapping_mul(13_371_337)
            ),
        ),
        ("jobname".to_owned(), "shop/carts".to_owned()),
        (
            "joburl".to_owned(),
            format!("https://ci.example/shop/carts/builds/{build}"),
        ),
    ]);
    record
}

/// Returns the evaluation with those before it, the newest of them first.
fn showcase() -> (Record, Trend) {
    let mut history: Vec<CloudEvent> = Vec::new();
    for run in 0..EARLIER {
        let event = finished_event(&evaluated(run, &history));
        history.insert(0, event);
    }
    let mut trend = Trend {
        points: history.iter().filter_map(trend_point).collect(),
    };
    assert_eq!(trend.points.len(), 24);
    trend.points[12].invalidated = Some("the load generator ran out of memory".to_owned());
    (evaluated(EARLIER, &history), trend)
}

#[test]
fn the_page_that_pictures_are_taken_of_is_up_to_date() {
    let (record, trend) = showcase();
    let url = record.labels["joburl"].clone();
    let job = CiJob {
        system: CiSystem::Gitlab,
        labels: BTreeMap::new(),
        repository: Some("acme/shop".to_owned()),
        commit: record.labels.get("commit").cloned(),
        url: Some(url),
    };
    let account = Account {
        trend: Some(&trend),
        stored: Some(true),
        ended: Some(Ended {
            code: 1,
            name: "fail",
        }),
        job: Some(&job),
        ..Account::of(&record)
    };
    compare("showcase", "report.html", &super::write(&account));
}
