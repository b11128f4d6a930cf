//! The call that other programs rely on, with a history that another tool wrote.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::harness::{Answer, Gate};

/// An SLO that is compared with the last three results that passed.
const SLO: &str = r#"comparison:
  compare_with: several_results
  number_of_comparison_results: 3
  include_result_with_score: pass
  aggregate_function: avg
objectives:
  - sli: response_time
    pass: [{criteria: ["<=+10%"]}]
total_score: { pass: "90%", warning: "75%" }
"#;

/// An `evaluation.finished` as lighthouse stores it; minute and value are all that differs.
fn finished(id: &str, minute: u32, value: f64) -> Value {
    json!({
        "id": id, "source": "lighthouse-service", "specversion": "1.0", "shkeptnspecversion": "0.2.4",
        "contenttype": "application/json", "shkeptncontext": format!("context-{id}"), "triggeredid": format!("triggered-{id}"),
        "time": format!("2024-02-01T10:{minute:02}:00.123456789Z"), "type": "sh.keptn.event.evaluation.finished",
        "data": {
            "project": "sockshop", "stage": "staging", "service": "carts", "status": "succeeded", "result": "pass",
            "temporaryData": {"distributor": {"subscriptionID": ""}},
            "evaluation": {
                "timeStart": "", "timeEnd": "", "result": "pass", "score": 100, "sloFileContent": "",
                "indicatorResults": [{
                    "score": 1, "displayName": "", "keySli": false, "status": "pass", "passTargets": null, "warningTargets": null,
                    "value": {"metric": "response_time", "value": value, "comparedValue": 0, "success": true}
                }]
            }
        }
    })
}

/// The same, changed in one place.
fn changed(mut event: Value, pointer: &str, value: Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    event.pointer_mut(parent).unwrap()[key] = value;
    event
}

/// Writes events as lines.
fn lines(events: &[Value]) -> String {
    let lines: Vec<String> = events.iter().map(Value::to_string).collect();
    lines.join("\n") + "\n"
}

/// The fixed call.
fn gate(history: &[Value], values: &str) -> Gate {
    let gate = Gate::new()
        .file("in/slo.yaml", SLO)
        .file("in/values.json", values);
    let gate = match history {
        [] => gate,
        events => gate.file("in/log.jsonl", lines(events)),
    };
    gate.args([
        "evaluate",
        "--slo",
        "in/slo.yaml",
        "--values",
        "in/values.json",
    ])
    .args(["--event-log", "in/log.jsonl", "--project", "sockshop"])
    .args([
        "--stage",
        "staging",
        "--service",
        "carts",
        "--output",
        "keptn-event",
    ])
}

/// Returns the events that this one was compared with.
fn compared(answer: &Answer) -> Value {
    answer.json()["data"]["evaluation"]["comparedEvents"].clone()
}

/// Replaces what differs from run to run, and leaves out what is ours.
fn without_what_differs(mut event: Value) -> Value {
    for member in ["id", "time", "shkeptncontext", "triggeredid"] {
        assert!(event[member].is_string(), "{member}");
        event[member] = "…".into();
    }
    let data = event["data"].as_object_mut().unwrap();
    let evaluation = data["evaluation"].as_object_mut().unwrap();
    for member in ["timeStart", "timeEnd", "sloFileContent"] {
        evaluation[member] = "…".into();
    }
    data.remove("tidegate");
    event
}

