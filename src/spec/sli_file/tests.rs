use super::*;
use crate::gate::{Finite, MissingValue};
use crate::spec::{Style, render};

/// Reads a text that has no error.
fn file(text: &str) -> SliFile {
    let parsed = parse_sli(&Source::new("sli.yaml", text));
    parsed
        .value
        .unwrap_or_else(|| panic!("{:?}", parsed.problems))
}

/// Renders the problems of a text.
fn said(text: &str) -> String {
    render(
        &parse_sli(&Source::new("sli.yaml", text)).problems,
        Style::Plain,
    )
}

/// Makes a name.
fn name(text: &str) -> IndicatorName {
    IndicatorName::new(text).unwrap()
}

#[test]
fn both_forms_of_an_indicator_are_read() {
    let file = file(
        "provider: prometheus\nindicators:\n  a: sum(x)\n  b: 5.50\n  c:\n    query: up\n    provider: datadog\n    unit: ms\n    on_no_data: ignore\n    on_error: {value: 0}\n  d: {query: x, on_no_data: \"value: 1.5\"}\n",
    );
    assert_eq!(file.sli.provider.as_ref().unwrap().as_str(), "prometheus");
    assert_eq!(file.sli.indicators[&name("a")].query, "sum(x)");
    assert_eq!(file.sli.indicators[&name("b")].query, "5.50");
    let c = &file.sli.indicators[&name("c")];
    assert_eq!(
        (c.query.as_str(), c.policies.unit.as_deref()),
        ("up", Some("ms"))
    );
    assert_eq!(c.provider.as_ref().unwrap().as_str(), "datadog");
    assert_eq!(c.policies.on_no_data, Some(MissingValue::Ignore));
    let value = |number| Finite::new(number).map(MissingValue::Value);
    assert_eq!(c.policies.on_error, value(0.0));
    let d = file.sli.indicators[&name("d")].policies.on_no_data;
    assert_eq!(d, value(1.5));
}

#[test]
fn a_placeholder_is_found_where_it_is_written() {
    let file = file(
        "indicators:\n  plain: sum(a{s=$SERVICE}) + $SERVICE\n  quoted: \"x \\\"$STAGE\\\" y\"\n  block: |\n    first\n      of $SERVICE\n    and $SERVICE\n  long:\n    query: >-\n      $X\n",
    );
    let at = |indicator: &str, token: &str, occurrence| {
        let position = file.locate(&name(indicator), token, occurrence).unwrap();
        (position.line, position.column)
    };
    assert_eq!(at("plain", "$SERVICE", 0), (2, 18));
    assert_eq!(at("plain", "$SERVICE", 1), (2, 31));
    assert_eq!(at("plain", "$SERVICE", 2), (2, 10));
    assert_eq!(at("quoted", "$STAGE", 0), (3, 16));
    assert_eq!(at("block", "$SERVICE", 0), (6, 10));
    assert_eq!(at("block", "$SERVICE", 1), (7, 9));
    assert_eq!(at("long", "$X", 0), (10, 7));
    assert_eq!(at("block", "", 0), (4, 10));
    assert_eq!(file.locate(&name("other"), "x", 0), None);
}

