//! What a missing value means, under every policy.

use insta::assert_snapshot;
use serde_json::Value;

use crate::harness::{Gate, SLO};
use crate::support::misbehaving::{Reply, Server};

/// An SLO with two objectives of the same weight.
const TWO: &str = r#"objectives:
  - sli: first
    pass: [{criteria: ["<600"]}]
  - sli: second
    pass: [{criteria: ["<600"]}]
total_score: { pass: "90%", warning: "50%" }
"#;

/// The words for every policy, with the code where one of two values is missing, and where both are.
const POLICIES: [(&str, i32, i32); 8] = [
    ("fail", 3, 1),
    ("warning", 3, 3),
    ("ignore", 0, 4),
    ("inconclusive", 4, 4),
    ("error", -1, -1),
    ("'value: 5'", 0, 0),
    ("{ value: 5 }", 0, 0),
    ("{ value: 1e3 }", 3, 1),
];

#[test]
fn a_value_that_was_not_brought_along_follows_on_no_data() {
    for (policy, one, both) in POLICIES {
        let gate = Gate::of_value(1.0).file("slo.yaml", TWO).file(
            "tidegate.yaml",
            format!("policies: {{ on_no_data: {policy} }}\n"),
        );
        let code = |code: i32| if code == -1 { 69 } else { code };
        gate.run_with(["--timeframe", "5m"]).code(code(both));
        let gate = gate.file("values.json", r#"{"first": 1}"#);
        gate.run().code(code(one));
    }
}

#[test]
fn a_query_without_data_follows_on_no_data() {
    for (policy, one, both) in POLICIES {
        let server = Server::start(|request| match request {
            request if request.contains("first") => Reply::number(1.0),
            _ => Reply::no_series(),
        });
        let gate = Gate::of_server(&server.url()).file("slo.yaml", TWO).file(
            "sli.yaml",
            format!(
                "indicators:\n  first: first\n  second: {{ query: second, on_no_data: {policy} }}\n"
            ),
        );
        let code = |code: i32| if code == -1 { 69 } else { code };
        gate.run().code(code(one));
        let gate = gate.file("sli.yaml", format!("indicators:\n  first: {{ query: none, on_no_data: {policy} }}\n  second: {{ query: second, on_no_data: {policy} }}\n"));
        gate.run().code(code(both));
    }
}

#[test]
fn a_query_that_fails_beside_one_that_does_not_follows_on_error() {
    for (policy, one, _) in POLICIES {
        let server = Server::start(|request| match request {
            request if request.contains("first") => Reply::number(1.0),
            _ => Reply::json(403, "{}"),
        });
        let config = format!(
            "providers: {{ prometheus: {{ url: '{}', on_error: {policy} }} }}\n",
            server.url()
        );
        let gate = Gate::of_server("http://unused")
            .file("slo.yaml", TWO)
            .file("sli.yaml", "indicators: { first: first, second: second }\n")
            .file("tidegate.yaml", config);
        gate.run().code(if one == -1 { 77 } else { one });
    }
}

#[test]
fn a_verdict_by_policy_says_so() {
    let gate = Gate::of_value(1.0)
        .file("slo.yaml", TWO)
        .file("values.json", r#"[{"metric": "first", "value": 1, "success": true}, {"metric": "second", "value": 0, "success": false, "message": "the query timed out"}]"#)
        .file("tidegate.yaml", "policies: { on_error: ignore, on_no_data: ignore }\n");
    let answer = gate.run().code(0);
    assert_snapshot!(answer.stdout(), @"
    [name]/default/[name]  [time] to [time]

              SLI         Value   Passes if   Points
    ─────────────────────────────────────────────────
     ✓ pass   first           1   <600           1/1
     i info   second   no value   <600

    Compared with no earlier evaluation; relative criteria are met.

    Policy: second is left out of the score (on_error: ignore), because the query timed out.

    ✓ PASS  score 100 of 100 (90 to pass, 50 for a warning), by policy: not every objective had a value
    Without a value, decided by policy: 'second' (on_error: ignore)
    ");
    let document = gate.run_with(["-o", "json"]).code(0).json();
    let policy = document["objectives"][1]["policy"].to_string();
    assert_snapshot!(policy, @r#"{"cause":"error","action":"ignore","reason":"the query timed out"}"#);
}

#[test]
fn all_ignored_is_inconclusive_and_stored_as_errored() {
    let gate = Gate::of_value(1.0)
        .file("values.json", "{}")
        .file("tidegate.yaml", "policies: { on_no_data: ignore }\n");
    let answer = gate.run().code(4);
    assert_snapshot!(answer.stdout(), @"
    [name]/default/[name]  [time] to [time]

              SLI                Value   Passes if   Points
    ────────────────────────────────────────────────────────
     i info   response_time   no value   <600

    Compared with no earlier evaluation.

    Policy: response_time is left out of the score (on_no_data: ignore), because no value received from SLI provider.

    ? INCONCLUSIVE  no verdict
    Evaluation is inconclusive: every scored objective is ignored for lack of a value. Without a value, decided by policy: 'response_time' (on_no_data: ignore)
    ");
    let event = gate.run_with(["-o", "keptn-event"]).code(4).json();
    assert_eq!(event["data"]["status"], "errored");
    assert_eq!(event["data"]["result"], "fail");
    let document = gate.run_with(["-o", "json"]).code(4).json();
    assert_eq!(document["result"], "inconclusive");
    let message = document["message"].as_str().unwrap_or_default();
    assert_ne!(message, "");
}

#[test]
fn error_means_no_verdict_and_nothing_is_stored() {
    let gate = Gate::new()
        .file("slo.yaml", SLO)
        .file("values.json", "{}")
        .file(
            "tidegate.yaml",
            "policies: { on_no_data: error }\nevent_log: log.jsonl\n",
        )
        .args(["evaluate", "--values", "values.json"]);
    let answer = gate.refused(69);
    assert_snapshot!(answer.stderr(), @"
    error: no verdict: `response_time` has no value, and its policy is `error`
      because: no value received from SLI provider
      hint: bring the value, or let another policy than `error` say what its absence means
    ");
    assert!(!gate.path("log.jsonl").exists());
}

#[test]
fn the_policy_of_an_sli_wins_over_the_providers_and_that_over_the_files() {
    let server = Server::start(|request| match request {
        request if request.contains("first") => Reply::number(1.0),
        _ => Reply::no_series(),
    });
    let config = |provider: &str| {
        format!(
            "policies: {{ on_no_data: inconclusive }}\nproviders: {{ prometheus: {{ url: '{}'{provider} }} }}\n",
            server.url()
        )
    };
    let code = |sli: &str, provider: &str, code: i32| {
        let gate = Gate::of_server("http://unused")
            .file("slo.yaml", TWO)
            .file(
                "sli.yaml",
                format!("indicators: {{ first: first, second: {{ query: second{sli} }} }}\n"),
            )
            .file("tidegate.yaml", config(provider));
        gate.run().code(code);
    };
    code("", "", 4);
    code("", ", on_no_data: ignore", 0);
    code(", on_no_data: fail", ", on_no_data: ignore", 3);
}

#[test]
fn values_count_as_answered_whatever_they_lack() {
    let gate = Gate::of_value(1.0).file("values.json", "{}");
    let document = gate.run_with(["-o", "json"]).code(1).json();
    assert_eq!(document["objectives"][0]["value"], Value::Null);
    assert_snapshot!(gate.run().code(1).stdout(), @"
    [name]/default/[name]  [time] to [time]

              SLI                Value   Passes if   Points
    ────────────────────────────────────────────────────────
     ✗ fail   response_time   no value   <600           0/1

    ✗ fail response_time has no value: no value received from SLI provider

    Compared with no earlier evaluation; relative criteria are met.

    ✗ FAIL  score 0 of 100 (90 to pass, 50 for a warning)
    Evaluation failed since the calculated score of 0 is below the warning value of 50
    ");
}

#[test]
fn a_number_that_a_policy_put_in_place_is_nobodys_baseline() {
    let slo = r#"comparison: { compare_with: several_results }
objectives:
  - sli: first
    pass: [{criteria: [">=-10%"]}]
total_score: { pass: "90%" }
"#;
    let mut gate = Gate::new()
        .file("slo.yaml", slo)
        .file(
            "tidegate.yaml",
            "policies: { on_no_data: { value: 950 } }\n",
        )
        .args([
            "evaluate",
            "--values",
            "values.json",
            "--event-log",
            "log.jsonl",
        ]);
    for (values, code) in [
        (r#"{"first": 1000}"#, 0),
        ("{}", 0),
        (r#"{"first": 899}"#, 1),
    ] {
        gate = gate.file("values.json", values);
        gate.run().code(code);
    }
}

#[test]
fn a_value_that_is_null_is_no_data_and_no_pass() {
    for value in [r#""value": null, "#, ""] {
        let values = format!(r#"[{{"metric": "first", {value}"success": true}}]"#);
        let gate = Gate::of_value(1.0)
            .file("slo.yaml", TWO)
            .file("values.json", values);
        let answer = gate.run().code(1);
        assert!(
            answer.stdout().contains("its `value` is missing or null"),
            "{}",
            answer.stdout()
        );
    }
}
