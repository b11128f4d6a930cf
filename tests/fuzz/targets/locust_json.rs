//! Feeds any bytes to the reader of `locust-json` files: `cargo +nightly fuzz run --fuzz-dir tests/fuzz locust_json`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| tidegate::read_results(Some("locust-json"), bytes));
