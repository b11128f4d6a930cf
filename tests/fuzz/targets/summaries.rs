//! Feeds any bytes to the reader of every format: `cargo +nightly fuzz run --fuzz-dir tests/fuzz summaries`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| tidegate::read_as_everything(bytes));
