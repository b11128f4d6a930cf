//! The history of a Keptn, copied into the event log; and a Keptn as the event log itself.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::harness::{Gate, SLO};
use crate::support::keptn::{Keptn, TOKEN};

/// Returns an evaluation as Keptn stores it.
fn evaluation(id: &str, project: &str, day: u8) -> Value {
    json!({
        "id": id, "type": "sh.keptn.event.evaluation.finished", "source": "lighthouse-service", "specversion": "1.0",
        "time": format!("2024-02-{day:02}T10:00:00.000Z"), "triggeredid": format!("trigger-{id}"),
        "shkeptncontext": "0190a000-0000-4000-8000-000000000001", "contenttype": "application/json",
        "data": {
            "project": project, "stage": "staging", "service": "carts", "status": "succeeded", "result": "pass",
            "evaluation": {
                "timeStart": "2024-02-01T10:00:00.000Z", "timeEnd": "2024-02-01T10:05:00.000Z", "result": "pass",
                "score": 100, "sloFileContent": "", "indicatorResults": [{
                    "score": 1, "displayName": "", "keySli": false, "status": "pass", "passTargets": null,
                    "warningTargets": null,
                    "value": {"metric": "response_time", "value": 500, "comparedValue": 0, "success": true},
                }],
            },
        },
    })
}

/// Returns an evaluation as Keptn 0.7 stored it.
fn old_evaluation(id: &str) -> Value {
    json!({
        "id": id, "type": "sh.keptn.events.evaluation-done", "source": "lighthouse-service",
        "time": "2020-02-01T10:00:00.000Z",
        "data": {
            "project": "sockshop", "stage": "staging", "service": "carts", "result": "pass",
            "evaluationdetails": {"result": "pass", "score": 100, "indicatorResults": null},
        },
    })
}

/// Starts a Keptn with a history.
fn keptn() -> Keptn {
    let keptn = Keptn::start(&["bookshop", "empty", "sockshop"]);
    for n in 1..=120 {
        keptn.store(evaluation(&format!("e{n:03}"), "sockshop", n % 28 + 1));
    }
    keptn.store(evaluation("other", "bookshop", 1));
    keptn.store(old_evaluation("old"));
    let mut invalidated = evaluation("i", "sockshop", 28);
    invalidated["type"] = "sh.keptn.event.evaluation.invalidated".into();
    keptn.store(invalidated);
    let mut unwanted = evaluation("started", "sockshop", 2);
    unwanted["type"] = "sh.keptn.event.evaluation.started".into();
    keptn.store(unwanted);
    keptn
}

fn import(keptn: &Keptn) -> Gate {
    Gate::new()
        .env("KEPTN_API_TOKEN", TOKEN)
        .args(["import", "keptn", "--event-log", "history.jsonl"])
        .args(["--from", &keptn.url()])
}

#[test]
fn a_history_is_copied_over_the_api_as_it_is_and_once_only() {
    let keptn = keptn();
    let gate = import(&keptn);
    let answer = gate.run_with(["--dry-run"]).code(0);
    assert_snapshot!(answer.stdout(), @"
    123  read
    123  new, not stored
      0  known already
      1  of Keptn before 0.8, brought into the form of today
    ");
    assert!(!gate.path("history.jsonl").exists());
    let answer = gate.run().code(0);
    assert_snapshot!(answer.stdout(), @"
    123  read
    123  new, stored
      0  known already
      1  of Keptn before 0.8, brought into the form of today
    ");
    assert_snapshot!(answer.stderr(), @"
    bookshop: 1 events read
    empty: 0 events read
    sockshop: 122 events read
    ");
    let log = gate.read("history.jsonl");
    assert_eq!(log.lines().count(), 123);
    for part in [
        r#""id":"e120""#,
        r#""time":"2024-02-09T10:00:00Z""#,
        r#""id":"i""#,
    ] {
        assert!(log.contains(part), "{part}");
    }
    assert!(!log.contains("evaluation-done"));
    let again = gate.run_with(["--output", "json"]).code(0).json();
    assert_eq!((&again["new"], &again["known"]), (&json!(0), &json!(123)));
    assert_eq!(gate.read("history.jsonl"), log);
}

#[test]
fn only_the_projects_that_are_named_are_copied() {
    let keptn = keptn();
    let answer = import(&keptn).run_with(["--project", "bookshop", "--output", "json"]);
    assert_eq!(answer.code(0).json()["new"], 1);
}

#[test]
fn a_wrong_token_is_told_and_shown_nowhere() {
    let keptn = keptn();
    let gate = import(&keptn).env("KEPTN_API_TOKEN", "wr0ng-t0ken");
    let answer = gate.run().code(77);
    assert!(!answer.stderr().contains("wr0ng"));
    assert_snapshot!(answer.stderr(), @"
    error: the event log `http://127.0.0.1:[port]/api` refused access
      because: incorrect api key auth (POST /v1/auth: HTTP 401)
      hint: set KEPTN_API_TOKEN to the API token of this Keptn
    ");
}

#[test]
fn an_imported_evaluation_is_what_the_next_one_is_compared_with() {
    let export = json!({"events": [evaluation("theirs", "sockshop", 1), {"id": 7}]}).to_string();
    let gate = Gate::new()
        .file("export.json", export)
        .file("slo.yaml", SLO.replace("<600", "<=+10%"))
        .file("values.json", r#"{"response_time": 540}"#)
        .env("TIDEGATE_EVENT_LOG", "history.jsonl");
    let answer = gate
        .run_with(["import", "keptn", "--file", "export.json"])
        .code(65);
    assert_snapshot!(answer.stdout(), @"
    1  read
    1  new, stored
    0  known already
    1  could not be read
    ");
    assert_snapshot!(answer.stderr(), @"
    export.json: 1 events read
    warning: export.json: event 2: no event: invalid type: integer `7`, expected a string
    ");
    assert_eq!(compared(&gate, &[]), json!(["theirs"]));
}

/// Evaluates, and returns what was compared with.
fn compared(gate: &Gate, more: &[&str]) -> Value {
    let evaluate = [
        "evaluate",
        "--values",
        "values.json",
        "--project",
        "sockshop",
        "--stage",
        "staging",
        "--service",
        "carts",
        "--output",
        "keptn-event",
    ];
    let words = evaluate.iter().chain(more);
    let event = gate.run_with(words).code(0).json();
    event["data"]["evaluation"]["comparedEvents"].clone()
}

#[test]
fn a_keptn_is_an_event_log() {
    let keptn = Keptn::start(&["sockshop"]);
    keptn.delay(2);
    let gate = Gate::new()
        .file("slo.yaml", SLO)
        .file("values.json", r#"{"response_time": 500}"#)
        .env("KEPTN_API_TOKEN", TOKEN);
    let url = keptn.url();
    let log = ["--event-log", url.as_str()];
    assert_eq!(compared(&gate, &log), Value::Null);
    let own = keptn.stored("sockshop")[0]["data"]["tidegate"]["id"].clone();
    assert_eq!(compared(&gate, &log), json!([own]));
    assert_eq!(keptn.stored("sockshop").len(), 2);
}
