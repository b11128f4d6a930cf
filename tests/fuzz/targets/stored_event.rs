//! Feeds any event to the reader of stored evaluations: `cargo +nightly fuzz run --fuzz-dir tests/fuzz stored_event`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidegate::gate::Record;
use tidegate::gate::event::{CloudEvent, decode_record, finished_event, upgrade};

/// Leaves out how long readings took: lengths of weeks lose nanoseconds.
fn timeless(mut record: Record) -> Record {
    for reading in &mut record.readings {
        reading.elapsed = None;
    }
    record
}

fuzz_target!(|text: &str| {
    let Ok(event) = serde_json::from_str::<CloudEvent>(text) else {
        return;
    };
    let event = upgrade(event);
    let result = event.data_text("result");
    match decode_record(&event, Some(&event)) {
        Ok(record) => {
            assert!(result.is_empty() || record.evaluation.verdict.as_str() == result);
            let again = decode_record(&finished_event(&record), None).map(timeless);
            assert_eq!(again, Ok(timeless(record)));
        }
        Err(error) => assert!(!error.to_string().chars().any(char::is_control)),
    }
});
