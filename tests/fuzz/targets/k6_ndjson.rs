//! Feeds any bytes to the reader of `k6-ndjson` files: `cargo +nightly fuzz run --fuzz-dir tests/fuzz k6_ndjson`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| tidegate::read_results(Some("k6-ndjson"), bytes));
