//! Feeds any bytes to the detection of formats, and to the reader it picks: `cargo +nightly fuzz run --fuzz-dir tests/fuzz results`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| tidegate::read_results(None, bytes));
