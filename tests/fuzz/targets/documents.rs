//! Feeds any question to any document: `cargo +nightly fuzz run --fuzz-dir tests/fuzz documents`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidegate::ask_document;

fuzz_target!(|input: &str| ask_document(input));
