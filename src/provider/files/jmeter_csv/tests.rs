//! `JMeter`'s CSV as it is written, and as it is broken.

#![expect(
    clippy::float_cmp,
    clippy::cast_precision_loss,
    reason = "the numbers of the tests are small and exact"
)]

use super::super::distribution::Distribution;
use super::super::options::Stamp;
use super::*;

/// The default header.
const HEADER: &str = "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,failureMessage,\
                      bytes,sentBytes,grpThreads,allThreads,URL,Latency,IdleTime,Connect\n";

/// Reads a text.
fn read_text(text: impl AsRef<[u8]>) -> Result<Results, FileError> {
    read(&mut text.as_ref(), &ReadOptions::default())
}

/// A row in the default order.
fn row(at: u64, elapsed: u64, label: &str, message: &str, success: &str) -> String {
    format!(
        "{},{elapsed},{label},200,{message},T 1-1,text,{success},,100,50,1,1,http://a/,5,0,1\n",
        1_700_000_000_000 + at
    )
}

/// Two requests, of which one failed, within 2 s.
fn two() -> String {
    row(0, 100, "home", "OK", "true") + &row(1000, 1000, "login", "OK", "false")
}

/// Returns a figure of the run as a whole.
fn total(results: &Results, name: &str) -> f64 {
    results.total.figures[name].value
}

#[test]
fn the_figures_are_those_of_the_samples() {
    let results = read_text(HEADER.to_owned() + &two()).unwrap();
    assert_eq!(total(&results, "request_count"), 2.0);
    assert_eq!(total(&results, "failure_count"), 1.0);
    assert_eq!(total(&results, "error_rate"), 0.5);
    assert_eq!(total(&results, "duration"), 2.0);
    assert_eq!(total(&results, "throughput"), 1.0);
    assert_eq!(total(&results, "data_received_rate"), 100.0);
    assert_eq!(total(&results, "response_time_avg"), 550.0);
    assert_eq!(total(&results, "response_time_p50"), 100.0);
    assert_eq!(total(&results, "response_time_p95"), 1000.0);
    let p95 = &results.total.figures["response_time_p95"];
    assert_eq!(
        (p95.samples, p95.note.as_deref()),
        (Some(2), Some("nearest rank, exact"))
    );
    assert_eq!(results.groups["login"].figures["error_rate"].value, 1.0);
    let (from, to) = results.span.unwrap();
    assert_eq!(from.to_string(), "2023-11-14T22:13:20Z");
    assert_eq!(to.to_string(), "2023-11-14T22:13:22Z");
    assert_eq!(results.warnings, [""; 0]);
}

#[test]
fn header_delimiter_line_ends_and_byte_order_mark_make_no_difference() {
    let plain = HEADER.to_owned() + &two();
    let expected = read_text(&plain).unwrap();
    for text in [
        two(),
        plain.replace(',', ";"),
        plain.replace(',', "\t"),
        plain.replace(',', "|"),
        plain.replace('\n', "\r\n"),
        format!("\u{feff}{plain}"),
        plain.trim_end().to_owned(),
        plain
            .replace("home", "\"home\"")
            .replace("OK", "\"OK, \"\"fine\"\",\nreally\""),
        plain.replace("T 1-1", "\"T 1-1\""),
        plain.clone() + "\n\r\n",
    ] {
        assert_eq!(read_text(&text).unwrap(), expected, "{text}");
    }
}

#[test]
fn a_field_with_quotes_delimiters_and_line_breaks_is_one_field() {
    let label = "\"GET /a?x=1,2 \"\"b\"\"\nc\"";
    let text = HEADER.to_owned()
        + &row(0, 10, label, "\"a\n\nb\"", "true")
        + &row(5, 20, "z", "OK", "true");
    let results = read_text(text).unwrap();
    assert_eq!(
        results.groups["GET /a?x=1,2 \"b\"\nc"].figures["request_count"].value,
        1.0
    );
    assert_eq!(total(&results, "request_count"), 2.0);
}

