//! Real outputs of tools, damaged at random: no reader panics, no figure is made up of a file that is cut off, and what
//! is said of an error is one short line.

#![expect(
    clippy::disallowed_methods,
    reason = "the tests read files of real tools"
)]

use std::path::Path;

use proptest::prelude::*;

use super::failure::FileError;
use super::openmetrics::Exposition;
use super::options::ReadOptions;
use super::results::{Figure, Results, Unit};
use super::{
    artillery, cobertura, criterion, csv_query, gatling_console, gatling_log, gatling_stats,
    go_cover, hey, hyperfine, istanbul, jacoco, jmeter_statistics, json, junit, lcov, llvm_cov,
    locust_csv, oha, vegeta, wrk,
};

/// A reader of summaries.
type Reader = fn(&[u8], &ReadOptions) -> Result<Results, FileError>;

/// Every reader, each with an output of its tool.
const READERS: [(Reader, &str); 24] = [
    (artillery::read, "artillery/shop.json"),
    (cobertura::read, "coverage/cobertura.xml"),
    (criterion::read_bencher, "criterion/bencher.txt"),
    (
        criterion::read_estimates,
        "criterion/criterion/flat/million/new/estimates.json",
    ),
    (criterion::read_messages, "criterion/messages.ndjson"),
    (gatling_console::read, "gatling/3.9.5.console.txt"),
    (gatling_console::read, "gatling/3.15.1.console.txt"),
    (read_log, LOG),
    (gatling_stats::read, "gatling/3.9.5.stats.json"),
    (go_cover::read, "coverage/go-set.cover"),
    (hey::read, "hey/hang-ups.txt"),
    (hyperfine::read, "hyperfine/parameters.json"),
    (istanbul::read, "coverage/istanbul-summary.json"),
    (jacoco::read, "coverage/jacoco.xml"),
    (jmeter_statistics::read, "jmeter/statistics.json"),
    (junit::read, "junit/TEST-shop.BasketTest.xml"),
    (lcov::read, "coverage/gcc-merged.lcov"),
    (llvm_cov::read, "coverage/llvm.json"),
    (locust_csv::read, "locust/shop_stats.csv"),
    (oha::read, "oha/flaky.json"),
    (read_metrics, "openmetrics/shop.openmetrics"),
    (vegeta::read, "vegeta/shop.buckets.json"),
    (wrk::read, "wrk/hang-ups.txt"),
    (wrk::read, "wrk/errors.txt"),
];

/// A log of Gatling.
const LOG: &str = "gatling/3.9.5.simulation.log";

/// Reads a log, whose reader streams.
fn read_log(input: &[u8], options: &ReadOptions) -> Result<Results, FileError> {
    gatling_log::read(&mut &*input, options)
}

/// Reads metrics, of which every sample is a figure here.
fn read_metrics(input: &[u8], _options: &ReadOptions) -> Result<Results, FileError> {
    let exposition = Exposition::parse(input)?;
    let samples = exposition.samples().iter();
    let figures = samples.map(|sample| (sample.series(), Figure::new(sample.value, Unit::Unknown)));
    Ok(Results {
        native: figures.collect(),
        ..Results::default()
    })
}

/// Returns an output of a tool.
fn output(name: &str) -> Vec<u8> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/results");
    std::fs::read(fixtures.join(name)).unwrap()
}

/// A change to a file.
#[derive(Clone, Debug)]
enum Damage {
    /// It ends here.
    Cut(usize),
    /// Some bytes stand here instead of what did.
    Overwrite(usize, Vec<u8>),
    /// Some bytes stand here besides.
    Insert(usize, Vec<u8>),
    /// A part stands elsewhere once more.
    Repeat(usize, usize, usize),
}

