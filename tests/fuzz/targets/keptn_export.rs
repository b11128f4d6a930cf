//! Feeds any bytes to the reader of exports of a Keptn: `cargo +nightly fuzz run --fuzz-dir tests/fuzz keptn_export`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidegate::events_of_export;

fuzz_target!(|input: &[u8]| {
    let exported = events_of_export(input);
    // Whatever is not read is named; only what holds nothing at all comes to nothing.
    if let Ok(serde_json::Value::Array(elements)) = serde_json::from_slice(input) {
        assert_eq!(
            exported.events.len() + exported.problems.len(),
            elements.len()
        );
    }
    for problem in &exported.problems {
        assert!(!problem.is_empty());
    }
});
