//! `tidegate run`: a delivery of two stages on this machine, its end, its interruption, and what is refused.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use regex::Regex;
use serde_json::Value;

use crate::harness::{Answer, Gate};

#[cfg(unix)]
mod asked;
mod decisions;
mod emission;
mod hooks;
mod refusals;
#[cfg(unix)]
mod resume;

/// Two stages, a gate, an approval, and a rollback.
const SHIPYARD: &str = "apiVersion: spec.keptn.sh/0.2.3
kind: Shipyard
metadata: { name: shop }
spec:
  stages:
    - name: dev
      sequences:
        - name: delivery
          tasks: [{ name: deployment }, { name: evaluation }]
        - name: rollback
          triggeredOn:
            - event: dev.delivery.finished
              selector: { match: { result: fail } }
          tasks: [{ name: undo }]
    - name: prod
      sequences:
        - name: delivery
          triggeredOn: [{ event: dev.delivery.finished }]
          tasks: [{ name: approval }, { name: deployment }]
";

/// Who carries out what.
const CONFIG: &str = "project: shop
service: carts
event_log: events.jsonl
tasks:
  deployment: { command: [sh, deploy.sh] }
  undo: { command: [sh, undo.sh] }
  approval: later
";

/// An SLI whose value the deployment writes.
const SLI: &str = "indicators:
  response_time: { provider: file, path: value.json, format: json, query: $.value }
";

/// Starts with files for a run.
fn shop() -> Gate {
    Gate::new()
        .file("shipyard.yaml", SHIPYARD)
        .file("tidegate.yaml", CONFIG)
        .file("slo.yaml", crate::harness::SLO)
        .file("sli.yaml", SLI)
        .file(
            "deploy.sh",
            "echo \"deploys $TIDEGATE_IMAGE to $TIDEGATE_STAGE\"\n\
             case $TIDEGATE_IMAGE in *:bad) v=900 ;; *:slow) v=700 ;; *) v=500 ;; esac\n\
             echo \"{\\\"value\\\": $v}\" > value.json\n",
        )
        .file("undo.sh", "echo undone > undone.txt\n")
}

/// Returns what a run told on stderr, without times and ids.
fn told(answer: &Answer) -> String {
    let text = answer.stderr();
    let text = Regex::new(r"(?m)^\d\d:\d\d:\d\dZ")
        .unwrap()
        .replace_all(&text, "[clock]");
    lengths(&text)
}

/// Replaces how long something took.
fn lengths(text: &str) -> String {
    let length = Regex::new(r"\b\d+(\.\d)? s\b( *)").unwrap();
    let text = length.replace_all(text, "[s]$2");
    let lines = text.lines().map(str::trim_end);
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns how many `.finished` events of each task a log has, by stage and type.
fn finished(gate: &Gate) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for line in gate.read("events.jsonl").lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        let name = event["type"]
            .as_str()
            .unwrap()
            .strip_prefix("sh.keptn.event.")
            .unwrap();
        let parts: Vec<&str> = name.split('.').collect();
        if let [task, "finished"] = parts[..]
            && task != "shipyard"
        {
            let stage = event["data"]["stage"].as_str().unwrap();
            *counts.entry(format!("{stage} {task}")).or_default() += 1;
        }
    }
    counts
}