impl Damage {
    /// Damages a file.
    fn apply(&self, file: &mut Vec<u8>) {
        let size = file.len();
        match self {
            Self::Cut(place) => file.truncate(place % (size + 1)),
            Self::Overwrite(place, bytes) => {
                let start = place % (size + 1);
                let end = (start + bytes.len()).min(size);
                drop(file.splice(start..end, bytes.iter().copied()));
            }
            Self::Insert(place, bytes) => {
                let start = place % (size + 1);
                drop(file.splice(start..start, bytes.iter().copied()));
            }
            Self::Repeat(from, length, to) => {
                let start = from % (size + 1);
                let part = file[start..(start + length % 200).min(size)].to_vec();
                let to = to % (size + 1);
                drop(file.splice(to..to, part));
            }
        }
    }
}

/// Bytes that mean something in one format or another.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let tokens = [
        "0",
        "-1",
        "1e999",
        "NaN",
        "-",
        ",",
        "\"",
        "\\",
        "<",
        ">",
        "/>",
        "{",
        "}",
        "[",
        "]",
        ":",
        "\n",
        "\t",
        "18446744073709551615",
        "99999999999999999999",
        "null",
        "&amp;",
        "<!--",
        "%",
        "|",
        "\u{b5}",
        "=",
        "#",
    ];
    let token =
        proptest::sample::select(tokens.to_vec()).prop_map(|token| token.as_bytes().to_vec());
    prop_oneof![3 => token, 1 => proptest::collection::vec(any::<u8>(), 1..6)]
}

