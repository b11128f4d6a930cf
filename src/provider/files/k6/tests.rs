//! k6's summaries, as k6 wrote them and as they could be broken.

#![expect(
    clippy::float_cmp,
    clippy::disallowed_methods,
    reason = "the numbers of the tests are exact, and come from files of real tools"
)]

use std::path::Path;

use super::*;
use crate::provider::files::k6_ndjson;

/// Returns what k6 wrote.
fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/results/k6");
    std::fs::read(folder.join(name)).unwrap()
}

/// Reads a summary that k6 wrote.
fn summary(name: &str) -> Results {
    read(&fixture(name), &ReadOptions::default()).unwrap()
}

/// Reads the samples that k6 wrote.
fn points(name: &str) -> Results {
    let bytes = fixture(name);
    if bytes.starts_with(&[0x1F, 0x8B]) {
        let mut plain = flate2::read::MultiGzDecoder::new(bytes.as_slice());
        return k6_ndjson::read(&mut plain, &ReadOptions::default()).unwrap();
    }
    k6_ndjson::read(&mut bytes.as_slice(), &ReadOptions::default()).unwrap()
}

/// Returns a figure of the run as a whole.
fn total(results: &Results, name: &str) -> f64 {
    results.total.figures[name].value
}

#[test]
fn the_server_and_k6_agree_on_requests_and_failures_in_every_shape() {
    for results in [
        summary("summary-export.json"),
        summary("handle-summary.json"),
        summary("machine-readable-export.json"),
        summary("machine-readable-handle-summary.json"),
        points("points.json.gz"),
    ] {
        // As the server counted (count.json).
        assert_eq!(total(&results, "request_count"), 60.0);
        assert_eq!(total(&results, "failure_count"), 3.0);
        assert_eq!(total(&results, "error_rate"), 0.05);
        assert_eq!(total(&results, "checks_rate"), 0.95);
        assert_eq!(total(&results, "iterations"), 15.0);
        assert_eq!(results.groups["flaky"].figures["error_rate"].value, 0.2);
    }
}

#[test]
fn one_run_has_the_same_figures_in_every_shape() {
    for (export, data, samples) in [
        (
            "summary-export.json",
            "handle-summary.json",
            "points.json.gz",
        ),
        (
            "short-summary-export.json",
            "short-handle-summary.json",
            "short-points.json",
        ),
    ] {
        let (export, data, samples) = (summary(export), summary(data), points(samples));
        assert_eq!(export.total, data.total);
        assert_eq!(export.groups, data.groups);
        assert_eq!(export.native, data.native);
        let parts = std::iter::once((&data.total, &samples.total));
        let named = data
            .groups
            .iter()
            .map(|(name, group)| (group, &samples.groups[name]));
        for (summary, samples) in parts.chain(named) {
            for (name, figure) in &summary.figures {
                // The samples don't say how long the run took, nor what came of thresholds.
                let is_rate =
                    ["throughput", "data_received_rate", "duration"].contains(&name.as_str());
                if is_rate || name.starts_with("thresholds") {
                    continue;
                }
                let other = samples.figures[name].value;
                assert!(
                    (figure.value - other).abs() <= figure.value * 1e-12,
                    "{name} {} {other}",
                    figure.value
                );
            }
        }
        assert!((total(&data, "throughput") / total(&samples, "throughput") - 1.0).abs() < 0.2);
    }
}

#[test]
fn thresholds_that_failed_are_counted_whatever_the_polarity() {
    for results in [
        summary("summary-export.json"),
        summary("handle-summary.json"),
    ] {
        assert_eq!(total(&results, "thresholds_count"), 7.0);
        // max<20, rate<0.01, and avg<1 of the cart.
        assert_eq!(total(&results, "thresholds_failed"), 3.0);
    }
}

/// Returns what k6 wrote, as JSON.
fn document(name: &str) -> Value {
    serde_json::from_slice(&fixture(name)).unwrap()
}

#[test]
fn rates_of_the_machine_readable_shape_are_computed() {
    let results = summary("machine-readable-export.json");
    let document = document("machine-readable-export.json");
    let duration = document["config"]["duration"].as_f64().unwrap();
    assert_eq!(total(&results, "duration"), duration);
    assert_eq!(total(&results, "throughput"), 60.0 / duration);
    let metrics = document["results"]["metrics"].as_array().unwrap();
    let of = |name: &str| {
        &metrics
            .iter()
            .find(|metric| metric["name"] == name)
            .unwrap()["values"]
    };
    let p95 = of("http_req_duration")["p95"].as_f64().unwrap();
    assert_eq!(total(&results, "response_time_p95"), p95);
    let login = &results.groups["login"].figures["response_time_p90"];
    assert_eq!(
        login.value,
        of("http_req_duration{name:login}")["p90"].as_f64().unwrap()
    );
}

#[test]
fn every_number_is_there_under_its_own_name() {
    let results = summary("handle-summary.json");
    let waiting = &results.native["http_req_waiting.p(95)"];
    let document = document("handle-summary.json");
    let written = document["metrics"]["http_req_waiting"]["values"]["p(95)"]
        .as_f64()
        .unwrap();
    assert_eq!((waiting.value, waiting.unit), (written, Unit::Milliseconds));
    assert!(
        results
            .native
            .contains_key("http_req_duration{name:login}.p(99)")
    );
    let machine = summary("machine-readable-export.json");
    assert!(machine.native.contains_key("http_req_duration.p(95)"));
}

