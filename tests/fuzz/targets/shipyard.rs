//! Feeds any text to the parser of shipyards: `cargo +nightly fuzz run --fuzz-dir tests/fuzz shipyard`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidegate::spec::{Problem, Source, Style, parse_shipyard, render};

fuzz_target!(|text: &str| {
    let parsed = parse_shipyard(&Source::new("a", text));
    let has_error = parsed.problems.iter().any(Problem::is_error);
    assert_eq!(parsed.value.is_none(), has_error);
    let rendered = render(&parsed.problems, Style::Plain);
    assert!(!rendered.chars().any(|c| c.is_control() && c != '\n'));
});
