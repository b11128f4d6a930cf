//! Feeds any bytes to the reader of `vegeta-ndjson` files: `cargo +nightly fuzz run --fuzz-dir tests/fuzz vegeta_ndjson`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| tidegate::read_results(Some("vegeta-ndjson"), bytes));
