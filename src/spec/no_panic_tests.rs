//! No text makes a parser panic, and none is refused without a reason.
#![expect(
    clippy::disallowed_methods,
    reason = "a test that reads the corpus of the fuzzer"
)]

use std::path::PathBuf;

use proptest::prelude::*;

use super::{
    Parsed, Source, Style, parse_remediation, parse_shipyard, parse_sli, parse_slo, parse_values,
    parse_webhooks, render,
};

/// Reads a text with every parser, and checks what must hold for any.
fn read(text: &str) {
    let source = Source::new("a", text);
    check(&parse_slo(&source));
    check(&parse_sli(&source));
    check(&parse_values(&source));
    check(&parse_shipyard(&source));
    check(&parse_remediation(&source));
    check(&parse_webhooks(&source));
}

/// Checks that there is a value exactly where there is no error, and that all problems can be rendered.
fn check<T>(parsed: &Parsed<T>) {
    let has_error = parsed.problems.iter().any(super::Problem::is_error);
    assert_eq!(parsed.value.is_none(), has_error, "{:?}", parsed.problems);
    let text = render(&parsed.problems, Style::Plain);
    assert!(
        !text.chars().any(|c| c.is_control() && c != '\n'),
        "{text:?}"
    );
}

proptest! {
    #[test]
    fn no_text_panics(text in "(?s).{0,200}") {
        read(&text);
    }

    #[test]
    fn no_text_that_looks_like_yaml_panics(text in "([ \t\n:,\\-\\[\\]{}&*!|>'\"%@`#?<=~$\u{feff}\r]|a|5|sli|pass|criteria|objectives|indicators|total_score|stages|tasks|triggeredOn|remediations|webhooks|requests|<<: ){0,60}") {
        read(&text);
    }

    #[test]
    fn no_slo_with_odd_scalars_panics(scalar in "[-+ .0-9a-zA-Z_<>=%!'\"~]{0,12}") {
        read(&format!("objectives:\n- sli: {scalar}\n  weight: {scalar}\n  key_sli: {scalar}\n  pass:\n  - criteria: [{scalar}]\n  - criteria:\n    - {scalar}\ntotal_score:\n  pass: {scalar}\n"));
        read(&format!("indicators:\n  a: {scalar}\n  b: {{query: x, on_no_data: {scalar}}}\n"));
        read(&format!("[{{\"metric\": \"a\", \"value\": {scalar}, \"success\": {scalar}}}]"));
    }
}

#[test]
fn the_corpus_of_the_fuzzer_is_replayed() {
    let corpus = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus");
    let mut replayed = 0;
    for target in ["slo", "sli", "values"] {
        for entry in std::fs::read_dir(corpus.join(target)).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            read(&String::from_utf8_lossy(&bytes));
            replayed += 1;
        }
    }
    assert!(replayed > 10);
}
