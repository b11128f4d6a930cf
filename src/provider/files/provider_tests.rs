//! The provider, from requests to readings, over files on disk.

#![expect(
    clippy::disallowed_methods,
    clippy::float_cmp,
    reason = "the tests write the files that the provider reads, with exact numbers"
)]

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::*;
use crate::gate::{Context, Outcome, ProviderName, Reading};
use crate::provider::contract::{self, Heard, requests};
use crate::provider::{Provider as _, Request};

/// A folder with files, and a provider over it.
struct Shelf {
    /// The folder.
    folder: tempfile::TempDir,
    /// What the provider is told.
    settings: FilesSettings,
}

impl Shelf {
    /// Starts empty.
    fn new(path: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = FilesSettings {
            folder: folder.path().to_path_buf(),
            path: Some(path.to_owned()),
            ..FilesSettings::default()
        };
        Self { folder, settings }
    }

    /// Writes a file.
    fn file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    /// Opens the provider.
    fn open(&self) -> Files {
        Files::open(&ProviderName::new("load").unwrap(), &self.settings)
    }

    /// Asks for one indicator.
    async fn ask(&self, query: &str) -> Reading {
        self.ask_with(query, "{}").await
    }

    /// Asks for one indicator with options.
    async fn ask_with(&self, query: &str, options: &str) -> Reading {
        let request = Request {
            options: serde_json::from_str(options).unwrap(),
            handling: crate::gate::Handling::default(),
            ..requests(&[query]).remove(0)
        };
        let readings = self
            .open()
            .fetch(&now(), &[request], &Heard::default())
            .await;
        readings.into_iter().next().unwrap()
    }
}

/// A window that ends in a while, so that files of this test are not younger than it.
fn now() -> Context {
    contract::context_until("2040-01-01T00:00:00Z".parse().unwrap())
}

/// Returns where a fixture is.
fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/results")
        .join(name)
}

/// Returns the value of a reading.
fn value(reading: &Reading) -> f64 {
    match &reading.outcome {
        Outcome::Value(value) => value.get(),
        Outcome::NoData(_) | Outcome::Failed(_) => panic!("{:?}", reading.outcome),
    }
}

/// Returns why a reading has no value.
fn reason(reading: &Reading) -> String {
    match &reading.outcome {
        Outcome::Value(value) => panic!("{value:?}"),
        Outcome::NoData(reason) => format!("no data: {reason}"),
        Outcome::Failed(failure) => format!("{:?}: {}", failure.kind, failure.message),
    }
}

/// Three requests in a CSV of `JMeter`.
const JTL: &str = "timeStamp,elapsed,label,success\n1700000000000,10,a,true\n1700000001000,20,b,true\n1700000002000,30,b,false\n";

#[tokio::test]
async fn the_contract_of_providers_is_kept() {
    let shelf = Shelf::new("a.jtl").file("a.jtl", JTL);
    contract::check(
        &shelf.open(),
        &now(),
        "response_time_p95",
        "respons_time_p95",
    )
    .await;
}

#[tokio::test]
async fn a_value_says_where_it_is_from_how_it_was_computed_and_in_which_unit() {
    let shelf = Shelf::new("*.jtl").file("a.jtl", JTL);
    let reading = shelf.ask("response_time_p95{name=\"b\"}").await;
    assert_eq!(value(&reading), 30.0);
    assert_eq!(reading.unit.as_deref(), Some("ms"));
    assert_eq!(reading.samples, Some(2));
    assert_eq!(
        reading.endpoint.as_deref(),
        Some("a.jtl (jmeter-csv; nearest rank, exact)")
    );
    assert_eq!(reading.provider.as_deref(), Some("load"));
    assert!(
        reading.warnings[0]
            .contains("took place from 2023-11-14T22:13:20Z to 2023-11-14T22:13:22Z"),
        "{:?}",
        reading.warnings
    );
}

#[tokio::test]
async fn files_that_are_packed_with_gzip_are_read_as_they_are() {
    let shelf = Shelf::new("points.json.gz").file(
        "points.json.gz",
        std::fs::read(fixture("k6/points.json.gz")).unwrap(),
    );
    assert_eq!(value(&shelf.ask("request_count").await), 60.0);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, JTL.as_bytes()).unwrap();
    let mut packed = packed.finish().unwrap();
    let shelf = Shelf::new("a").file("a", &packed);
    assert_eq!(value(&shelf.ask("request_count").await), 3.0);
    packed.truncate(packed.len() - 12);
    let shelf = Shelf::new("a").file("a", &packed);
    assert!(
        reason(&shelf.ask("request_count").await)
            .starts_with("BadAnswer: `a`: cannot read the file")
    );
}

