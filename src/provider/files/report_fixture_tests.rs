//! What real tools wrote of tests, coverage, benchmarks, and metrics, against what they state.

#![expect(
    clippy::float_cmp,
    clippy::disallowed_methods,
    reason = "the numbers of the tests are exact, and come from files of real tools"
)]

use super::openmetrics::{Exposition, MetricsQuery, MetricsSpec};
use super::results::Group;
use super::test_output::{Reader, assert_figures, path, read, value};
use super::{cobertura, criterion, go_cover, hyperfine, istanbul, jacoco, junit, lcov, llvm_cov};

#[test]
fn test_cases_are_counted_whatever_the_attributes_say() {
    for (name, counts) in [
        // Total, failed, errors, skipped, flaky, passed.
        ("pytest", [7.0, 1.0, 1.0, 2.0, 0.0, 3.0]),
        ("pytest-good", [2.0, 0.0, 0.0, 0.0, 0.0, 2.0]),
        ("pytest-broken", [1.0, 0.0, 1.0, 0.0, 0.0, 0.0]),
        ("TEST-shop.BasketTest", [5.0, 1.0, 1.0, 1.0, 1.0, 2.0]),
        ("TEST-shop.TillTest", [1.0, 0.0, 0.0, 0.0, 0.0, 1.0]),
    ] {
        let results = read(junit::read, &format!("junit/{name}.xml"));
        let names = ["total", "failed", "errors", "skipped", "flaky", "passed"];
        let found = names.map(|kind| value(&results.total, &format!("tests_{kind}")).unwrap());
        assert_eq!(found, counts, "{name}");
        let rate = value(&results.total, "test_pass_rate").unwrap();
        assert!(
            (rate - counts[5] / (counts[0] - counts[3])).abs() < 1e-12,
            "{name}"
        );
    }
    let none = read(junit::read, "junit/pytest-none.xml");
    assert_eq!(none.total, Group::default());
}

/// What the tools state of a report: how many lines, branches, and functions were reached, of how many.
type Stated = (
    Reader,
    &'static str,
    (u32, u32),
    Option<(u32, u32)>,
    Option<(u32, u32)>,
);

/// Reports of coverage with what their tools state.
const COVERAGE: [Stated; 15] = [
    (
        cobertura::read,
        "cobertura.xml",
        (12, 16),
        Some((4, 6)),
        None,
    ),
    (cobertura::read, "cobertura-lines.xml", (12, 16), None, None),
    (
        cobertura::read,
        "istanbul-cobertura.xml",
        (13, 18),
        Some((4, 6)),
        Some((1, 3)),
    ),
    (lcov::read, "python.lcov", (12, 16), Some((4, 6)), None),
    (lcov::read, "gcc.lcov", (12, 15), Some((4, 6)), None),
    (lcov::read, "gcc-twice.lcov", (12, 15), Some((4, 6)), None),
    (lcov::read, "gcc-merged.lcov", (12, 15), Some((4, 6)), None),
    (
        lcov::read,
        "llvm.lcov",
        (16, 21),
        Some((4, 6)),
        Some((3, 4)),
    ),
    (
        lcov::read,
        "istanbul.lcov",
        (13, 18),
        Some((4, 6)),
        Some((1, 3)),
    ),
    (
        llvm_cov::read,
        "llvm.json",
        (16, 21),
        Some((4, 6)),
        Some((3, 4)),
    ),
    (
        llvm_cov::read,
        "llvm-summary.json",
        (16, 21),
        Some((4, 6)),
        Some((3, 4)),
    ),
    (
        istanbul::read,
        "istanbul-summary.json",
        (13, 18),
        Some((4, 6)),
        Some((1, 3)),
    ),
    (
        jacoco::read,
        "jacoco.xml",
        (6, 8),
        Some((3, 6)),
        Some((2, 3)),
    ),
    (go_cover::read, "go-set.cover", (5, 7), None, None),
    (go_cover::read, "go-atomic.cover", (5, 7), None, None),
];

#[test]
fn coverage_is_what_the_tools_state() {
    for (reader, name, lines, branches, functions) in COVERAGE {
        let results = read(reader, &format!("coverage/{name}"));
        let percent = |(reached, total): (u32, u32)| f64::from(reached) / f64::from(total) * 100.0;
        let line = value(&results.total, "coverage_line");
        assert_eq!(line, Some(percent(lines)), "lines of {name}");
        let branch = value(&results.total, "coverage_branch");
        assert_eq!(branch, branches.map(percent), "branches of {name}");
        if functions.is_some() {
            let function = value(&results.total, "coverage_function");
            assert_eq!(function, functions.map(percent), "functions of {name}");
        }
        assert_eq!(results.warnings, [""; 0], "{name}");
    }
    let empty = read(istanbul::read, "coverage/istanbul-summary-empty.json");
    assert_eq!(empty.total, Group::default());
}

