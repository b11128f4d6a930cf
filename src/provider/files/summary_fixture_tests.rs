//! What real tools wrote as summaries, against what they printed and what the server counted (`fixtures/results`).

#![expect(
    clippy::float_cmp,
    clippy::disallowed_methods,
    reason = "the numbers of the tests are exact, and come from files of real tools"
)]

use std::path::{Path, PathBuf};

use super::failure::FileError;
use super::openmetrics::{Exposition, MetricsQuery, MetricsSpec};
use super::options::{ErrorKinds, ReadOptions, SampleStatus};
use super::results::{Group, Results};
use super::{
    artillery, cobertura, criterion, gatling_console, gatling_log, gatling_stats, go_cover, hey,
    hyperfine, istanbul, jacoco, jmeter_statistics, junit, lcov, llvm_cov, locust_csv, oha,
    openmetrics, vegeta, wrk,
};

/// A reader of summaries.
type Reader = fn(&[u8], &ReadOptions) -> Result<Results, FileError>;

/// Returns where a fixture is.
fn path(name: &str) -> PathBuf {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/results");
    fixtures.join(name)
}

/// Reads a fixture under some options.
fn read_with(reader: Reader, name: &str, options: &ReadOptions) -> Results {
    let bytes = std::fs::read(path(name)).unwrap();
    reader(&bytes, options).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Reads a fixture.
fn read(reader: Reader, name: &str) -> Results {
    read_with(reader, name, &ReadOptions::default())
}

/// Returns a figure.
fn value(group: &Group, name: &str) -> Option<f64> {
    group.figures.get(name).map(|figure| figure.value)
}

/// Asserts figures, to the digits that the tool prints.
#[track_caller]
fn assert_figures(group: &Group, expected: &[(&str, f64)]) {
    for (name, number) in expected {
        let found =
            value(group, name).unwrap_or_else(|| panic!("no {name} in {:?}", group.figures.keys()));
        let is_close = (found - number).abs() <= 1e-6 * number.abs().max(1e-3);
        assert!(is_close, "{name}: {found}, expected {number}");
    }
}

/// Asserts that no response time is known.
#[track_caller]
fn assert_no_times(group: &Group) {
    let times = group
        .figures
        .keys()
        .filter(|name| name.starts_with("response_time"));
    assert_eq!(times.collect::<Vec<_>>(), [""; 0]);
}

/// Asserts that counts are those of the server, where every request that it failed is known to the tool.
#[track_caller]
fn assert_counted(results: &Results, name: &str) {
    let text = std::fs::read_to_string(path(name)).unwrap();
    let counts: serde_json::Value = serde_json::from_str(&text).unwrap();
    let number = |key: &str| counts[key].as_f64().unwrap();
    assert_figures(
        &results.total,
        &[
            ("request_count", number("requests")),
            ("failure_count", number("failures")),
            ("error_rate", number("failures") / number("requests")),
        ],
    );
}

#[test]
fn vegeta_says_what_it_prints() {
    let shop = read(vegeta::read, "vegeta/shop.json");
    assert_counted(&shop, "vegeta/shop.count.json");
    assert_figures(
        &shop.total,
        &[
            ("throughput", 40.332_168_249_362_51),
            ("response_time_avg", 15.818_374),
            ("response_time_p50", 12.806_136),
            ("response_time_p90", 37.127_753),
            ("response_time_p95", 46.039_03),
            ("response_time_p99", 58.007_821),
            ("response_time_max", 60.436_096),
            ("duration", 2.991_211_826),
        ],
    );
    assert_eq!(shop.native["throughput"].value, 37.777_331_253_436_95);
    assert_eq!(shop.native["latencies.95th"].value, 46_039_030.0);
    assert!(shop.span.is_some());
    let with_buckets = read(vegeta::read, "vegeta/shop.buckets.json");
    assert_eq!(with_buckets.total, shop.total);
    for (name, count) in [("all-500", 10.0), ("timeouts", 4.0), ("refused", 5.0)] {
        let results = read(vegeta::read, &format!("vegeta/{name}.json"));
        assert_figures(
            &results.total,
            &[("error_rate", 1.0), ("failure_count", count)],
        );
    }
}

#[test]
fn oha_counts_answers_that_say_failure_as_failures() {
    for name in ["good", "flaky", "all-500", "hang-ups"] {
        let results = read(oha::read, &format!("oha/{name}.json"));
        assert_counted(&results, &format!("oha/{name}.json.count.json"));
    }
    let flaky = read(oha::read, "oha/flaky.json");
    assert_eq!(flaky.native["summary.successRate"].value, 1.0);
    assert_figures(
        &flaky.total,
        &[
            ("error_rate", 0.24),
            ("throughput", 447.047_999_340_282_33),
            ("response_time_avg", 8.829_656_86),
            ("response_time_p95", 18.968_933),
            ("response_time_p99_9", 19.598_964),
        ],
    );
}

#[test]
fn oha_tells_successes_and_kinds_of_errors_apart_on_request() {
    let options = ReadOptions {
        status: SampleStatus::Ok,
        errors: ErrorKinds::Transport,
        ..ReadOptions::default()
    };
    let flaky = read_with(oha::read, "oha/flaky.json", &options);
    assert_figures(
        &flaky.total,
        &[("response_time_p95", 18.777_091), ("error_rate", 0.0)],
    );
    let good = read_with(oha::read, "oha/good.json", &options);
    assert_no_times(&good.total);
    assert!(good.warnings[0].contains("--stats-success-breakdown"));
}

#[test]
fn requests_that_were_aborted_by_the_deadline_are_no_failures() {
    let results = read(oha::read, "oha/deadline.json");
    assert_figures(
        &results.total,
        &[("request_count", 150.0), ("error_rate", 0.0)],
    );
}

#[test]
fn without_an_answer_there_are_failures_and_no_times() {
    for (reader, name, count) in [
        (oha::read as Reader, "oha/timeouts.json", 4.0),
        (oha::read, "oha/refused.json", 4.0),
        (hey::read, "hey/timeouts.txt", 4.0),
        (hey::read, "hey/refused.txt", 4.0),
        (wrk::read, "wrk/timeouts.txt", 6.0),
        (artillery::read, "artillery/slow.json", 4.0),
    ] {
        let results = read(reader, name);
        assert_figures(
            &results.total,
            &[("failure_count", count), ("error_rate", 1.0)],
        );
        assert_no_times(&results.total);
    }
}

#[test]
fn hey_says_what_it_prints() {
    for name in ["good", "flaky", "all-500"] {
        let results = read(hey::read, &format!("hey/{name}.txt"));
        assert_counted(&results, &format!("hey/{name}.txt.count.json"));
    }
    let flaky = read(hey::read, "hey/flaky.txt");
    assert_figures(
        &flaky.total,
        &[
            ("throughput", 421.1673),
            ("duration", 0.4749),
            ("response_time_avg", 8.9),
            ("response_time_min", 2.3),
            ("response_time_max", 20.4),
            ("response_time_p50", 7.1),
            ("response_time_p95", 18.9),
            ("response_time_p99", 20.0),
        ],
    );
    // Of 60 requests one hung up, and hey has too few for a p99, which it prints as 0 %.
    let hang_ups = read(hey::read, "hey/hang-ups.txt");
    assert_figures(
        &hang_ups.total,
        &[("request_count", 60.0), ("failure_count", 1.0)],
    );
    assert_eq!(value(&hang_ups.total, "response_time_p99"), None);
    assert_eq!(value(&hang_ups.total, "response_time_p0"), None);
}

#[test]
fn wrk_says_what_it_prints() {
    let latency = read(wrk::read, "wrk/latency.txt");
    assert_figures(
        &latency.total,
        &[
            ("request_count", 1428.0),
            ("error_rate", 0.0),
            ("throughput", 460.69),
            ("duration", 3.1),
            ("response_time_avg", 8.81),
            ("response_time_max", 20.94),
            ("response_time_p50", 8.09),
            ("response_time_p75", 12.08),
            ("response_time_p90", 16.95),
            ("response_time_p99", 20.23),
            ("data_received_rate", 70.73 * 1024.0),
        ],
    );
    assert_eq!(value(&latency.total, "response_time_p95"), None);
    let errors = read(wrk::read, "wrk/errors.txt");
    assert_figures(
        &errors.total,
        &[("failure_count", 355.0), ("error_rate", 355.0 / 1393.0)],
    );
    let all = read(wrk::read, "wrk/all-500.txt");
    assert_figures(&all.total, &[("error_rate", 1.0)]);
    // wrk leaves the 28 that were hung up on out of its 182 requests; the server counted 211.
    let hang_ups = read(wrk::read, "wrk/hang-ups.txt");
    assert_figures(
        &hang_ups.total,
        &[("request_count", 210.0), ("failure_count", 28.0)],
    );
    let fast = read(wrk::read, "wrk/fast.txt");
    assert_figures(
        &fast.total,
        &[("response_time_p50", 0.057), ("response_time_p99", 10.72)],
    );
    let refused = std::fs::read(path("wrk/refused.txt")).unwrap();
    assert!(wrk::read(&refused, &ReadOptions::default()).is_err());
}

#[test]
fn locust_says_what_it_writes() {
    let shop = read(locust_csv::read, "locust/shop_stats.csv");
    assert_counted(&shop, "locust/count.json");
    assert_figures(
        &shop.total,
        &[
            ("throughput", 118.399_172_338_549_38),
            ("response_time_avg", 16.206_289_349_952_385),
            ("response_time_p50", 14.0),
            ("response_time_p95", 44.0),
            ("response_time_p99_9", 61.0),
            ("response_time_max", 61.133_535_999_033_484),
        ],
    );
    assert_figures(&shop.groups["GET /flaky"], &[("error_rate", 7.0 / 40.0)]);
    assert_figures(&shop.groups["POST /login"], &[("response_time_p99", 31.0)]);
    let empty = read(locust_csv::read, "locust/empty_stats.csv");
    assert_eq!(empty.total, Group::default());
    assert!(empty.warnings[0].contains("no request"));
}

#[test]
fn other_files_of_locust_are_not_its_statistics() {
    for name in ["failures", "exceptions", "stats_history"] {
        let bytes = std::fs::read(path(&format!("locust/shop_{name}.csv"))).unwrap();
        let error = locust_csv::read(&bytes, &ReadOptions::default()).unwrap_err();
        assert!(error.to_string().contains("`PREFIX_stats.csv`"), "{error}");
    }
}

#[test]
fn artillery_says_what_it_writes() {
    let shop = read(artillery::read, "artillery/shop.json");
    assert_counted(&shop, "artillery/shop.count.json");
    assert_figures(
        &shop.total,
        &[
            ("response_time_avg", 15.3),
            ("response_time_p50", 13.1),
            ("response_time_p95", 40.0),
            ("response_time_p99_9", 57.4),
            ("duration", 4.778),
            ("throughput", 160.0 / 4.778),
        ],
    );
    assert_figures(
        &shop.groups["/flaky"],
        &[("error_rate", 7.0 / 40.0), ("response_time_p95", 19.1)],
    );
    assert_figures(&shop.groups["/ (home)"], &[("request_count", 40.0)]);
    let note = shop.total.figures["response_time_p95"].note.as_deref();
    assert_eq!(note, Some("time to the first byte"));
}

#[test]
fn gatling_agrees_with_the_server_in_every_form() {
    for (reader, name, count) in [
        (gatling_stats::read as Reader, "3.9.5.stats.json", "3.9.5"),
        (gatling_stats::read, "3.9.5.global_stats.json", "3.9.5"),
        (gatling_stats::read, "3.13.4.stats.json", "3.13.4"),
        (gatling_stats::read, "3.13.4.global_stats.json", "3.13.4"),
        (gatling_stats::read, "3.13.4-good.stats.json", "3.13.4-good"),
        (gatling_console::read, "3.9.5.console.txt", "3.9.5"),
        (gatling_console::read, "3.13.4.console.txt", "3.13.4"),
        (
            gatling_console::read,
            "3.13.4-good.console.txt",
            "3.13.4-good",
        ),
        (gatling_console::read, "3.15.1.console.txt", "3.15.1"),
        (
            gatling_console::read,
            "3.15.1-good.console.txt",
            "3.15.1-good",
        ),
        (
            gatling_console::read,
            "3.15.1-large.console.txt",
            "3.15.1-large",
        ),
    ] {
        let results = read(reader, &format!("gatling/{name}"));
        assert_counted(&results, &format!("gatling/{count}.count.json"));
    }
}

#[test]
fn the_console_and_the_statistics_of_one_run_of_gatling_agree() {
    for version in ["3.9.5", "3.13.4", "3.13.4-good"] {
        let console = read(
            gatling_console::read,
            &format!("gatling/{version}.console.txt"),
        );
        let stats = read(
            gatling_stats::read,
            &format!("gatling/{version}.stats.json"),
        );
        assert_eq!(
            console.total.figures.keys().collect::<Vec<_>>(),
            stats.total.figures.keys().collect::<Vec<_>>()
        );
        for (name, figure) in &console.total.figures {
            let stated = stats.total.figures[name].value;
            assert!((figure.value - stated).abs() < 0.006, "{name} of {version}");
        }
        let counts = |results: &Results, name: &str| value(&results.groups[name], "failure_count");
        assert_eq!(counts(&console, "flaky"), counts(&stats, "flaky"));
        assert_eq!(counts(&console, "cart | basket"), Some(0.0));
        assert!(
            stats.groups.contains_key("sign in / home"),
            "{:?}",
            stats.groups.keys()
        );
        assert!(console.groups.contains_key("sign in / home"));
    }
}

#[test]
fn gatling_says_what_it_prints() {
    let large = read(gatling_console::read, "gatling/3.15.1-large.console.txt");
    assert_figures(
        &large.total,
        &[
            ("request_count", 1600.0),
            ("failure_count", 107.0),
            ("throughput", 123.08),
            ("response_time_avg", 15.0),
            ("response_time_p95", 41.0),
            ("response_time_max", 132.0),
        ],
    );
    let options = ReadOptions {
        status: SampleStatus::Ok,
        percentiles: vec![50.0, 75.0, 95.0, 99.9],
        ..ReadOptions::default()
    };
    let ok = read_with(gatling_stats::read, "gatling/3.9.5.stats.json", &options);
    assert_figures(
        &ok.total,
        &[("response_time_p99_9", 85.0), ("response_time_p75", 20.0)],
    );
    assert_eq!(value(&ok.total, "response_time_p99"), None);
}

#[test]
fn the_log_of_gatling_is_read_as_text_and_refused_as_binary() {
    let read_log = |name: &str, options: &ReadOptions| {
        let bytes = std::fs::read(path(&format!("gatling/{name}.simulation.log"))).unwrap();
        gatling_log::read(&mut bytes.as_slice(), options)
    };
    let results = read_log("3.9.5", &ReadOptions::default()).unwrap();
    assert_counted(&results, "gatling/3.9.5.count.json");
    // As Gatling itself printed for this run.
    let printed = [("response_time_min", 2.0), ("response_time_max", 114.0)];
    assert_figures(&results.total, &printed);
    assert_figures(&results.groups["flaky"], &[("failure_count", 7.0)]);
    assert!(results.groups.contains_key("sign in / home"));
    assert!((value(&results.total, "response_time_p95").unwrap() - 46.0).abs() <= 1.0);
    let options = ReadOptions {
        status: SampleStatus::Ok,
        ..ReadOptions::default()
    };
    let ok = read_log("3.9.5", &options).unwrap();
    assert_figures(
        &ok.total,
        &[("request_count", 160.0), ("failure_count", 7.0)],
    );
    for name in ["3.13.4", "3.15.1"] {
        let error = read_log(name, &options).unwrap_err().to_string();
        assert!(error.contains("`gatling-console`"), "{error}");
    }
}

#[test]
fn the_dashboard_of_jmeter_says_what_it_shows() {
    let results = read(jmeter_statistics::read, "jmeter/statistics.json");
    assert_figures(
        &results.total,
        &[
            ("request_count", 160.0),
            ("failure_count", 8.0),
            ("error_rate", 0.05),
            ("response_time_p50", 14.5),
            ("response_time_p90", 31.8),
            ("response_time_p95", 43.85),
            ("response_time_p99", 62.07),
            ("throughput", 108.181_203_515_889_11),
        ],
    );
    assert_figures(&results.groups["GET /flaky"], &[("error_rate", 0.175)]);
    let options = ReadOptions {
        percentiles: vec![75.0, 99.0, 99.9],
        ..ReadOptions::default()
    };
    let results = read_with(jmeter_statistics::read, "jmeter/statistics.json", &options);
    assert_figures(
        &results.total,
        &[("response_time_p75", 31.8), ("response_time_p99_9", 62.07)],
    );
    assert_eq!(value(&results.total, "response_time_p95"), None);
}

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
    let federated = read(openmetrics::read, "openmetrics/federate.prom");
    let (start, _) = federated.span.unwrap();
    assert_eq!(start.as_millisecond(), 1_795_362_390_575);
    assert!(
        read(openmetrics::read, "openmetrics/prometheus.prom")
            .native
            .len()
            > 300
    );
}
