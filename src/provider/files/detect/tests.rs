//! Formats by content, with what real tools wrote.

#![expect(
    clippy::disallowed_methods,
    reason = "the tests read what real tools wrote"
)]

use std::path::Path;

use super::*;

/// What real tools wrote.
const WRITTEN: [(&str, Format); 60] = [
    ("k6/summary-export.json", Format::K6),
    ("k6/handle-summary.json", Format::K6),
    ("k6/machine-readable-export.json", Format::K6),
    ("k6/machine-readable-handle-summary.json", Format::K6),
    ("k6/idle-export.json", Format::K6),
    ("k6/idle-machine-readable-export.json", Format::K6),
    ("k6/short-points.json", Format::K6Ndjson),
    ("k6/truncated-points.json", Format::K6Ndjson),
    ("jmeter/default.jtl", Format::JmeterCsv),
    ("jmeter/counts.jtl", Format::JmeterCsv),
    ("jmeter/dates.jtl", Format::JmeterCsv),
    ("jmeter/no-header.jtl", Format::JmeterCsv),
    ("jmeter/none.jtl", Format::JmeterCsv),
    ("jmeter/semicolon.jtl", Format::JmeterCsv),
    ("jmeter/tab.jtl", Format::JmeterCsv),
    ("jmeter/xml.jtl", Format::JmeterXml),
    ("jmeter/statistics.json", Format::JmeterStatistics),
    ("gatling/3.9.5.stats.json", Format::GatlingStats),
    ("gatling/3.13.4.global_stats.json", Format::GatlingStats),
    ("gatling/3.9.5.simulation.log", Format::GatlingLog),
    ("gatling/3.9.5.console.txt", Format::GatlingConsole),
    ("gatling/3.15.1-large.console.txt", Format::GatlingConsole),
    ("locust/shop.json", Format::LocustJson),
    ("locust/shop_stats.csv", Format::LocustCsv),
    ("locust/empty_stats.csv", Format::LocustCsv),
    ("artillery/shop.json", Format::Artillery),
    ("artillery/slow.json", Format::Artillery),
    ("wrk/plain.txt", Format::Wrk),
    ("wrk/latency.txt", Format::Wrk),
    ("wrk/errors.txt", Format::Wrk),
    ("hey/good.txt", Format::Hey),
    ("hey/refused.txt", Format::Hey),
    ("hey/flaky.csv", Format::HeyCsv),
    ("oha/flaky.csv", Format::OhaCsv),
    ("oha/good.json", Format::Oha),
    ("oha/refused.json", Format::Oha),
    ("vegeta/shop.json", Format::Vegeta),
    ("vegeta/shop.buckets.json", Format::Vegeta),
    ("vegeta/shop.ndjson", Format::VegetaNdjson),
    ("hyperfine/plain.json", Format::Hyperfine),
    ("hyperfine/newest-plain.json", Format::Hyperfine),
    ("criterion/bencher.txt", Format::Bencher),
    ("criterion/messages.ndjson", Format::CargoCriterion),
    ("criterion/messages-first.ndjson", Format::CargoCriterion),
    ("junit/pytest.xml", Format::Junit),
    ("junit/TEST-shop.BasketTest.xml", Format::Junit),
    ("coverage/cobertura.xml", Format::Cobertura),
    ("coverage/istanbul-cobertura.xml", Format::Cobertura),
    ("coverage/gcc.lcov", Format::Lcov),
    ("coverage/istanbul.lcov", Format::Lcov),
    ("coverage/python.lcov", Format::Lcov),
    ("coverage/llvm.lcov", Format::Lcov),
    ("coverage/go-set.cover", Format::GoCover),
    ("coverage/istanbul-summary.json", Format::Istanbul),
    ("coverage/jacoco.xml", Format::Jacoco),
    ("coverage/llvm.json", Format::LlvmCov),
    ("coverage/llvm-summary.json", Format::LlvmCov),
    ("openmetrics/shop.prom", Format::Openmetrics),
    ("openmetrics/shop.openmetrics", Format::Openmetrics),
    ("openmetrics/federate.prom", Format::Openmetrics),
];

