//! What real tools wrote, against what the server counted while they ran (`fixtures/results`).

#![expect(
    clippy::float_cmp,
    clippy::disallowed_methods,
    reason = "the numbers of the tests are exact, and come from files of real tools"
)]

use std::path::{Path, PathBuf};

use super::failure::FileError;
use super::options::ReadOptions;
use super::results::Results;
use super::{hey_csv, jmeter_csv, jmeter_xml, locust_json, oha_csv, vegeta_ndjson};

/// A reader of samples.
type ReadSamples = fn(&mut dyn std::io::Read, &ReadOptions) -> Result<Results, FileError>;

/// Returns where a fixture is.
fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/results")
        .join(name)
}

/// Reads a fixture.
fn read(reader: ReadSamples, name: &str) -> Results {
    let bytes = std::fs::read(path(name)).unwrap();
    reader(&mut bytes.as_slice(), &ReadOptions::default()).unwrap()
}

/// Returns how many requests the server counted, and how many it failed.
fn counted(name: &str) -> (f64, f64) {
    let text = std::fs::read_to_string(path(name)).unwrap();
    let counts: serde_json::Value = serde_json::from_str(&text).unwrap();
    let number = |key: &str| counts[key].as_f64().unwrap();
    (number("requests"), number("failures"))
}

/// Returns a figure of the run as a whole.
fn total(results: &Results, name: &str) -> f64 {
    results.total.figures[name].value
}

#[test]
fn jmeter_and_the_server_agree_in_every_layout() {
    for name in [
        "default",
        "counts",
        "dates",
        "no-header",
        "parent",
        "semicolon",
        "tab",
    ] {
        let results = read(jmeter_csv::read, &format!("jmeter/{name}.jtl"));
        let (requests, _) = counted(&format!("jmeter/{name}.count.json"));
        assert_eq!(total(&results, "request_count"), requests, "{name}");
        // A transaction has its figures by name, and none in the total.
        assert!(results.groups.contains_key("sign in"), "{name}");
        let parts = results.groups.iter().filter(|(name, _)| *name != "sign in");
        let sum: f64 = parts
            .map(|(_, group)| group.figures["request_count"].value)
            .sum();
        assert_eq!(sum, requests, "{name}");
        assert_eq!(results.warnings, [""; 0], "{name}");
    }
    for name in ["xml", "xml-nested"] {
        let results = read(jmeter_xml::read, &format!("jmeter/{name}.jtl"));
        let (requests, _) = counted(&format!("jmeter/{name}.count.json"));
        assert_eq!(total(&results, "request_count"), requests, "{name}");
        assert!(
            results
                .groups
                .contains_key("cart, with \"quotes\"; and more"),
            "{name}"
        );
        assert_eq!(results.warnings, [""; 0], "{name}");
    }
}

#[test]
fn requests_that_the_server_failed_are_failures() {
    // The flaky page alone fails at the server; assertions of the test plan fail others.
    let results = read(jmeter_csv::read, "jmeter/default.jtl");
    let (_, failures) = counted("jmeter/default.count.json");
    assert_eq!(
        results.groups["GET /flaky"].figures["failure_count"].value,
        failures
    );
    for (reader, name) in [
        (hey_csv::read as ReadSamples, "hey/flaky.csv"),
        (oha_csv::read, "oha/flaky.csv"),
        (vegeta_ndjson::read, "vegeta/shop.ndjson"),
    ] {
        let results = read(reader, name);
        let count = if name.starts_with("vegeta") {
            name.replace(".ndjson", ".count.json")
        } else {
            format!("{name}.count.json")
        };
        let (requests, failures) = counted(&count);
        assert_eq!(total(&results, "request_count"), requests, "{name}");
        if name.starts_with("vegeta") {
            assert_eq!(total(&results, "failure_count"), failures, "{name}");
        } else {
            // Requests without an answer are missing.
            assert!(
                !results.total.figures.contains_key("failure_count"),
                "{name}"
            );
        }
        assert!(total(&results, "throughput") > 0.0, "{name}");
    }
    let locust = std::fs::read(path("locust/shop.json")).unwrap();
    let locust = locust_json::read(&locust, &ReadOptions::default()).unwrap();
    let (requests, failures) = counted("locust/count.json");
    assert_eq!(total(&locust, "request_count"), requests);
    assert_eq!(total(&locust, "failure_count"), failures);
    assert_eq!(
        locust.groups["/login"].figures["response_time_max"].value,
        30.547_006_999_768_2
    );
}

#[test]
fn samples_and_report_of_one_attack_agree() {
    let text = std::fs::read_to_string(path("vegeta/shop.json")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    let results = read(vegeta_ndjson::read, "vegeta/shop.ndjson");
    let milliseconds = |key: &str| report["latencies"][key].as_f64().unwrap() / 1e6;
    assert_eq!(total(&results, "response_time_max"), milliseconds("max"));
    assert_eq!(total(&results, "response_time_min"), milliseconds("min"));
    assert!((total(&results, "response_time_avg") - milliseconds("mean")).abs() < 1e-5);
    assert!(
        (total(&results, "error_rate") + report["success"].as_f64().unwrap() - 1.0).abs() < 1e-12
    );
    assert!((total(&results, "throughput") - report["rate"].as_f64().unwrap()).abs() < 1e-9);
}

#[test]
fn runs_without_an_answer_have_no_figures_of_answers() {
    let refused = read(vegeta_ndjson::read, "vegeta/refused.ndjson");
    assert_eq!(total(&refused, "error_rate"), 1.0);
    for (reader, name) in [
        (hey_csv::read as ReadSamples, "hey/timeouts.csv"),
        (oha_csv::read, "oha/refused.csv"),
    ] {
        let results = read(reader, name);
        assert_eq!(results.total.figures.len(), 0, "{name}");
        assert_eq!(
            results.warnings.last().unwrap(),
            "the file has no samples",
            "{name}"
        );
    }
}
