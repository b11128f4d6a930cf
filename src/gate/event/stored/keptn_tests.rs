//! Events that Keptn wrote, and events that nobody should have written.

use serde_json::{Value, json};

use super::{RecordError, decode_record};
use crate::gate::event::{CloudEvent, finished_event};
use crate::gate::*;

/// Returns an evaluation as Keptn 1.4 stored it.
pub(super) fn keptn() -> Value {
    json!({
        "type": "sh.keptn.event.evaluation.finished", "id": "F1", "source": "lighthouse-service",
        "specversion": "1.0", "time": "2024-02-01T10:05:07.123456789Z", "triggeredid": "T1",
        "shkeptncontext": "C1", "gitcommitid": "abc",
        "data": {
            "project": "sockshop", "stage": "staging", "service": "carts", "labels": {"build": "17"},
            "status": "succeeded", "result": "fail", "temporaryData": {"x": 1},
            "message": "Evaluation failed since the calculated score of 50 is below the warning value of 75",
            "evaluation": {
                "timeStart": "2024-02-01T10:00:00.000Z", "timeEnd": "2024-02-01T10:05:00.000Z",
                "result": "fail", "score": 50, "sloFileContent": "LS0tCg==",
                "indicatorResults": [
                    {
                        "score": 1, "displayName": "Response time", "keySli": false, "status": "pass",
                        "value": {"metric": "rt", "value": 540.2, "comparedValue": 510, "success": true},
                        "passTargets": [{"criteria": "<=+10%", "targetValue": 561, "violated": false}],
                        "warningTargets": null,
                    },
                    {
                        "score": 0, "displayName": "", "keySli": false, "status": "fail",
                        "value": {"metric": "err", "value": 0, "comparedValue": 0, "success": false,
                            "message": "query returned no data"},
                        "passTargets": [{"criteria": "=0", "targetValue": 0, "violated": true}],
                        "warningTargets": [],
                    },
                    {
                        "score": 0, "displayName": "Throughput", "keySli": false, "status": "info",
                        "value": null, "passTargets": [], "warningTargets": null,
                    },
                ],
                "comparedEvents": ["c09c80ae"],
            },
        },
    })
}

/// Takes an event out of JSON.
pub(super) fn event(event: &Value) -> CloudEvent {
    serde_json::from_value(event.clone()).unwrap()
}

/// Returns the event of Keptn with one member changed.
fn with(path: &str, member: Value) -> CloudEvent {
    let mut changed = keptn();
    *changed.pointer_mut(path).unwrap() = member;
    event(&changed)
}

/// Reads an event that must be readable.
fn decoded(event: &CloudEvent) -> Record {
    decode_record(event, None).unwrap()
}

#[test]
fn an_evaluation_of_keptn_tells_what_it_knows_and_nothing_else() {
    let record = decoded(&event(&keptn()));
    assert_eq!(record.ids.finished, "F1");
    assert_eq!(
        (record.ids.triggered.as_str(), record.ids.context.as_str()),
        ("T1", "C1")
    );
    assert_eq!(record.producer, "lighthouse-service");
    assert_eq!(record.series.to_string(), "sockshop/staging/carts");
    assert_eq!(record.labels["build"], "17");
    assert_eq!(record.window.unwrap().seconds(), 300);
    assert_eq!(
        (
            record.slo_file.path.as_str(),
            record.slo_file.content.as_str()
        ),
        ("", "---\n")
    );
    assert_eq!((record.readings.len(), record.deployment), (0, None));
    let evaluation = record.evaluation;
    assert_eq!(
        (evaluation.verdict, evaluation.scored),
        (Verdict::Fail, Verdict::Fail)
    );
    assert_eq!(evaluation.conclusion, Conclusion::Scored);
    assert_eq!((evaluation.score, evaluation.points), (50.0, 1.0));
    assert_eq!(evaluation.maximum, Some(2.0), "50 % are 1 point");
    assert_eq!(
        (evaluation.total_score, evaluation.comparison),
        (None, None)
    );
    assert_eq!(evaluation.compared[0].id, "c09c80ae");
    assert_eq!(
        (evaluation.compared[0].time, evaluation.compared[0].result),
        (None, None)
    );
    let [response_time, errors] = evaluation.objectives() else {
        panic!("{:?}", evaluation.objectives);
    };
    assert_eq!(response_time.baseline, Some(510.0));
    assert_eq!(
        (response_time.maximum, errors.maximum),
        (Some(1.0), Some(1.0))
    );
    assert_eq!((errors.baseline, errors.judged_value()), (None, None));
    assert_eq!(
        record.warnings,
        [
            "An informational objective `Throughput` had no value; its event does not name the SLI, so it is not shown."
        ]
    );
}

