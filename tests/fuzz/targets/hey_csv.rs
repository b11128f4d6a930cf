//! Feeds any bytes to the reader of `hey-csv` files: `cargo +nightly fuzz run --fuzz-dir tests/fuzz hey_csv`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| tidegate::read_results(Some("hey-csv"), bytes));