#[test]
fn transactions_are_left_out_of_the_total_and_found_by_name() {
    let sum = "\"Number of samples in transaction : 2, number of failing samples : 1\"";
    let none = "\"Number of samples in transaction : 0, number of failing samples : 0\"";
    let text = HEADER.to_owned()
        + &two()
        + &row(0, 1100, "checkout", sum, "false")
        + &row(0, 0, "empty", none, "true");
    let results = read_text(text).unwrap();
    assert_eq!(total(&results, "request_count"), 2.0);
    assert_eq!(total(&results, "response_time_max"), 1000.0);
    assert_eq!(
        results.groups["checkout"].figures["response_time_p95"].value,
        1100.0
    );
    assert_eq!(results.groups["checkout"].figures["error_rate"].value, 1.0);
    assert!(!results.groups.contains_key("empty"));
    let same_name = HEADER.to_owned() + &two() + &row(0, 1100, "home", sum, "true");
    let results = read_text(same_name).unwrap();
    assert_eq!(
        results.groups["home"].figures["response_time_max"].value,
        100.0
    );
    assert_eq!(
        results.groups["home (transaction)"].figures["response_time_max"].value,
        1100.0
    );
}

#[test]
fn transactions_without_requests_make_up_the_total() {
    let sum = "\"Number of samples in transaction : 2, number of failing samples : 0\"";
    let results = read_text(HEADER.to_owned() + &row(0, 70, "checkout", sum, "true")).unwrap();
    assert_eq!(total(&results, "response_time_p95"), 70.0);
    assert_eq!(
        results.warnings,
        ["every sample is a transaction; the total is made of them"]
    );
}

#[test]
fn rows_that_stand_for_several_samples_weigh_as_many() {
    let header = "timeStamp,elapsed,label,success,SampleCount,ErrorCount\n";
    let text = format!("{header}1000,300,a,false,3,2\n2000,50,a,true,1,0\n");
    let results = read_text(text).unwrap();
    assert_eq!(total(&results, "request_count"), 4.0);
    assert_eq!(total(&results, "failure_count"), 2.0);
    assert_eq!(total(&results, "response_time_avg"), 87.5);
    assert_eq!(total(&results, "response_time_p50"), 100.0);
}

#[test]
fn times_of_day_are_read_as_java_writes_them() {
    let header = "timeStamp,elapsed,label,success\n";
    let text =
        format!("{header}2024/01/01 10:00:00.000,500,a,true\n2024/01/01 10:00:01.500,500,a,true\n");
    let results = read_text(&text).unwrap();
    assert_eq!(total(&results, "throughput"), 1.0);
    // Nobody knows in which time zone.
    assert_eq!(results.span, None);
    let options = ReadOptions {
        timestamp_format: Some("dd.MM.yyyy HH:mm:ssX".to_owned()),
        stamp: Stamp::End,
        ..ReadOptions::default()
    };
    let text = format!("{header}01.01.2024 10:00:00+01,500,a,true\n");
    let results = read(&mut text.as_bytes(), &options).unwrap();
    assert_eq!(
        results.span.unwrap().0.to_string(),
        "2024-01-01T08:59:59.5Z"
    );
}

#[test]
fn an_aborted_test_loses_its_last_line_with_a_warning() {
    let text = HEADER.to_owned() + &two();
    let whole = read_text(&text).unwrap();
    for cut in [
        "1700000002",
        "1700000002000,12",
        "1700000002000,12,\"a\nb",
        "1700000002000,120,home,200,OK,T 1-1,text,tr",
    ] {
        let results = read_text(format!("{text}{cut}")).unwrap();
        assert_eq!(results.total, whole.total);
        assert_eq!(results.warnings.len(), 1);
        assert!(
            results.warnings[0].contains("in the middle of line 4"),
            "{:?}",
            results.warnings
        );
    }
}