#[test]
fn the_slo_tells_what_keptns_event_does_not() {
    let mut record = decoded(&with("/data/evaluation/score", json!(0)));
    assert_eq!(record.evaluation.maximum, None, "0 % tell nothing");
    let objective = |name: &str, weight| Objective {
        weight: Weight::new(weight).unwrap(),
        ..Objective::new(IndicatorName::new(name).unwrap())
            .pass(["=0"])
            .unwrap()
    };
    let total_score = TotalScore::parse("90%", Some("75%")).unwrap();
    let slo = Slo::new(vec![objective("err", 3), objective("rt", 7)], total_score).unwrap();
    record.learn_from(&slo);
    let evaluation = record.evaluation;
    assert_eq!(evaluation.total_score, Some(total_score));
    assert_eq!(evaluation.comparison, Some(slo.comparison));
    let maxima: Vec<_> = evaluation.objectives().iter().map(|o| o.maximum).collect();
    assert_eq!(maxima, [Some(1.0), Some(3.0)], "what was known stays");
    assert_eq!(evaluation.maximum, Some(4.0));
}

#[test]
fn an_evaluation_that_ended_early_keeps_its_status_and_has_no_window() {
    let mut early = keptn();
    early["data"]["status"] = json!("errored");
    early["data"]["evaluation"] = json!({"timeStart": "", "timeEnd": "", "result": "fail", "score": 0,
        "sloFileContent": "", "indicatorResults": null});
    let record = decoded(&event(&early));
    assert_eq!(record.window, None);
    assert_eq!(record.evaluation.objectives, None);
    assert_eq!(
        (record.evaluation.points, record.evaluation.maximum),
        (0.0, None)
    );
    let errored = Conclusion::NotSucceeded("errored".to_owned());
    assert_eq!(record.evaluation.conclusion, errored);
    assert_eq!(record.evaluation.verdict, Verdict::Fail);
    let again = finished_event(&record);
    assert_eq!(again.data_text("status"), "errored");
    assert_eq!(decoded(&again), record);
}

#[test]
fn windows_of_any_length_are_kept_and_unreadable_ones_are_told() {
    let short = decoded(&with(
        "/data/evaluation/timeEnd",
        json!("2024-02-01T10:00:01Z"),
    ));
    assert_eq!(short.window.unwrap().seconds(), 1);
    for end in ["2024-02-01T09:00:00Z", "soon", ""] {
        let record = decoded(&with("/data/evaluation/timeEnd", json!(end)));
        assert_eq!(record.window, None, "{end}");
        let told = format!("`2024-02-01T10:00:00.000Z` to `{end}`");
        assert!(
            record
                .warnings
                .iter()
                .any(|warning| warning.contains(&told)),
            "{end}"
        );
    }
}

#[test]
fn the_deployment_comes_from_the_event_that_this_one_answers() {
    let triggered = |id: &str| {
        event(
            &json!({"id": id, "type": "t", "data": {"deployment": {"deploymentNames": ["canary", "x"]}}}),
        )
    };
    let finished = event(&keptn());
    let deployment = |id| {
        decode_record(&finished, Some(&triggered(id)))
            .unwrap()
            .deployment
    };
    assert_eq!(deployment("T1").as_deref(), Some("canary"));
    assert_eq!(deployment("T2"), None);
}

#[test]
fn keys_in_any_case_and_nulls_are_read() {
    let mut odd = keptn();
    let data = odd["data"].as_object_mut().unwrap();
    let evaluation = data.remove("evaluation").unwrap();
    data.insert("Evaluation".to_owned(), evaluation);
    data.insert("labels".to_owned(), Value::Null);
    data.insert("tidegate".to_owned(), Value::Null);
    data["Evaluation"]["indicatorResults"]
        .as_array_mut()
        .unwrap()
        .insert(0, Value::Null);
    let record = decoded(&event(&odd));
    assert_eq!(record.evaluation.objectives().len(), 2);
    assert!(record.labels.is_empty());
}

#[test]
fn a_newer_form_of_ours_is_read_as_keptns_and_says_so() {
    let mut newer = keptn();
    newer["data"]["tidegate"] = json!({"version": 2, "points": "many"});
    let record = decoded(&event(&newer));
    assert_eq!(record.evaluation.points.to_bits(), 1.0_f64.to_bits());
    assert!(record.warnings[0].contains("newer tidegate"));
}

