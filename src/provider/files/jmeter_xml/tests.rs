//! `JMeter`'s XML as it is written, and as it is broken.

#![expect(clippy::float_cmp, reason = "the numbers of the tests are exact")]

use super::*;

/// Reads a text.
fn read_text(text: impl AsRef<[u8]>) -> Result<Results, FileError> {
    read(&mut text.as_ref(), &ReadOptions::default())
}

/// Puts samples into a document.
fn document(samples: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testResults version=\"1.2\">\n{samples}</testResults>\n"
    )
}

/// Two requests.
const TWO: &str = "<httpSample t=\"100\" ts=\"1700000000000\" s=\"true\" lb=\"a &amp; b\" rm=\"OK\" by=\"10\"/>\n\
                   <sample t=\"300\" ts=\"1700000000700\" s=\"false\" lb=\"c\" by=\"20\"><assertionResult/></sample>\n";

/// Returns a figure of the run as a whole.
fn total(results: &Results, name: &str) -> f64 {
    results.total.figures[name].value
}

#[test]
fn the_figures_are_those_of_the_samples() {
    let results = read_text(document(TWO)).unwrap();
    assert_eq!(total(&results, "request_count"), 2.0);
    assert_eq!(total(&results, "error_rate"), 0.5);
    assert_eq!(total(&results, "response_time_max"), 300.0);
    assert_eq!(total(&results, "throughput"), 2.0);
    assert_eq!(
        results.groups["a & b"].figures["response_time_avg"].value,
        100.0
    );
    assert_eq!(results.warnings, [""; 0]);
}

#[test]
fn steps_of_a_request_do_not_count_and_requests_of_a_transaction_do() {
    let steps = format!(
        "<httpSample t=\"1000\" ts=\"1700000000000\" s=\"true\" lb=\"r\">{TWO}</httpSample>"
    );
    let results = read_text(document(&steps)).unwrap();
    assert_eq!(total(&results, "request_count"), 1.0);
    let sum = "Number of samples in transaction : 2, number of failing samples : 1";
    let inside = format!(
        "<sample t=\"400\" ts=\"1700000000000\" s=\"false\" lb=\"t\" rm=\"{sum}\">{TWO}</sample>"
    );
    let results = read_text(document(&inside)).unwrap();
    assert_eq!(total(&results, "request_count"), 2.0);
    assert_eq!(total(&results, "response_time_max"), 300.0);
    assert_eq!(
        results.groups["t"].figures["response_time_max"].value,
        400.0
    );
    let beside =
        format!("{TWO}<sample t=\"400\" ts=\"1700000000000\" s=\"true\" lb=\"t\" rm=\"{sum}\"/>");
    assert_eq!(read_text(document(&beside)).unwrap(), {
        let mut beside = results.clone();
        let passed = read_text(document(&inside.replacen("s=\"false\"", "s=\"true\"", 1))).unwrap();
        beside.groups = passed.groups;
        beside
    });
}

#[test]
fn an_aborted_test_counts_as_far_as_it_came() {
    let whole = document(TWO);
    let complete = read_text(&whole).unwrap();
    for end in [
        "",
        "<httpSam",
        "<httpSample t=\"5\"",
        "<httpSample t=\"5\" lb=\"x",
        "<!-- ",
    ] {
        let text = whole.replace("</testResults>\n", end);
        let results = read_text(&text).unwrap();
        assert_eq!(results.total, complete.total, "{end}");
        assert!(
            results.warnings[0].starts_with("the file is cut off at byte "),
            "{end}"
        );
    }
}

#[test]
fn what_cannot_be_read_is_an_error_with_its_place() {
    for (samples, expected) in [
        (
            "<sample t=\"x\" s=\"true\"/>",
            "`t` is `x`; expected a whole number",
        ),
        (
            "<sample t=\"1\" s=\"yes\"/>",
            "`s` is `yes`; expected `true` or `false`",
        ),
        ("<sample t=\"1\"/>", "a sample without `s`"),
        ("<sample s=\"true\"/>", "a sample without `t`"),
        ("<sample t=\"1\" s=\"true\" lb=\"&evil;\"/>", "evil"),
        ("</sample>", "sample"),
    ] {
        let error = read_text(document(samples)).unwrap_err().to_string();
        assert!(
            error.starts_with("cannot read the jmeter-xml file at byte "),
            "{error}"
        );
        assert!(error.contains(expected), "{error}");
    }
    for text in ["<testsuites/>", "just text", "<testResults/><testResults/>"] {
        let error = read_text(text).unwrap_err().to_string();
        assert!(error.starts_with("this is no jmeter-xml file"), "{error}");
    }
    assert!(matches!(read_text("  \n"), Err(FileError::Empty)));
    assert!(matches!(
        read_text(b"\xFF\xFE<\0t\0"),
        Err(FileError::Encoding { .. })
    ));
}

#[test]
fn bombs_are_refused() {
    let deep = document(&"<sample t=\"1\" s=\"true\">".repeat(100_000));
    assert!(matches!(read_text(deep), Err(FileError::TooDeep { .. })));
    let entities = "<!DOCTYPE r [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\"><!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n";
    let with = |label: &str| {
        let sample = format!("<sample t=\"1\" s=\"true\" lb=\"{label}\"/>");
        entities.to_owned()
            + &document(&sample).replace("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", "")
    };
    for label in ["&b;", "&x;"] {
        assert!(read_text(with(label)).is_err());
    }
    assert!(read_text(with("plain")).is_ok());
    let long = document(&format!(
        "<sample t=\"1\" s=\"true\"><responseData>{}</responseData></sample>",
        "x".repeat(40 << 20)
    ));
    let error = read_text(long).unwrap_err().to_string();
    assert!(
        error.starts_with("an element is longer than any tool writes"),
        "{error}"
    );
}