#[test]
fn a_line_that_cannot_be_read_is_an_error_that_names_it() {
    let text = HEADER.to_owned() + &two();
    for (bad, expected) in [
        ("garbage\n", "line 4: 1 columns instead of 17: `garbage`"),
        (
            "1700000002000,fast,a,200,OK,T,text,true,,1,1,1,1,u,1,1,1\n",
            "line 4: `elapsed` is `fast`; expected whole milliseconds",
        ),
        (
            "1700000002000,-5,a,200,OK,T,text,true,,1,1,1,1,u,1,1,1\n",
            "line 4: `elapsed` is `-5`",
        ),
        (
            "1700000002000,5,a,200,OK,T,text,yes,,1,1,1,1,u,1,1,1\n",
            "line 4: `success` is `yes`; expected `true` or `false`",
        ),
        (
            "today,5,a,200,OK,T,text,true,,1,1,1,1,u,1,1,1\n",
            "line 4: `timeStamp` is `today`",
        ),
        (
            "1,5,\"a\"b,200,OK,T,text,true,,1,1,1,1,u,1,1,1\n",
            "line 4: text follows a closing quote",
        ),
        ("<httpSample t=\"1\"/>\n", "line 4: 1 columns instead of 17"),
    ] {
        let error = read_text(format!("{text}{bad}{}", two()))
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("cannot read the jmeter-csv file at "),
            "{error}"
        );
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_quote_that_swallows_samples_is_no_aborted_test() {
    let text = HEADER.to_owned() + &row(0, 1, "\"home", "OK", "true") + &two();
    let error = read_text(text).unwrap_err().to_string();
    assert!(
        error.contains("line 2: a quote is opened and never closed, and samples follow"),
        "{error}"
    );
}

#[test]
fn a_header_that_comes_again_is_told_and_not_counted() {
    let text = HEADER.to_owned() + &two() + HEADER + &two();
    let results = read_text(text).unwrap();
    assert_eq!(total(&results, "request_count"), 4.0);
    assert!(results.warnings[0].starts_with("the header comes again at line 4"));
}

#[test]
fn a_file_without_samples_has_no_figures() {
    let results = read_text(HEADER).unwrap();
    assert_eq!(results.total.figures.len(), 0);
    assert_eq!(results.warnings, ["the file has no samples"]);
    assert!(matches!(read_text(""), Err(FileError::Empty)));
}

#[test]
fn columns_that_are_missing_take_their_figures_with_them() {
    let results = read_text("elapsed,label\n5,a\n").unwrap();
    assert_eq!(total(&results, "response_time_max"), 5.0);
    for name in [
        "error_rate",
        "failure_count",
        "throughput",
        "data_received_rate",
    ] {
        assert!(!results.total.figures.contains_key(name), "{name}");
    }
    assert_eq!(results.warnings.len(), 2);
}

#[test]
fn what_is_no_jmeter_file_is_refused_with_its_first_line() {
    let error = read_text("name,value\na,1\n").unwrap_err().to_string();
    assert!(
        error.starts_with("this is no jmeter-csv file: its first line is neither"),
        "{error}"
    );
    let error = read_text("1700000000000,5,a,200,OK,T,text,true\n")
        .unwrap_err()
        .to_string();
    assert!(error.contains("print_field_names=true"), "{error}");
}

#[test]
fn names_that_are_not_utf8_are_kept_as_far_as_they_can_be() {
    let mut text = (HEADER.to_owned() + &two()).into_bytes();
    text.extend_from_slice(&row(0, 1, "caf_", "OK", "true").into_bytes());
    let at = text.windows(4).position(|bytes| bytes == b"caf_").unwrap();
    text[at + 3] = 0xE9;
    let results = read_text(text).unwrap();
    assert!(results.groups.contains_key("caf\u{fffd}"));
    assert!(results.warnings[0].starts_with("1 names are not UTF-8"));
}

#[test]
fn more_names_than_are_kept_count_in_the_total() {
    let mut text = HEADER.to_owned();
    for n in 0..10_500_u64 {
        text.push_str(&row(
            n,
            n % 3000,
            &format!("/item/{n}"),
            "OK",
            if n % 2 == 0 { "true" } else { "false" },
        ));
    }
    let results = read_text(text).unwrap();
    assert_eq!(results.groups.len(), 10_000);
    assert_eq!(total(&results, "request_count"), 10_500.0);
    assert_eq!(total(&results, "failure_count"), 5250.0);
    assert_eq!(results.total.times.as_ref().unwrap().count(), 10_500);
    assert!(
        results
            .warnings
            .iter()
            .any(|w| w.starts_with("only the first 10000 names")),
        "{:?}",
        results.warnings
    );
}

#[test]
fn times_of_many_names_stay_within_their_memory_and_the_total_is_whole() {
    let mut text = HEADER.to_owned();
    for n in 0..60_000_u64 {
        // Each name gets times far apart, so that each needs many chunks.
        let elapsed = n.wrapping_mul(7919) % 65_000;
        text.push_str(&row(n, elapsed, &format!("/{}", n % 500), "OK", "true"));
    }
    let results = read_text(text).unwrap();
    let kept: usize = results
        .groups
        .values()
        .filter_map(|g| g.times.as_ref())
        .map(Distribution::bytes)
        .sum();
    assert!(kept <= 24 << 20);
    assert!(results.groups.values().any(|group| group.times.is_none()));
    let times = results.total.times.as_ref().unwrap();
    assert_eq!(times.count(), 60_000);
    let mut all: Vec<u64> = (0..60_000_u64)
        .map(|n| n.wrapping_mul(7919) % 65_000)
        .collect();
    all.sort_unstable();
    assert_eq!(
        times.percentile(99.0).unwrap().milliseconds,
        all[59_399] as f64
    );
    assert_eq!(total(&results, "request_count"), 60_000.0);
}
