//! Feeds any bytes to the reader of `oha-csv` files: `cargo +nightly fuzz run --fuzz-dir tests/fuzz oha_csv`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| tidegate::read_results(Some("oha-csv"), bytes));
