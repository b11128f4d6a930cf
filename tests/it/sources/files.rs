//! Files with results: what the real tools wrote, and what they say of it themselves.

use std::path::{Path, PathBuf};

use super::{CARTS, expect, row};

/// What an example of a file must say.
pub(super) struct Expectation {
    /// The row.
    pub(super) key: &'static str,
    /// What the tool wrote, below `fixtures/results`.
    pub(super) file: &'static str,
    /// Where the tool says the number itself.
    truth: &'static str,
    /// How it says so.
    says: &'static str,
    /// The number, in the unit that SLIs have.
    value: f64,
}

/// Makes an expectation.
const fn of(
    key: &'static str,
    file: &'static str,
    (truth, says): (&'static str, &'static str),
    value: f64,
) -> Expectation {
    Expectation {
        key,
        file,
        truth,
        says,
        value,
    }
}

/// The expectations.
pub(super) const ALL: [Expectation; 32] = [
    of(
        "k6",
        "k6/handle-summary.json",
        ("k6/handle-summary.json", "\"p(95)\": 38.70259059999999"),
        38.702_590_599_999_99,
    ),
    of(
        "k6-ndjson",
        "k6/points.json.gz",
        ("k6/handle-summary.json", "\"p(99)\": 52.89335330999995"),
        52.893_353_309_999_95,
    ),
    of(
        "jmeter-csv",
        "jmeter/default.jtl",
        ("jmeter/statistics.json", "\"errorPct\" : 5.0"),
        0.05,
    ),
    of(
        "jmeter-xml",
        "jmeter/xml.jtl",
        ("jmeter/xml.count.json", "\"requests\":40"),
        40.0,
    ),
    of(
        "jmeter-statistics",
        "jmeter/statistics.json",
        (
            "jmeter/statistics.json",
            "\"throughput\" : 108.18120351588911",
        ),
        108.181_203_515_889_11,
    ),
    of(
        "gatling-stats",
        "gatling/3.9.5.stats.json",
        (
            "gatling/3.9.5.console.txt",
            "> response time 95th percentile                         46 (",
        ),
        46.0,
    ),
    of(
        "gatling-log",
        "gatling/3.9.5.simulation.log",
        ("gatling/3.9.5.console.txt", "(actual : 4.375)"),
        0.043_75,
    ),
    of(
        "gatling-console",
        "gatling/3.15.1.console.txt",
        (
            "gatling/3.15.1.console.txt",
            "|       100 |       100 |        16",
        ),
        100.0,
    ),
    of(
        "locust-csv",
        "locust/shop_stats.csv",
        ("locust/shop_stats.csv", ",Aggregated,160,7,"),
        7.0 / 160.0,
    ),
    of(
        "locust-json",
        "locust/shop.json",
        (
            "locust/shop_stats.csv",
            "POST,/login,40,0,14,15.343155899881822,5.949741998847458,30.5470069997682,",
        ),
        30.547_006_999_768_2,
    ),
    of(
        "artillery",
        "artillery/shop.json",
        ("artillery/shop.json", "\"p95\": 40"),
        40.0,
    ),
    of(
        "vegeta",
        "vegeta/shop.json",
        ("vegeta/shop.json", "\"95th\":46039030"),
        46.039_03,
    ),
    of(
        "vegeta-ndjson",
        "vegeta/shop.ndjson",
        ("vegeta/shop.json", "\"max\":60436096"),
        60.436_096,
    ),
    of(
        "oha",
        "oha/flaky.json",
        ("oha/flaky.json", "\"p95\": 0.018968933"),
        18.968_933,
    ),
    of(
        "oha-csv",
        "oha/flaky.csv",
        (
            "oha/flaky.csv.count.json",
            "\"requests\":200,\"failures\":48",
        ),
        200.0,
    ),
    of(
        "hey",
        "hey/good.txt",
        ("hey/good.txt", "95% in 0.0195 secs"),
        19.5,
    ),
    of(
        "hey-csv",
        "hey/flaky.csv",
        (
            "hey/flaky.csv.count.json",
            "\"requests\":200,\"failures\":48",
        ),
        200.0,
    ),
    of(
        "wrk",
        "wrk/latency.txt",
        ("wrk/latency.txt", "99%   20.23ms"),
        20.23,
    ),
    of(
        "hyperfine",
        "hyperfine/plain.json",
        ("hyperfine/plain.json", "\"mean\": 0.0009989710833333335"),
        0.000_998_971_083_333_333_5,
    ),
    of(
        "criterion",
        "criterion/criterion",
        (
            "criterion/criterion/sums/thousand/new/estimates.json",
            "\"slope\":{\"confidence_interval\":{\"confidence_level\":0.95,\"lower_bound\":2754.741569233132,\"upper_bound\":2771.238264715592},\"point_estimate\":2764.0585136227946",
        ),
        2_764.058_513_622_794_6,
    ),
    of(
        "cargo-criterion",
        "criterion/messages.ndjson",
        (
            "criterion/messages.ndjson",
            "\"change\":{\"mean\":{\"estimate\":1.0023840868839327",
        ),
        1.002_384_086_883_932_7,
    ),
    of(
        "bencher",
        "criterion/bencher.txt",
        (
            "criterion/bencher.txt",
            "test sums/thousand ... bench:       1,351 ns/iter",
        ),
        1_351.0,
    ),
    of(
        "junit",
        "junit/pytest.xml",
        (
            "junit/pytest.xml",
            "errors=\"1\" failures=\"1\" skipped=\"2\" tests=\"7\"",
        ),
        3.0 / 5.0,
    ),
    of(
        "lcov",
        "coverage/python.lcov",
        (
            "coverage/coverage-py.json",
            "\"percent_statements_covered\": 75.0",
        ),
        75.0,
    ),
    of(
        "cobertura",
        "coverage/cobertura.xml",
        (
            "coverage/cobertura.xml",
            "branches-valid=\"6\" branches-covered=\"4\"",
        ),
        400.0 / 6.0,
    ),
    of(
        "jacoco",
        "coverage/jacoco.xml",
        ("coverage/jacoco.csv", "coverage,shop,Basket,14,29,3,3,2,6,"),
        75.0,
    ),
    of(
        "go-cover",
        "coverage/go-set.cover",
        ("coverage/README.md", "5 of 7 statements"),
        500.0 / 7.0,
    ),
    of(
        "istanbul",
        "coverage/istanbul-summary.json",
        (
            "coverage/istanbul-summary.json",
            "\"functions\":{\"total\":3,\"covered\":1,",
        ),
        100.0 / 3.0,
    ),
    of(
        "llvm-cov",
        "coverage/llvm.json",
        (
            "coverage/llvm.json",
            "\"lines\":{\"count\":21,\"covered\":16,",
        ),
        1600.0 / 21.0,
    ),
    of(
        "openmetrics",
        "openmetrics/shop.prom",
        (
            "openmetrics/shop.prom",
            "status=\"500\"} 7.0\nshop_requests_total{method=\"POST\",status=\"500\"} 7.0",
        ),
        14.0,
    ),
    of(
        "json",
        "coverage/coverage-py.json",
        (
            "coverage/coverage-py.json",
            "\"percent_covered\": 72.72727272727273",
        ),
        72.727_272_727_272_73,
    ),
    of(
        "csv",
        "coverage/jacoco.csv",
        ("coverage/jacoco.csv", "coverage,shop,Basket,14,29,3,3,2,6,"),
        6.0,
    ),
];

/// Returns the rows that are expected.
pub(super) fn keys() -> Vec<&'static str> {
    ALL.iter().map(|expectation| expectation.key).collect()
}

/// Returns where a fixture is.
pub(super) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/results")
        .join(name)
}

/// Copies a file, or a folder with all that is in it.
fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
        return;
    }
    std::fs::create_dir_all(to.parent().unwrap()).unwrap();
    std::fs::copy(from, to).unwrap();
}

#[test]
fn every_example_of_a_file_says_what_the_tool_says() {
    for Expectation {
        key,
        file,
        truth,
        says,
        value,
    } in ALL
    {
        let said = std::fs::read_to_string(fixture(truth)).unwrap();
        assert!(said.contains(says), "{key}: {truth} does not say {says}");
        let row = row(key);
        let gate = row.gate().args(CARTS);
        copy(&fixture(file), &gate.path(&row.word("path")));
        expect(key, &gate, value);
    }
}
