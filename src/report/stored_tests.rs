//! Reports of stored evaluations: ours as on the day they were made, Keptn's as far as they tell.

use serde_json::json;

use super::samples::{PLAIN, all, earlier, record};
use super::{Account, Detail, Format, document, write};
use crate::gate::Record;
use crate::gate::event::{CloudEvent, decode_record, finished_event};

/// Returns an evaluation that Keptn stored.
fn keptn(status: &str, score: f64, results: &serde_json::Value) -> Record {
    let event: CloudEvent = serde_json::from_value(json!({
        "type": "sh.keptn.event.evaluation.finished", "id": "F1", "source": "lighthouse-service",
        "time": "2024-02-01T10:05:07Z", "triggeredid": "T1", "shkeptncontext": "C1",
        "data": {
            "project": "sockshop", "stage": "staging", "service": "carts",
            "status": status, "result": "fail", "message": "what Keptn said",
            "evaluation": {
                "timeStart": "", "timeEnd": "", "result": "fail", "score": score,
                "sloFileContent": "", "indicatorResults": results, "comparedEvents": ["E1", "E2"],
            },
        },
    }))
    .unwrap();
    decode_record(&event, None).unwrap()
}

/// Returns the result of one objective that failed with a value.
fn failed(name: &str) -> serde_json::Value {
    json!({
        "score": 0, "displayName": "", "keySli": false, "status": "fail",
        "value": {"metric": name, "value": 7, "comparedValue": 5, "success": true},
        "passTargets": [{"criteria": "<=+10%", "targetValue": 5.5, "violated": true}],
        "warningTargets": null,
    })
}

#[test]
fn every_report_of_a_stored_evaluation_is_that_of_the_day() {
    let live = record(all(640.0, 0.5), &[earlier(1, 500.0), earlier(0, 520.0)]);
    let stored = decode_record(&finished_event(&live), None).unwrap();
    for format in [
        Format::Table,
        Format::Json,
        Format::Yaml,
        Format::KeptnEvent,
    ] {
        let written = |record| write(format, &Account::of(record), Detail::Explained, PLAIN);
        assert_eq!(written(&stored), written(&live));
    }
}

#[test]
fn an_evaluation_of_keptn_is_shown_without_what_it_does_not_tell() {
    let record = keptn("succeeded", 0.0, &json!([failed("a"), failed("b")]));
    insta::assert_snapshot!(write(Format::Table, &Account::of(&record), Detail::Explained, PLAIN), @"
    sockshop/staging/carts  window unknown

              SLI   Value   Baseline    Change   Passes if      Points
    ───────────────────────────────────────────────────────────────────
     ✗ fail   a         7          5   +40.0 %   <=+10% (5.5)      0/?
     ✗ fail   b         7          5   +40.0 %   <=+10% (5.5)      0/?

    ✗ fail a is 7 and misses <=+10% (which is <= 5.5 here, with a baseline of 5)
    ✗ fail b is 7 and misses <=+10% (which is <= 5.5 here, with a baseline of 5)

    Compared with 2 earlier evaluations:
      E1 at an unknown time
      E2 at an unknown time

    How the score came about:
      a: is 7 and misses <=+10% (which is <= 5.5 here, with a baseline of 5), 0 of an unknown number of points.
      b: is 7 and misses <=+10% (which is <= 5.5 here, with a baseline of 5), 0 of an unknown number of points.
      0 of an unknown number of points: 0 of 100.

    ✗ FAIL  score 0 of 100
    what Keptn said
    ");
}

#[test]
fn an_evaluation_of_keptn_that_ended_early_has_no_score() {
    let record = keptn("errored", 0.0, &json!(null));
    insta::assert_snapshot!(write(Format::Table, &Account::of(&record), Detail::Explained, PLAIN), @"
    sockshop/staging/carts  window unknown

    How the score came about:
      0 of an unknown number of points: 0 of 100.

    ✗ FAIL  no score: its status is errored
    what Keptn said
    ");
}

#[test]
fn the_document_of_an_evaluation_of_keptn_has_null_for_what_is_unknown() {
    let record = keptn("succeeded", 0.0, &json!([failed("a"), failed("b")]));
    let document = document(&Account::of(&record));
    for path in [
        "/max_points",
        "/total_score/pass",
        "/total_score/warning",
        "/window/start",
        "/window/end",
        "/comparison/results",
        "/comparison/include",
        "/comparison/aggregate",
        "/comparison/compared/0/time",
        "/objectives/0/max_points",
        "/objectives/0/reading",
    ] {
        assert_eq!(document.pointer(path), Some(&json!(null)), "{path}");
    }
    assert_eq!(document["objectives"][0]["value"], 7);
}