#[test]
fn hyperfine_is_read_command_by_command() {
    for prefix in ["", "newest-"] {
        let failing = read(hyperfine::read, &format!("hyperfine/{prefix}failing.json"));
        assert_figures(&failing.total, &[("exit_failures", 9.0)]);
        assert_figures(&failing.groups["exit 7"], &[("exit_failures", 6.0)]);
        assert_eq!(value(&failing.total, "duration"), None);
        let parameters = read(
            hyperfine::read,
            &format!("hyperfine/{prefix}parameters.json"),
        );
        assert_eq!(
            parameters.groups["millis=20"],
            parameters.groups["sleep 0.020"]
        );
        let one = read(hyperfine::read, &format!("hyperfine/{prefix}one-run.json"));
        assert!(value(&one.total, "duration").unwrap() > 0.02);
        assert_eq!(value(&one.total, "duration_stddev"), None);
    }
    let failing = read(hyperfine::read, "hyperfine/failing.json");
    assert_figures(
        &failing.groups["sleep 0.01"],
        &[
            ("duration_mean", 0.011_222_901_459_999_999),
            ("duration_median", 0.011_059_803_46),
            ("duration_p95", 0.011_705_373_96),
            ("duration_p50", 0.010_991_836_96),
        ],
    );
}

#[test]
fn criterion_is_read_in_every_form() {
    let one = read(
        criterion::read_estimates,
        "criterion/criterion/flat/million/new/estimates.json",
    );
    let text = path("criterion/criterion/flat/million/new/estimates.json");
    let text = std::fs::read_to_string(text).unwrap();
    let written: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mean = written["mean"]["point_estimate"].as_f64().unwrap();
    assert_figures(&one.total, &[("mean", mean), ("typical", mean)]);
    assert_eq!(value(&one.total, "slope"), None);
    let folder = criterion::read_folder(&path("criterion/criterion")).unwrap();
    let names: Vec<_> = folder.groups.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["alone", "flat/million", "sums/thousand", "sums/up_to/64"]
    );
    assert_eq!(
        folder.native["flat/million.mean"],
        one.total.figures["mean"]
    );
    assert!(value(&folder.groups["sums/thousand"], "change.mean").unwrap() > 0.8);
    assert!(value(&folder.total, "regressions_count").unwrap() >= 1.0);
    let bencher = read(criterion::read_bencher, "criterion/bencher.txt");
    let printed = std::fs::read_to_string(path("criterion/bencher.txt")).unwrap();
    let time = value(&bencher.groups["flat/million"], "typical").unwrap();
    let (thousands, rest) = ((time / 1000.0).trunc(), time % 1000.0);
    let line = format!("test flat/million ... bench:     {thousands},{rest:03} ns/iter");
    assert!(printed.contains(&line), "{line}");
    assert_eq!(bencher.groups.len(), 4);
}

#[test]
fn the_messages_of_cargo_criterion_tell_regressions() {
    let messages = read(criterion::read_messages, "criterion/messages.ndjson");
    let text = std::fs::read_to_string(path("criterion/messages.ndjson")).unwrap();
    let written: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    let number = |path: &str| written.pointer(path).unwrap().as_f64().unwrap();
    assert_figures(
        &messages.groups["sums/thousand"],
        &[
            ("typical", number("/slope/estimate")),
            ("mean", number("/mean/estimate")),
            ("median", number("/median/estimate")),
            ("change.mean", number("/change/mean/estimate")),
        ],
    );
    assert!(value(&messages.total, "regressions_count").unwrap() >= 1.0);
    let first = read(criterion::read_messages, "criterion/messages-first.ndjson");
    assert_eq!(value(&first.total, "regressions_count"), None);
    assert_eq!(first.groups.len(), 4);
}

#[test]
fn prometheus_text_and_openmetrics_say_the_same() {
    let ask = |file: &str, spec: &str| {
        let bytes = std::fs::read(path(&format!("openmetrics/{file}"))).unwrap();
        let spec: MetricsSpec = serde_json::from_str(spec).unwrap();
        let query = MetricsQuery::try_from(&spec).unwrap();
        query
            .ask(&Exposition::parse(&bytes).unwrap(), None)
            .unwrap()
    };
    for file in ["shop.prom", "shop.openmetrics"] {
        // The script observes 1, 2, … 200 ms, and fails the first 14.
        let errors = ask(
            file,
            r#"{"ratio": {"num": "shop_requests_total{status=~\"5..\"}", "den": "shop_requests_total"}}"#,
        );
        assert_eq!((errors.values, errors.samples), (vec![0.07], Some(200)));
        let median = ask(
            file,
            r#"{"select": "shop_request_duration_seconds", "histogram_quantile": 0.5}"#,
        );
        assert_eq!((median.values, median.samples), (vec![0.1], Some(200)));
        let quoted = ask(
            file,
            r#"{"select": "shop_temperature_celsius{room=\"a \\\"quoted\\\"\\\\room\\nwith two lines\"}"}"#,
        );
        assert_eq!(quoted.values, [21.0]);
        assert!(ask(file, r#"{"select": "shop_hit_ratio"}"#).values[0].is_nan());
        assert_eq!(
            ask(file, r#"{"select": "shop_limit"}"#).values,
            [f64::INFINITY]
        );
        assert_eq!(
            ask(file, r#"{"select": "shop_hit_ratio"}"#).warnings,
            [""; 0]
        );
    }
    let count = |file: &str| {
        let bytes = std::fs::read(path(&format!("openmetrics/{file}"))).unwrap();
        Exposition::parse(&bytes).unwrap().samples().len()
    };
    assert_eq!(count("federate.prom"), 10);
    assert!(count("prometheus.prom") > 300);
}
