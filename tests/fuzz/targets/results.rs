//! Feeds any bytes to every reader of summaries: `cargo +nightly fuzz run --fuzz-dir tests/fuzz results`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidegate::read_results;

fuzz_target!(|input: &[u8]| {
    for rate in read_results(input) {
        assert!(rate.is_nan() || (0.0..=1.0).contains(&rate), "{rate}");
    }
});
