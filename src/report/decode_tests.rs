//! What is read back is what was written.

use serde_json::{Value, json};

use super::golden::cases;
use super::samples::{PLAIN, all, earlier, record};
use super::{Account, DecodeError, Decoded, Detail, Format, decode, write};
use crate::gate::{Record, Reported, TimeWindow};

/// Writes a record as our document, and reads it back.
fn again(record: &Record) -> Record {
    let text = write(Format::Json, &Account::of(record), Detail::Brief, PLAIN);
    decode(&text).unwrap().record
}

#[test]
fn every_report_of_a_document_is_the_report_itself() {
    for case in cases() {
        let account = case.account();
        let text = write(Format::Json, &account, Detail::Brief, PLAIN);
        let decoded = decode(&text).unwrap();
        assert_eq!(decoded.record, case.record, "{}", case.name);
        let again = decoded.account(account.ended);
        assert_eq!(
            decoded.ended.as_ref().map(|ended| ended.0),
            account.ended.map(|e| e.code)
        );
        for format in Format::ALL {
            let direct = write(format, &account, Detail::Explained, PLAIN);
            let later = write(format, &again, Detail::Explained, PLAIN);
            assert_eq!(later, direct, "{} of {}", format.name(), case.name);
        }
    }
}

#[test]
fn what_milliseconds_and_objectives_do_not_hold_comes_back() {
    let mut record = record(all(640.0, 0.5), &[earlier(0, 520.0)]);
    let (start, end) = ("2024-02-01T10:00:00.000000001Z", "2024-02-01T10:05:00.5Z");
    record.window = TimeWindow::new(start.parse().unwrap(), end.parse().unwrap()).ok();
    let mut spare = record.readings[0].clone();
    spare.reported = Some(Reported {
        value: 1.5,
        compared_value: -0.0,
    });
    spare.elapsed = Some(std::time::Duration::from_nanos(1_234_567_891));
    record.readings.push(spare);
    assert_eq!(again(&record), record);
}

#[test]
fn an_event_is_read_like_the_document() {
    let record = record(all(640.0, 0.5), &[earlier(0, 520.0)]);
    for format in [Format::KeptnEvent, Format::KeptnEvents, Format::Json] {
        let text = write(format, &Account::of(&record), Detail::Brief, PLAIN);
        assert_eq!(decode(&text).unwrap().record, record, "{}", format.name());
    }
}

#[test]
fn an_older_document_tells_less() {
    let record = record(all(640.0, 0.5), &[earlier(0, 520.0)]);
    let mut document: Value = super::document(&Account::of(&record));
    let members = document.as_object_mut().unwrap();
    for newer in [
        "slo_content",
        "conclusion",
        "triggered_id",
        "context_id",
        "readings",
    ] {
        members.remove(newer).unwrap();
    }
    for objective in members["objectives"].as_array_mut().unwrap() {
        objective
            .as_object_mut()
            .unwrap()
            .remove("fetched")
            .unwrap();
        objective
            .as_object_mut()
            .unwrap()
            .remove("has_warning")
            .unwrap();
    }
    let old = decode(&document.to_string()).unwrap().record;
    assert_eq!(old.evaluation.objectives(), {
        let mut objectives = record.evaluation.objectives().to_vec();
        objectives[2].warning_targets = None;
        objectives
    });
    assert_eq!(old.evaluation.verdict, record.evaluation.verdict);
    assert_eq!((old.slo_file.content.as_str(), old.readings.len()), ("", 0));
}

#[test]
fn what_is_no_evaluation_is_refused() {
    let refused = |text: &str| decode(text).map(|_: Decoded| ()).unwrap_err();
    assert!(matches!(
        refused("{\n  \"version\": 1,\n  ]"),
        DecodeError::NoJson { line: 3, .. }
    ));
    for other in [
        "7",
        "{}",
        "[7]",
        "{\"events\": 7}",
        "{\"version\": 1}",
        "{\"version\": \"1\"}",
    ] {
        assert_eq!(refused(other), DecodeError::Other, "{other}");
    }
    assert_eq!(refused("{\"version\": 2}"), DecodeError::Newer(2));
    assert_eq!(refused("[]"), DecodeError::NotOne(0));
    assert_eq!(refused("{\"events\": [{}, {}]}"), DecodeError::NotOne(2));
    let failure = json!({"error": {"message": "no route"}, "result": "pass", "version": 1});
    let expected = DecodeError::NoVerdict("no route".to_owned());
    assert_eq!(refused(&failure.to_string()), expected);
    let mut document = super::document(&Account::of(&record(all(1.0, 1.0), &[])));
    document["score"] = json!("many");
    assert!(matches!(
        refused(&document.to_string()),
        DecodeError::Event(_)
    ));
}