#[test]
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
fn a_good_image_goes_to_the_approval_and_on_when_it_is_approved() {
    let gate = shop();
    let waits = gate
        .run_with(["run", "delivery", "--image", "carts:1"])
        .code(75);
    assert_snapshot!(told(&waits), @"
    the run [id] begins
    [clock] dev.delivery begins
    [clock] dev deployment: begins
             dev deployment | deploys carts:1 to dev
    [clock] dev deployment: pass ([s])
    [clock] dev evaluation: begins
             dev evaluation | response_time = 500
    [clock] dev evaluation: pass ([s])
    [clock] dev.delivery ends: pass
    [clock] prod.delivery begins
    [clock] prod approval: begins
             prod approval | Approval strategy for result 'pass': manual
             prod approval | waiting for a decision
    error: the run waits for a decision: `approval` in the stage `prod`
      hint: decide and go on: tidegate run --resume [id] --approve, or --decline; with --wait it waits for others
    ");
    assert_snapshot!(lengths(&waits.stdout()), @"
    delivery of carts in shop: not over yet  ([id])

    STAGE  SEQUENCE  TASK        RESULT              TIME
    dev    delivery  deployment  pass                [s]
    dev    delivery  evaluation  pass                [s]
    dev    delivery  (sequence)  pass                [s]
    prod   delivery  approval    under way
    prod   delivery  deployment  -
    prod   delivery  (sequence)  waitingForApproval
    ");
    let approved = gate
        .run_with(["run", "--resume", "--approve", "--message", "go"])
        .code(0);
    assert_snapshot!(lengths(&approved.stdout()), @"
    delivery of carts in shop: pass  ([id])

    STAGE  SEQUENCE  TASK        RESULT  TIME
    dev    delivery  deployment  pass    [s]
    dev    delivery  evaluation  pass    [s]
    dev    delivery  (sequence)  pass    [s]
    prod   delivery  approval    pass    [s]  go
    prod   delivery  deployment  pass    [s]
    prod   delivery  (sequence)  pass    [s]
    ");
    let nothing = gate.run_with(["run", "--resume"]).code(66);
    assert!(
        nothing
            .stderr()
            .contains("no run of the project `shop` is unfinished")
    );
    assert!(
        finished(&gate).values().all(|count| *count == 1),
        "{:?}",
        finished(&gate)
    );
    // The gate's evaluation is part of the history, as any other.
    let history = gate
        .run_with(["history", "--stage", "dev", "--output", "json"])
        .code(0);
    assert_eq!(
        history.json()["evaluations"].as_array().map(Vec::len),
        Some(1),
        "{}",
        history.raw_stdout()
    );
}

#[test]
fn a_bad_image_fails_the_gate_and_is_rolled_back() {
    let gate = shop();
    let failed = gate
        .run_with(["run", "delivery", "--image", "carts:bad"])
        .code(1);
    assert_snapshot!(lengths(&failed.stdout()), @"
    delivery of carts in shop: fail  ([id])

    STAGE  SEQUENCE  TASK        RESULT  TIME
    dev    delivery  deployment  pass    [s]
    dev    delivery  evaluation  fail    [s]  Evaluation failed since the calculated score of 0 is below the warning value of 50
    dev    delivery  (sequence)  fail    [s]
    dev    rollback  undo        pass    [s]
    dev    rollback  (sequence)  pass    [s]
    ");
    assert!(gate.exists("undone.txt"));
    gate.run_with([
        "run",
        "delivery",
        "--image",
        "carts:bad",
        "--fail-on",
        "never",
    ])
    .code(0);
}

#[test]
fn a_warning_goes_on_and_ends_as_one_where_nobody_says_better() {
    let gate = shop().file(
        "tidegate.yaml",
        CONFIG.replace("later", "{ use: policy, warning: automatic }"),
    );
    let answer = gate
        .run_with([
            "run",
            "delivery",
            "--image",
            "carts:slow",
            "--output",
            "json",
        ])
        .code(3);
    let document = answer.json();
    let results: Vec<(&str, &str)> = document["sequences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["stage"].as_str().unwrap(),
                one["result"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(results, [("dev", "warning"), ("prod", "pass")]);
    assert_eq!(document["outcome"], "warning");
    assert_eq!(document["exit_code"], 3);
    gate.run_with([
        "run",
        "delivery",
        "--image",
        "carts:slow",
        "--fail-on",
        "fail",
    ])
    .code(0);
    gate.run_with([
        "run",
        "delivery",
        "--image",
        "carts:slow",
        "--fail-on",
        "warning",
    ])
    .code(1);
}

#[test]
fn a_declined_approval_is_a_fail() {
    let gate = shop();
    gate.run_with(["run", "delivery"]).code(75);
    let declined = gate
        .run_with(["run", "--resume", "--decline", "--output", "json"])
        .code(1);
    let document = declined.json();
    let approval = &document["sequences"][1]["tasks"][0];
    assert_eq!(
        (approval["result"].as_str(), approval["message"].as_str()),
        (Some("fail"), Some("declined"))
    );
    let state = document["sequences"][1]["tasks"][1]["state"].as_str();
    assert_eq!(state, Some("skipped"));
}

#[test]
fn a_dry_run_shows_who_does_what_and_does_nothing() {
    let gate = shop();
    let plan = gate.run_with(["run", "delivery", "--dry-run"]).code(0);
    assert_snapshot!(plan.stdout(), @"
    dev.delivery
      deployment: sh deploy.sh
      evaluation: the gate
    dev.rollback, after dev.delivery (result: fail)
      undo: sh undo.sh
    prod.delivery, after dev.delivery
      approval: a decision later
      deployment: sh deploy.sh
    ");
    assert!(!gate.exists("events.jsonl") && !gate.exists(".tidegate"));
    let document = gate
        .run_with(["run", "delivery", "--dry-run", "--output", "json"])
        .code(0);
    assert_eq!(
        document.json()["sequences"][0]["tasks"][1]["by"],
        "the gate"
    );
}

#[test]
fn values_labels_and_data_reach_the_tasks() {
    let gate = shop()
        .file("deploy.sh", "cp \"$TIDEGATE_EVENT_FILE\" event.json; echo \"$TIDEGATE_LABEL_BUILD\" > build.txt; echo '{\"value\": 900}' > value.json\n")
        .file("data.json", r#"{"configurationChange": {"values": {"a": "file"}}, "extra": [1, 2]}"#)
        .args(["run", "delivery", "--data-file", "data.json", "--image", "carts:1", "--values", "b.c=d", "--label", "build=17"]);
    gate.run().code(1);
    assert_eq!(gate.read("build.txt"), "17\n");
    let event: Value = serde_json::from_str(&gate.read("event.json")).unwrap();
    assert_snapshot!(event["data"].to_string(), @r#"{"configurationChange":{"values":{"a":"file","b":{"c":"d"},"image":"carts:1"}},"extra":[1,2],"project":"shop","stage":"dev","service":"carts","labels":{"build":"17"}}"#);
}

#[test]
fn a_command_that_cannot_do_its_work_is_69_and_one_that_takes_too_long_too() {
    let gate = shop().file("deploy.sh", "exit 70\n");
    gate.run_with(["run", "delivery"]).code(69);
    let gate = shop().file("deploy.sh", "sleep 300\n").file(
        "tidegate.yaml",
        CONFIG.replace("deploy.sh]", "deploy.sh], timeout: 300ms"),
    );
    gate.run_with(["run", "delivery"]).code(69);
}