#[test]
#[expect(clippy::too_many_lines, reason = "most of it is the event")]
fn the_fixed_call_prints_exactly_one_event() {
    let answer = gate(
        &[],
        r#"[{"metric": "response_time", "value": 500, "success": true}]"#,
    )
    .run();
    let answer = answer.code(0);
    assert_eq!(answer.raw_stdout().lines().count(), 1);
    assert_eq!(answer.stderr(), "stored as [id] in jsonl:in/log.jsonl\n");
    let event = answer.json();
    assert_eq!(event["data"]["evaluation"].get("comparedEvents"), None);
    assert_eq!(event["data"]["tidegate"]["version"], 1);
    let event = without_what_differs(event);
    assert_snapshot!(format!("{event:#}"), @r#"
    {
      "id": "…",
      "source": "tidegate",
      "specversion": "1.0",
      "type": "sh.keptn.event.evaluation.finished",
      "time": "…",
      "shkeptncontext": "…",
      "triggeredid": "…",
      "data": {
        "project": "sockshop",
        "stage": "staging",
        "service": "carts",
        "status": "succeeded",
        "result": "pass",
        "evaluation": {
          "timeStart": "…",
          "timeEnd": "…",
          "result": "pass",
          "score": 100,
          "sloFileContent": "…",
          "indicatorResults": [
            {
              "score": 1,
              "value": {
                "metric": "response_time",
                "value": 500,
                "comparedValue": 0,
                "success": true
              },
              "displayName": "",
              "passTargets": [
                {
                  "criteria": "<=+10%",
                  "targetValue": 0,
                  "violated": false
                }
              ],
              "warningTargets": null,
              "keySli": false,
              "status": "pass"
            }
          ]
        }
      },
      "contenttype": "application/json",
      "datacontenttype": "application/json",
      "shkeptnspecversion": "0.2.4"
    }
    "#);
}

#[test]
fn a_history_that_another_tool_wrote_is_compared_with_newest_first() {
    let without_status = |id, minute, value| {
        let mut event = finished(id, minute, value);
        event["data"].as_object_mut().unwrap().remove("status");
        event
    };
    let history = [
        finished("oldest", 1, 9000.0),
        without_status("no-status", 4, 110.0),
        finished("newest", 5, 120.0),
        finished("older", 2, 100.0),
        changed(
            finished("other-service", 9, 1.0),
            "/data/service",
            "orders".into(),
        ),
        changed(finished("other-stage", 9, 1.0), "/data/stage", "dev".into()),
        changed(finished("failed", 9, 1.0), "/data/result", "fail".into()),
        changed(finished("warned", 9, 1.0), "/data/result", "warning".into()),
        changed(
            finished("errored", 9, 1.0),
            "/data/status",
            "errored".into(),
        ),
        changed(
            finished("skipped", 9, 1.0),
            "/data/evaluation/indicatorResults",
            Value::Null,
        ),
        finished("invalidated", 9, 1.0),
        json!({
            "id": "invalidation", "source": "https://keptn.example/bridge#evaluation.invalidated", "specversion": "1.0",
            "type": "sh.keptn.event.evaluation.invalidated", "time": "2024-02-01T11:00:00.000Z",
            "shkeptncontext": "context-invalidated", "triggeredid": "triggered-invalidated",
            "data": {"project": "sockshop", "stage": "staging", "service": "carts", "evaluation": {"reason": "wrong load"}}
        }),
        json!({"id": "other", "source": "shipyard-controller", "specversion": "1.0", "type": "sh.keptn.event.deployment.finished", "data": {}}),
    ];
    let passes = gate(&history, r#"{"response_time": 121}"#).run().code(0);
    assert_eq!(compared(&passes), json!(["newest", "no-status", "older"]));
    let result = passes.json()["data"]["evaluation"]["indicatorResults"][0].clone();
    assert_eq!(result["value"]["comparedValue"], 110);
    assert_eq!(result["passTargets"][0]["targetValue"], 121);
    let fails = gate(&history, r#"{"response_time": 121.1}"#).run().code(1);
    assert_eq!(fails.json()["data"]["result"], "fail");
    assert_eq!(compared(&fails), json!(["newest", "no-status", "older"]));
}

#[test]
fn time_is_compared_as_time_and_not_as_text() {
    let at = |id: &str, time: &str| changed(finished(id, 0, 100.0), "/time", time.into());
    let history = [
        at("third", "2024-02-01T10:00:00Z"),
        at("first", "2024-02-01T09:30:00-02:00"),
        at("second", "2024-02-01T12:00:00.5+01:00"),
        at("fourth", "2024-02-01T10:59:00+01:00"),
    ];
    let answer = gate(&history, r#"{"response_time": 100}"#).run().code(0);
    assert_eq!(compared(&answer), json!(["first", "second", "third"]));
}

#[test]
fn the_file_holds_the_old_lines_and_two_new_events_afterwards() {
    let history = [finished("a", 1, 100.0), finished("b", 2, 100.0)];
    let gate = gate(&history, r#"{"response_time": 100}"#);
    let event = gate.run().code(0).json();
    let text = gate.read("in/log.jsonl");
    assert!(text.starts_with(&lines(&history)));
    let events: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let [triggered, stored] = &events[2..] else {
        panic!("{text}");
    };
    assert_eq!(triggered["type"], "sh.keptn.event.evaluation.triggered");
    assert_eq!(triggered["id"], event["triggeredid"]);
    assert_eq!(triggered["shkeptncontext"], event["shkeptncontext"]);
    for member in ["id", "type", "source", "triggeredid", "shkeptncontext"] {
        assert_eq!(stored[member], event[member], "{member}");
    }
    assert_eq!(stored["data"]["evaluation"], event["data"]["evaluation"]);
    let next = gate.run().code(0);
    assert_eq!(compared(&next), json!([event["id"], "b", "a"]));
}

#[test]
fn a_writer_never_stamps_earlier_than_the_newest_event_of_its_series() {
    let future = changed(
        finished("future", 0, 100.0),
        "/time",
        "2999-01-01T00:00:00Z".into(),
    );
    let gate = gate(&[future], r#"{"response_time": 100}"#);
    let first = gate.run().code(0).json();
    assert!(
        first["time"]
            .as_str()
            .unwrap()
            .starts_with("2999-01-01T00:00:00.00"),
        "{first}"
    );
    let second = gate.run().code(0);
    assert_eq!(compared(&second), json!([first["id"], "future"]));
}

#[test]
fn a_whole_get_sli_finished_event_brings_labels_and_window() {
    let event = json!({
        "type": "sh.keptn.event.get-sli.finished", "id": "x", "source": "prometheus-service", "specversion": "1.0",
        "data": {
            "project": "sockshop", "stage": "staging", "service": "carts", "labels": {"build": "17", "by": "event"},
            "status": "succeeded", "result": "pass",
            "get-sli": {
                "start": "2024-02-01T10:00:00.000Z", "end": "2024-02-01T10:05:00.000Z",
                "indicatorValues": [{"metric": "response_time", "value": 540.2, "success": true}]
            }
        }
    });
    let gate = gate(&[], &event.to_string()).args(["--label", "by=flag"]);
    let answer = gate.run().code(0).json();
    assert_eq!(
        answer["data"]["labels"],
        json!({"build": "17", "by": "flag"})
    );
    let evaluation = &answer["data"]["evaluation"];
    assert_eq!(evaluation["timeStart"], "2024-02-01T10:00:00.000Z");
    assert_eq!(evaluation["timeEnd"], "2024-02-01T10:05:00.000Z");
    assert_eq!(evaluation["indicatorResults"][0]["value"]["value"], 540.2);

    let configured = gate.env("TIDEGATE_TIMEFRAME", "30m");
    let answer = configured.run().code(0).json();
    let start = &answer["data"]["evaluation"]["timeStart"];
    assert_eq!(
        start, "2024-02-01T10:00:00.000Z",
        "a default beat the event"
    );
    let typed = configured.args(["--start", "2024-02-02T10:00:00Z"]);
    let answer = typed.run().code(0).json();
    let start = &answer["data"]["evaluation"]["timeStart"];
    assert_eq!(start, "2024-02-02T10:00:00.000Z");
}

#[test]
fn a_provider_that_says_fail_makes_the_evaluation_fail() {
    let event = json!({"type": "sh.keptn.event.get-sli.finished", "data": {
        "status": "succeeded", "result": "fail", "message": "load test broke",
        "get-sli": {"indicatorValues": [{"metric": "response_time", "value": 5, "success": true}]}
    }});
    let answer = gate(&[], &event.to_string()).run().code(1).json();
    assert_eq!(answer["data"]["result"], "fail");
    assert_eq!(answer["data"]["status"], "succeeded");
    assert_eq!(answer["data"]["evaluation"]["result"], "pass");
    assert_eq!(answer["data"]["evaluation"]["score"], 100);
}

#[test]
fn an_event_that_is_errored_is_no_pass() {
    let event = json!({"type": "sh.keptn.event.get-sli.finished", "data": {
        "status": "errored", "result": "fail", "message": "no such datasource",
        "get-sli": {"indicatorValues": null}
    }});
    let answer = gate(&[], &event.to_string()).run().code(1).json();
    let result = &answer["data"]["evaluation"]["indicatorResults"][0];
    assert_snapshot!(format!("{} {} {result:#}", answer["data"]["status"], answer["data"]["result"]), @r#""errored" "fail" null"#);
}

#[test]
fn lines_that_are_no_events_are_told_and_passed_over() {
    let gate = gate(&[], r#"{"response_time": 100}"#);
    let history = format!(
        "{}not an event\n\n{}",
        lines(&[finished("a", 1, 100.0)]),
        lines(&[finished("b", 2, 100.0)])
    );
    let gate = gate.file("in/log.jsonl", history);
    let answer = gate.run().code(0);
    assert_eq!(compared(&answer), json!(["b", "a"]));
    assert_snapshot!(answer.stderr(), @r"
    warning: in/log.jsonl:2: not an event: not a JSON object
    stored as [id] in jsonl:in/log.jsonl
    ");
}