#[test]
fn a_run_without_requests_has_no_figures_of_requests() {
    for name in [
        "idle-export.json",
        "idle-handle-summary.json",
        "idle-machine-readable-export.json",
        "idle-machine-readable-handle-summary.json",
    ] {
        let results = summary(name);
        for figure in [
            "error_rate",
            "throughput",
            "request_count",
            "failure_count",
            "response_time_p95",
        ] {
            assert!(
                !results.total.figures.contains_key(figure),
                "{name} {figure}"
            );
        }
    }
}

#[test]
fn a_percentile_that_k6_was_not_asked_for_is_not_there() {
    let results = summary("default-stats-handle-summary.json");
    assert!(results.total.figures.contains_key("response_time_p95"));
    assert!(!results.total.figures.contains_key("response_time_p99"));
}

#[test]
fn null_is_not_a_number_and_no_requests_are_no_figures() {
    let text = br#"{"metrics": {"http_req_duration": {"avg": null, "p(99.9)": 3}, "http_reqs": {"count": 5, "rate": 1},
        "http_req_failed": {"passes": 0, "fails": 0, "value": 0}}, "root_group": {}}"#;
    let results = read(text, &ReadOptions::default()).unwrap();
    assert!(total(&results, "response_time_avg").is_nan());
    assert_eq!(total(&results, "response_time_p99_9"), 3.0);
    assert!(total(&results, "error_rate").is_nan());
    assert!(!results.total.figures.contains_key("failure_count"));
    let none = read(
        br#"{"metrics": {"iterations": {"count": 1, "rate": 2}}}"#,
        &ReadOptions::default(),
    );
    let none = none.unwrap();
    assert!(!none.total.figures.contains_key("error_rate"));
    assert_eq!(total(&none, "duration"), 0.5);
}

#[test]
fn tags_other_than_the_name_make_no_parts() {
    let text = br#"{"metrics": {"http_req_duration{expected_response:true}": {"avg": 1},
        "http_req_duration{name:a,method:GET}": {"avg": 1}, "http_req_duration{name:http://h/?a=1,2}": {"avg": 2},
        "http_req_duration{name: \"b c\"}": {"avg": 3}}}"#;
    let results = read(text, &ReadOptions::default()).unwrap();
    let names: Vec<&str> = results.groups.keys().map(String::as_str).collect();
    assert_eq!(names, ["b c", "http://h/?a=1,2"]);
}

#[test]
fn what_is_no_summary_is_refused() {
    for text in [
        "[]",
        "{}",
        "{\"metrics\": 5}",
        "{\"results\": {}}",
        "{\"metrics\": {\"a\": 5}}",
    ] {
        assert!(
            read(text.as_bytes(), &ReadOptions::default()).is_err(),
            "{text}"
        );
    }
    let error = read(
        &fixture("handle-summary.json")[..900],
        &ReadOptions::default(),
    )
    .unwrap_err();
    assert!(matches!(error, FileError::Truncated { .. }), "{error}");
}

#[test]
fn samples_of_an_aborted_run_lose_the_last_line_with_a_warning() {
    let results = points("truncated-points.json");
    assert!(results.warnings[0].contains("the file ends in the middle of line "));
    let bytes = fixture("short-points.json");
    let results =
        k6_ndjson::read(&mut &bytes[..bytes.len() - 40], &ReadOptions::default()).unwrap();
    assert!(
        results.warnings[0].contains("in the middle of line 156"),
        "{:?}",
        results.warnings
    );
}

#[test]
fn samples_that_cannot_be_read_are_an_error_that_names_the_line() {
    let bytes = fixture("short-points.json");
    let lines = String::from_utf8(bytes).unwrap();
    let mut lines: Vec<&str> = lines.lines().collect();
    lines[9] = "{\"type\":\"Point\",\"metric\":\"http_reqs\",\"data\":{}}";
    let error = k6_ndjson::read(&mut lines.join("\n").as_bytes(), &ReadOptions::default());
    let error = error.unwrap_err().to_string();
    assert_eq!(
        error,
        "cannot read the k6-ndjson file at line 10: a point without a `value`"
    );
    lines[9] = "oops";
    let error = k6_ndjson::read(&mut lines.join("\n").as_bytes(), &ReadOptions::default());
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("at line 10: no line of k6")
    );
    let headless = lines[1..].join("\n");
    let error = k6_ndjson::read(&mut headless.as_bytes(), &ReadOptions::default()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("which no line of type `Metric` introduces")
    );
}

#[test]
fn times_of_a_threshold_that_nothing_was_measured_for_are_no_times() {
    for text in [
        r#"{"metrics": {"http_req_duration": {"avg": 0, "min": 0, "med": 0, "max": 0, "p(95)": 0}}}"#,
        r#"{"metrics": {"http_req_duration": {"type": "trend", "contains": "time", "values": {"avg": 0, "max": 0, "p(95)": 0}}}}"#,
    ] {
        let results = read(text.as_bytes(), &ReadOptions::default()).unwrap();
        for name in [
            "response_time_avg",
            "response_time_p95",
            "response_time_max",
        ] {
            assert!(total(&results, name).is_nan(), "{name}");
        }
    }
}