#[test]
fn our_events_of_before_are_read() {
    let mut before = keptn();
    before["data"]["tidegate"] = json!({
        "version": 1, "producer": "tidegate 0.1.0", "conclusion": "scored", "points": 1, "maxPoints": 2,
        "totalScore": {"pass": 90, "warning": null}, "slo": "slo.yaml", "unused": ["other"], "warnings": [],
        "comparison": {"results": 1, "include": "all", "aggregate": "avg", "leftOut": []},
        "objectives": [
            {"sli": "rt", "maxPoints": 1, "baseline": 510},
            {"sli": "err", "maxPoints": 1, "baseline": null,
                "policy": {"onNoData": "fail", "reason": "query returned no data"}},
            {"sli": "throughput", "maxPoints": 0, "baseline": null},
        ],
        "readings": [
            {"sli": "rt", "outcome": "value", "attempts": 1, "elapsedMs": 12.3},
            {"sli": "err", "outcome": "no-data", "reason": "query returned no data", "attempts": 2},
            {"sli": "other", "outcome": "value", "attempts": 1},
        ],
    });
    let asked =
        json!({"id": "T1", "type": "t", "data": {"deployment": {"deploymentNames": ["blue"]}}});
    let record = decode_record(&event(&before), Some(&event(&asked))).unwrap();
    assert_eq!(record.producer, "tidegate 0.1.0");
    assert_eq!(record.deployment.as_deref(), Some("blue"));
    assert_eq!(
        record.evaluation.objectives()[2].indicator.as_str(),
        "throughput"
    );
    let rt = &record.readings[0];
    assert_eq!(rt.outcome, Outcome::Value(Finite::new(540.2).unwrap()));
    assert_eq!(rt.elapsed.unwrap().as_micros(), 12_300);
    assert_eq!(
        record.readings.len(),
        2,
        "nobody knows the value of `other`"
    );
    assert!(record.warnings[0].contains("`other`"));
}

/// Says what is wrong with the event of Keptn after one member is changed.
fn problem(path: &str, member: Value) -> String {
    let found = decode_record(&with(path, member), None);
    found.map_or_else(|error| error.to_string(), |_record| "nothing".to_owned())
}

#[test]
fn whatever_is_wrong_with_an_event_is_named() {
    let other = "sh.keptn.event.test.finished";
    let says = format!("it is no `evaluation.finished` event, but a `{other}`");
    assert_eq!(problem("/type", json!(other)), says);
    assert_eq!(problem("/time", json!("yesterday")), "`time` is missing");
    assert_eq!(problem("/data", json!([])), "`data` is not an object");
    for (member, wrong, says) in [
        (
            "result",
            json!("Pass"),
            "result` can't be read: `Pass`: not one of the known words",
        ),
        ("result", json!(null), "result` is missing"),
        ("status", json!(1), "status` is not text"),
        ("labels", json!({"a\nb": 1}), "labels.a\\nb` is not text"),
        (
            "project",
            json!(""),
            "project` can't be read: ``: a project name must not be empty",
        ),
        ("evaluation", json!(null), "evaluation` is missing"),
        ("evaluation", json!(true), "evaluation` is not an object"),
    ] {
        assert_eq!(
            problem(&format!("/data/{member}"), wrong),
            format!("`data.{says}")
        );
    }
    assert_eq!(problem("/data/temporaryData", json!({"x": 2})), "nothing");
    let broken = serde_json::to_string(&keptn())
        .unwrap()
        .replace("540.2", "1e999");
    let broken = decode_record(&serde_json::from_str(&broken).unwrap(), None);
    assert!(matches!(broken, Err(RecordError::Unreadable { member, .. }) if member == "data"));
}

#[test]
fn whatever_is_wrong_with_a_result_is_named() {
    for (path, wrong, says) in [
        ("score", json!("50"), "score` is not a number"),
        (
            "comparedEvents",
            json!(["a", 1]),
            "comparedEvents[1]` is not text",
        ),
        (
            "sloFileContent",
            json!("LS0t_"),
            "sloFileContent` can't be read: `LS0t_`: Invalid symbol 95, offset 4.",
        ),
        (
            "indicatorResults",
            json!({}),
            "indicatorResults` is not a list",
        ),
        (
            "indicatorResults/1",
            json!(7),
            "indicatorResults[1]` is not an object",
        ),
        (
            "indicatorResults/0/status",
            json!("passed"),
            "indicatorResults[0].status` can't be read: `passed`: not one of the known words",
        ),
        (
            "indicatorResults/0/value",
            json!(null),
            "indicatorResults[0].value.metric` is missing",
        ),
        (
            "indicatorResults/0/value/value",
            json!("1 ms"),
            "indicatorResults[0].value.value` is not a number",
        ),
        (
            "indicatorResults/0/passTargets/0/violated",
            json!(0),
            "indicatorResults[0].passTargets[0].violated` is not true or false",
        ),
    ] {
        let found = problem(&format!("/data/evaluation/{path}"), wrong);
        assert_eq!(found, format!("`data.evaluation.{says}"));
    }
}

#[test]
fn a_value_that_is_not_there_is_not_fetched() {
    let record = decoded(&with(
        "/data/evaluation/indicatorResults/0/value/value",
        Value::Null,
    ));
    let objective = &record.evaluation.objectives()[0];
    assert_eq!((objective.judged_value(), objective.baseline), (None, None));
}