#[tokio::test]
async fn no_file_is_no_data_and_several_are_an_error_unless_they_become_one() {
    let mut shelf = Shelf::new("out/*.jtl");
    assert_eq!(
        reason(&shelf.ask("error_rate").await),
        "no data: no file matches `out/*.jtl`"
    );
    shelf = shelf
        .file("out/a.jtl", JTL)
        .file("out/b.jtl", JTL.replace("17000", "17001"));
    let refused = reason(&shelf.ask("error_rate").await);
    assert!(
        refused.starts_with("BadQuery: `out/*.jtl` names 2 files: out/a.jtl, out/b.jtl; narrow it"),
        "{refused}"
    );
    shelf.settings.merge = Some(Merge::Concat);
    let reading = shelf.ask("request_count").await;
    assert_eq!(value(&reading), 6.0);
    assert_eq!(
        reading.endpoint.as_deref(),
        Some("out/a.jtl, out/b.jtl (concat) (jmeter-csv; of several files)")
    );
    shelf = shelf.file("out/c.jtl", "<testResults/>");
    assert!(
        reason(&shelf.ask("request_count").await)
            .contains("files of several formats: out/c.jtl is jmeter-xml")
    );
}

#[tokio::test]
async fn a_file_left_over_from_an_earlier_run_is_refused() {
    let mut shelf = Shelf::new("a.jtl").file("a.jtl", JTL);
    shelf.settings.max_age = Some(Duration::from_secs(7200));
    let refused = reason(&shelf.ask("error_rate").await);
    assert!(
        refused.starts_with("BadAnswer: `a.jtl` was last written "),
        "{refused}"
    );
    assert!(
        refused.contains("`max_age` is 2h: is it left over"),
        "{refused}"
    );
}

#[tokio::test]
async fn what_cannot_be_read_names_the_file_and_what_to_do() {
    for (content, expected) in [
        ("", "BadAnswer: `f`: the file is empty"),
        (
            "hello",
            "BadAnswer: `f`: cannot tell the format of the file: it begins with `hello`; name it with `format:`",
        ),
        (
            "{\"metrics\": {\"http_reqs\": {\"type\": \"counter\", \"values\": {",
            "BadAnswer: `f`: the k6 file is cut off after line 1",
        ),
        (
            "timeStamp,elapsed,label,success\nx\ny\n",
            "BadAnswer: `f`: cannot read the jmeter-csv file at line 2",
        ),
    ] {
        let shelf = Shelf::new("f").file("f", content);
        let refused = reason(&shelf.ask("error_rate").await);
        assert!(refused.starts_with(expected), "{refused}");
    }
    let folder = Shelf::new("f").file("f/g", "x");
    assert_eq!(
        reason(&folder.ask("error_rate").await),
        "no data: no file matches `f`"
    );
    #[cfg(unix)]
    {
        let device = Shelf::new("/dev/zero");
        assert!(reason(&device.ask("error_rate").await).contains("it is no regular file"));
    }
}

#[tokio::test]
async fn one_bad_indicator_harms_no_other() {
    let shelf = Shelf::new("a.jtl").file("a.jtl", JTL);
    let readings = shelf
        .open()
        .fetch(
            &now(),
            &requests(&[
                "error_rate",
                "latency",
                "response_time_p50",
                "",
                "request_count",
            ]),
            &Heard::default(),
        )
        .await;
    let has_value = |reading: &Reading| matches!(reading.outcome, Outcome::Value(_));
    let values: Vec<bool> = readings.iter().map(has_value).collect();
    assert_eq!(values, [true, false, true, false, true]);
}

#[tokio::test]
async fn json_larger_than_the_first_look_is_recognised() {
    let filler = "x".repeat(200_000);
    let text = format!(
        "{{\"root_group\": {{\"name\": \"{filler}\"}}, \"metrics\": {{\"http_reqs\": {{\"count\": 7, \"rate\": 1}}}}}}"
    );
    let shelf = Shelf::new("a").file("a", text);
    assert_eq!(value(&shelf.ask("request_count").await), 7.0);
}

