//! Feeds any bytes to the reader of `jmeter-xml` files: `cargo +nightly fuzz run --fuzz-dir tests/fuzz jmeter_xml`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| tidegate::read_results(Some("jmeter-xml"), bytes));
