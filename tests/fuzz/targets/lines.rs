//! Feeds any bytes to the reader of event logs in lines: `cargo +nightly fuzz run --fuzz-dir tests/fuzz lines`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidegate::eventlog::read_lines;

fuzz_target!(|input: &[u8]| read_lines(input));