#[tokio::test]
async fn an_indicator_can_name_its_own_file_and_ask_a_document() {
    let shelf = Shelf::new("a.jtl")
        .file("a.jtl", JTL)
        .file("b.json", "{\"a\": {\"b\": 2.5}}")
        .file("c.csv", "name,ms\na,1\nb,3\n")
        .file(
            "m.prom",
            "# TYPE up gauge\nup{job=\"x\"} 3\nup{job=\"y\"} 4\n",
        );
    let json = "{\"path\": \"b.json\", \"format\": \"json\"}";
    assert_eq!(value(&shelf.ask_with("$.a.b", json).await), 2.5);
    let csv = "{\"path\": \"c.csv\", \"format\": \"csv\", \"aggregate\": \"mean\"}";
    assert_eq!(value(&shelf.ask_with("ms", csv).await), 2.0);
    let metrics = "{\"path\": \"m.prom\", \"aggregate\": \"sum\"}";
    assert_eq!(value(&shelf.ask_with("up", metrics).await), 7.0);
    let both = reason(&shelf.ask_with("up", "{\"path\": \"m.prom\"}").await);
    assert!(
        both.starts_with("BadQuery: query did return multiple values"),
        "{both}"
    );
    let strange = reason(
        &shelf
            .ask_with("error_rate", "{\"aggregate\": \"sum\"}")
            .await,
    );
    assert!(strange.contains("`aggregate` asks a document"), "{strange}");
}

#[tokio::test]
async fn a_named_format_that_does_not_fit_is_told() {
    let mut shelf = Shelf::new("a").file("a", JTL);
    shelf.settings.formats = vec![Format::K6, Format::K6Ndjson];
    let refused = reason(&shelf.ask("error_rate").await);
    assert!(
        refused.contains("this is no k6 file: it looks like jmeter-csv"),
        "{refused}"
    );
    shelf.settings.formats = vec![Format::Oha];
    let refused = reason(&shelf.ask("error_rate").await);
    assert!(
        refused.starts_with("BadAnswer: `a`: cannot read the oha file"),
        "{refused}"
    );
}

#[tokio::test]
async fn every_file_of_a_real_tool_answers_by_its_content_alone() {
    for (name, metric) in [
        ("k6/handle-summary.json", "response_time_p95"),
        ("k6/points.json.gz", "response_time_p97"),
        ("jmeter/default.jtl", "response_time_p97"),
        ("jmeter/xml-nested.jtl", "error_rate"),
        ("jmeter/statistics.json", "error_rate"),
        ("gatling/3.13.4.stats.json", "error_rate"),
        ("gatling/3.9.5.simulation.log", "error_rate"),
        ("gatling/3.15.1.console.txt", "error_rate"),
        ("locust/shop_stats.csv", "throughput"),
        ("locust/shop.json", "response_time_p95"),
        ("artillery/shop.json", "error_rate"),
        ("vegeta/shop.json", "throughput"),
        ("vegeta/shop.ndjson", "throughput"),
        ("oha/flaky.json", "error_rate"),
        ("oha/flaky.csv", "response_time_p95"),
        ("hey/flaky.txt", "error_rate"),
        ("hey/flaky.csv", "response_time_p95"),
        ("wrk/latency.txt", "throughput"),
        ("hyperfine/plain.json", "duration_mean"),
        ("junit/pytest.xml", "test_pass_rate"),
        ("coverage/cobertura.xml", "coverage_line"),
        ("coverage/jacoco.xml", "coverage_line"),
        ("coverage/gcc.lcov", "coverage_line"),
        ("coverage/go-set.cover", "coverage_line"),
        ("coverage/istanbul-summary.json", "coverage_line"),
        ("coverage/llvm.json", "coverage_line"),
    ] {
        let mut shelf = Shelf::new(name);
        shelf.settings.folder = fixture("");
        let reading = shelf.ask(metric).await;
        assert!(value(&reading) > 0.0, "{name}");
    }
}

#[tokio::test]
async fn the_folder_of_criterion_is_read_as_a_whole() {
    let mut shelf = Shelf::new("criterion/criterion");
    shelf.settings.folder = fixture("");
    shelf.settings.formats = vec![Format::Criterion];
    let reading = shelf.ask("native:sums/thousand.mean").await;
    assert!(value(&reading) > 0.0);
}