#[test]
fn a_problem_in_a_query_shows_the_placeholder() {
    let file = file("indicators:\n  a: sum(rate(x{s=\"$SERVIEC\"}[5m]))\n");
    let token = Token {
        text: "$SERVIEC",
        occurrence: 0,
    };
    let problem = file.problem(&name("a"), token, "nothing is known of `$SERVIEC`");
    insta::assert_snapshot!(render(&[problem], Style::Plain), @r#"
    sli.yaml:2:20: error: nothing is known of `$SERVIEC`
      |
    2 |   a: sum(rate(x{s="$SERVIEC"}[5m]))
      |                    ^^^^^^^^
    "#);
}

#[test]
fn what_is_wrong_with_indicators_is_said() {
    insta::assert_snapshot!(said("indicators:\n  a: [x]\n  b: {qurey: x}\n  c:\n  d: {query: [1]}\n  \"\": x\n  e: {query: x, on_no_data: pass}\n  f: {query: x, on_error: {value: much}}\n"), @r#"
    sli.yaml:2:6: error: the query of `a` must be a text, not a list
      |
    2 |   a: [x]
      |      ^^^
      = hint: write `a: QUERY`, or `a: {query: QUERY}`

    sli.yaml:3:3: warning: `b` has no query: it counts as not defined here
      |
    3 |   b: {qurey: x}
      |   ^
      = hint: write a query, or remove the line

    sli.yaml:3:7: warning: unknown key `qurey` in indicator `b`; it is ignored
      |
    3 |   b: {qurey: x}
      |       ^^^^^
      = hint: did you mean `query`?

    sli.yaml:4:3: warning: `c` has no query: it counts as not defined here
      |
    4 |   c:
      |   ^
      = hint: write a query, or remove the line

    sli.yaml:5:14: error: `query` must be a text, not a list
      |
    5 |   d: {query: [1]}
      |              ^^^

    sli.yaml:6:3: error: a SLI name must not be empty
      |
    6 |   "": x
      |   ^^
      = hint: give the indicator a name

    sli.yaml:7:29: error: `on_no_data` can't be `pass`
      |
    7 |   e: {query: x, on_no_data: pass}
      |                             ^^^^
      = hint: known are `fail`, `warning`, `ignore`, `inconclusive`, `error`, and `value: N`

    sli.yaml:8:35: error: `on_error` must name a finite number as `value`
      |
    8 |   f: {query: x, on_error: {value: much}}
      |                                   ^^^^
      = hint: write `on_error: {value: 0}`
    "#);
}

#[test]
fn missing_indicators_are_explained() {
    insta::assert_snapshot!(said("spec_version: \"1.0\"\nindicatos:\n  a: x\n"), @r#"
    sli.yaml:1:1: error: `indicators` is missing
      |
    1 | spec_version: "1.0"
      | ^
      = hint: add `indicators:` with a query for each name: `error_rate: "sum(rate(…))"`

    sli.yaml:2:1: warning: unknown key `indicatos` in the SLI file; it is ignored
      |
    2 | indicatos:
      | ^^^^^^^^^
      = hint: did you mean `indicators`? Known are `spec_version`, `indicators`, and `provider`
    "#);
    insta::assert_snapshot!(said("indicators: {}\n"), @r#"
    sli.yaml:1:13: error: `indicators` is empty
      |
    1 | indicators: {}
      |             ^^
      = hint: add `indicators:` with a query for each name: `error_rate: "sum(rate(…))"`
    "#);
    insta::assert_snapshot!(said("objectives: []\ntotal_score: {pass: 90%}\n"), @r#"
    sli.yaml:1:13: error: this is an SLO, not a Keptn SLI file
      |
    1 | objectives: []
      |             ^^
      = hint: name the file with `indicators` as SLI file, and this one as SLO
    "#);
}

#[test]
fn unknown_keys_and_an_empty_query_are_only_warned_of() {
    let parsed = parse_sli(&Source::new(
        "sli.yaml",
        "foo: 1\nindicators: {a: , b: {query: x, untit: ms}}\n",
    ));
    assert_eq!(parsed.problems.len(), 3);
    let file = parsed.value.unwrap();
    assert_eq!(file.sli.indicators[&name("a")].query, "");
}

#[test]
fn a_later_file_wins_and_positions_follow() {
    let lower = file("indicators: {a: lower, b: lower}\n");
    let upper = parse_sli(&Source::new("upper.yaml", "\nindicators: {b: of $X}\n"))
        .value
        .unwrap();
    let merged = lower.overlaid_by(upper);
    assert_eq!(merged.sli.indicators[&name("a")].query, "lower");
    assert_eq!(merged.sli.indicators[&name("b")].query, "of $X");
    assert_eq!(
        merged.locate(&name("b"), "$X", 0),
        Some(Position {
            line: 2,
            column: 20
        })
    );
    assert_eq!(merged.sources().len(), 2);
}

#[test]
fn a_key_of_providers_is_refused_where_it_would_be_ignored() {
    let text = "indicators:\n  a: {query: x, max_age: 1h}\n";
    let parsed = parse_sli(&Source::new("sli.yaml", text));
    assert!(parsed.value.is_none());
    let hint = parsed.problems[0].hint.as_deref();
    assert_eq!(hint, Some("it belongs to the provider, in tidegate.yaml"));
}