/// A change to a file.
fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        any::<usize>().prop_map(Damage::Cut),
        (any::<usize>(), bytes()).prop_map(|(place, bytes)| Damage::Overwrite(place, bytes)),
        (any::<usize>(), bytes()).prop_map(|(place, bytes)| Damage::Insert(place, bytes)),
        any::<(usize, usize, usize)>().prop_map(|(a, b, c)| Damage::Repeat(a, b, c)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_reader_panics_whatever_the_file(
        which in 0..READERS.len(),
        damages in proptest::collection::vec(damage(), 1..5),
    ) {
        let (reader, name) = READERS[which];
        let mut file = output(name);
        for damage in &damages {
            damage.apply(&mut file);
        }
        match reader(&file, &ReadOptions::default()) {
            Ok(results) => for (name, figure) in &results.total.figures {
                if name == "error_rate" || name == "test_pass_rate" {
                    prop_assert!(!(figure.value > 1.0 || figure.value < 0.0), "{name}: {}", figure.value);
                }
            },
            Err(error) => {
                let text = error.to_string();
                prop_assert!(text.chars().count() < 800, "{text}");
            }
        }
    }

    #[test]
    fn no_reader_panics_at_the_output_of_another_tool(
        which in 0..READERS.len(),
        other in 0..READERS.len(),
    ) {
        let (reader, _) = READERS[which];
        let (_, name) = READERS[other];
        drop(reader(&output(name), &ReadOptions::default()));
    }

    #[test]
    fn questions_to_damaged_documents_are_answered_or_refused(
        damages in proptest::collection::vec(damage(), 1..5),
    ) {
        let mut document = output("oha/flaky.json");
        let mut table = output("locust/shop_stats.csv");
        for damage in &damages {
            damage.apply(&mut document);
            damage.apply(&mut table);
        }
        let spec = serde_json::from_str(r#"{"query": "$..p95", "parse_units": true}"#).unwrap();
        drop(json::query(&document, &spec));
        let spec = r#"{"column": "95%", "aggregate": "p95", "filter": {"Type": "!="}}"#;
        drop(csv_query::query(&table, &serde_json::from_str(spec).unwrap()));
    }
}

#[test]
fn a_file_that_is_empty_or_of_another_encoding_is_told_to_be() {
    for (reader, name) in READERS {
        for empty in ["", " \n\t\n", "\u{feff}"] {
            let error = reader(empty.as_bytes(), &ReadOptions::default()).map(|_| ());
            let is_typed = matches!(
                error,
                Err(FileError::Empty | FileError::NotThisFormat { .. })
            ) || error.is_ok();
            assert!(
                is_typed && (error.is_err() || name == LOG),
                "{name}: {error:?}"
            );
        }
        let text = String::from_utf8(output(name)).unwrap();
        let mut wide = vec![0xFF, 0xFE];
        wide.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        let error = reader(&wide, &ReadOptions::default()).unwrap_err();
        let is_typed = matches!(
            error,
            FileError::Encoding { .. } | FileError::NotThisFormat { .. }
        );
        assert!(is_typed, "{name}: {error}");
    }
}

#[test]
fn a_byte_order_mark_and_line_breaks_of_windows_change_nothing() {
    for (reader, name) in READERS {
        let text = String::from_utf8(output(name)).unwrap();
        let windows = format!("\u{feff}{}", text.replace('\n', "\r\n"));
        let expected = reader(text.as_bytes(), &ReadOptions::default()).unwrap();
        let found = reader(windows.as_bytes(), &ReadOptions::default()).unwrap();
        assert_eq!(found.total, expected.total, "{name}");
        assert_eq!(found.groups, expected.groups, "{name}");
    }
}

/// Formats whose end is not marked: a cut can fall between two whole entries.
const WITHOUT_AN_END: [&str; 6] = [
    "criterion/bencher.txt",
    "criterion/messages.ndjson",
    LOG,
    "coverage/go-set.cover",
    "coverage/gcc-merged.lcov",
    "openmetrics/shop.openmetrics",
];

#[test]
fn a_file_that_is_cut_off_has_no_figures() {
    for (reader, name) in READERS {
        if WITHOUT_AN_END.contains(&name) {
            continue;
        }
        let file = output(name);
        let half = &file[..file.len() / 2];
        assert!(reader(half, &ReadOptions::default()).is_err(), "{name}");
    }
}

/// Files that are made to take much memory, time, or depth.
fn bombs() -> Vec<Vec<u8>> {
    let wide = |start: &str, part: &str, count: usize| {
        format!("{start}{}", part.repeat(count)).into_bytes()
    };
    let laughs =
        r#"<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>"#;
    vec![
        wide("", "[", 200_000),
        wide("", "{\"a\":", 100_000),
        wide("[", "0,", 1_100_000),
        wide(
            "{\"aggregate\":{\"counters\":{",
            "\"errors.E\":18446744073709551615,",
            50_000,
        ),
        wide("<testsuites>", "<testsuite>", 20_000),
        wide("<testsuites>", "<testcase/>", 20_000),
        wide(
            "<coverage line-rate=\"1\">",
            "<line number=\"1\" hits=\"1\"/>",
            50_000,
        ),
        wide(laughs, "<testsuite name=\"&c;\"/>", 1),
        wide(
            "Type,Name,Request Count,Failure Count\n",
            ",Aggregated,18446744073709551615,1\n",
            1,
        ),
        wide(
            "SF:a\n",
            "DA:18446744073709551615,99999999999999999999\n",
            50_000,
        ),
        wide(
            "SF:a\nLF:18446744073709551615\nend_of_record\nSF:b\nLF:18446744073709551615\n",
            "end_of_record",
            1,
        ),
        wide(
            "mode: set\n",
            "a:1.1,1.2 18446744073709551615 1\na:1.1,1.3 18446744073709551615 1\n",
            1,
        ),
        wide("a{b=\"", "\\", 200_000),
        wide("a{", "b=\"c\",", 50_000),
        wide("\"", "\"\n\"", 50_000),
        wide(
            "Summary:\nStatus code distribution:\n",
            "[500] 18446744073709551615 responses\n",
            1000,
        ),
        wide(
            "Running 1s test @ a\n",
            "18446744073709551615 requests in 1s, 1B read\n",
            1000,
        ),
        wide("", "\0", 100_000),
    ]
}

#[test]
fn files_that_are_made_to_do_harm_end_in_an_error_or_without_a_rate_of_errors() {
    for bomb in bombs() {
        for (reader, name) in READERS {
            if let Ok(results) = reader(&bomb, &ReadOptions::default()) {
                let rate = results
                    .total
                    .figures
                    .get("error_rate")
                    .map(|rate| rate.value);
                let is_sound = rate.is_none_or(|rate| (0.0..=1.0).contains(&rate));
                assert!(is_sound, "{name}: {:?}", results.total);
            }
        }
    }
}