/// The least that makes a format.
const SHAPES: [(&str, Format); 21] = [
    (r#"{"aggregate": {"counters": {}}}"#, Format::Artillery),
    (
        r#"{"aggregate": {"requestsCompleted": 1}}"#,
        Format::Artillery,
    ),
    (
        r#"{"summary": {"requestsPerSec": 1}, "latencyPercentiles": {}}"#,
        Format::Oha,
    ),
    (
        r#"{"results": [{"command": "x", "mean": 1}]}"#,
        Format::Hyperfine,
    ),
    (r#"{"mean": {"point_estimate": 1}}"#, Format::Criterion),
    (
        "{\"reason\": \"benchmark-complete\", \"id\": \"a\"}\n{\"reason\": 1}",
        Format::CargoCriterion,
    ),
    (r#"{"total": {"lines": {"pct": 1}}}"#, Format::Istanbul),
    (r#"{"data": [{"totals": {}}]}"#, Format::LlvmCov),
    (
        r#"{"numberOfRequests": {"total": 1}}"#,
        Format::GatlingStats,
    ),
    (
        r#"{"type": "GROUP", "contents": {}, "stats": {"numberOfRequests": {}}}"#,
        Format::GatlingStats,
    ),
    (
        "<?xml version=\"1.0\"?>\n<!-- x --><testsuites/>",
        Format::Junit,
    ),
    (
        "<!DOCTYPE coverage SYSTEM \"http://h/c.dtd\" [<!ENTITY a \"b\">]><coverage line-rate=\"1\"/>",
        Format::Cobertura,
    ),
    (
        "<report name=\"x\"><counter type=\"LINE\"/></report>",
        Format::Jacoco,
    ),
    ("TN:\nSF:a.c\nend_of_record\n", Format::Lcov),
    ("mode: set\na.go:1.1,2.2 1 1\n", Format::GoCover),
    ("# TYPE up gauge\nup 1\n", Format::Openmetrics),
    ("Running 10s test @ http://h/\n  2 threads\n", Format::Wrk),
    (
        "\nSummary:\n  Total: 1 secs\n  Requests/sec: 5\n",
        Format::Hey,
    ),
    (
        "x\n---- Global Information -----\n> request count\n",
        Format::GatlingConsole,
    ),
    ("RUN\tsim\tsim\t1700000000000\t \t2.0\n", Format::GatlingLog),
    (
        "running 1 test\ntest a ... bench:  1 ns/iter (+/- 1)\n",
        Format::Bencher,
    ),
];

/// Detects a whole text.
fn whole(text: impl AsRef<[u8]>) -> Result<Format, FileError> {
    detect(text.as_ref(), Extent::Whole).map(Option::unwrap)
}

#[test]
fn every_file_of_a_real_tool_is_recognised() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/results");
    for (name, format) in WRITTEN {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        assert_eq!(whole(&bytes).unwrap(), format, "{name}");
        // A byte order mark and blanks in front make no difference.
        let marked = [b"\xEF\xBB\xBF\r\n".as_slice(), &bytes].concat();
        assert_eq!(whole(&marked).unwrap(), format, "{name}");
    }
}

#[test]
fn shapes_are_recognised_by_their_keys() {
    for (text, format) in SHAPES {
        assert_eq!(whole(text).unwrap(), format, "{text}");
    }
}

#[test]
fn what_is_not_recognised_lists_the_formats() {
    for (text, looks) in [
        ("{\"a\": 1, \"b\": 2}", "it is JSON with a, b"),
        ("[]", "it is JSON without keys"),
        ("<html><body/></html>", "it is a page of HTML"),
        ("<!DOCTYPE html>\n<html/>", "it is a page of HTML"),
        ("<foo/>", "it is XML, and its root is `foo`"),
        ("a,b\n1,2\n", "it begins with `a,b`"),
        (
            "Summary:\n  Success rate: 100%\n  Requests/sec: 5\n",
            "it looks like oha's text",
        ),
        ("\u{1b}[31mred", "it begins with `\\u{1b}[31mred`"),
    ] {
        let error = whole(text).unwrap_err().to_string();
        assert!(error.contains(looks), "{error}");
        assert!(
            error.contains("name it with `format:`, one of k6, k6-ndjson, "),
            "{error}"
        );
    }
}

#[test]
fn what_could_be_several_names_them() {
    let text = "Running 1s test @ http://h/\nSummary:\nRequests/sec: 5\n";
    let error = whole(text).unwrap_err().to_string();
    assert_eq!(
        error,
        "the file could be any of wrk, hey: name its format with `format:`"
    );
}

#[test]
fn empty_binary_and_other_encodings_are_told() {
    assert!(matches!(whole(""), Err(FileError::Empty)));
    assert!(matches!(whole(" \n"), Err(FileError::Empty)));
    assert!(matches!(
        whole(b"\xFF\xFE{\0"),
        Err(FileError::Encoding { .. })
    ));
    assert!(matches!(
        whole(b"PK\x03\x04\0\0"),
        Err(FileError::Encoding { .. })
    ));
}

#[test]
fn a_head_that_shows_nothing_yet_asks_for_more() {
    assert_eq!(
        detect(b"{\"root_group\": {\"a\":", Extent::Head).unwrap(),
        None
    );
    let head = br#"{"state": {}, "metrics": {"http_reqs": {"type": "counter", "values": {"#;
    assert_eq!(detect(head, Extent::Head).unwrap(), Some(Format::K6));
}
