//! A run that waits, decided with `tidegate approve` and `tidegate decline` on its event log.

use serde_json::Value;

use super::{finished, shop};
use crate::harness::Gate;

/// Returns a delivery that waits for its approval.
fn waiting() -> Gate {
    let gate = shop();
    gate.run_with(["run", "delivery", "--image", "carts:1"])
        .code(75);
    gate
}

/// Returns the contexts that wait, oldest first.
fn contexts(gate: &Gate) -> Vec<String> {
    let log = gate.read("events.jsonl");
    let events = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let waits = events.filter(|event| event["type"] == "sh.keptn.event.approval.triggered");
    waits
        .map(|event| event["shkeptncontext"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn what_is_approved_in_the_log_is_deployed_by_the_run_that_goes_on() {
    let gate = waiting();
    assert_eq!(finished(&gate).get("prod deployment"), None);
    gate.run_with(["approve", "--project", "shop", "--message", "looks good"])
        .code(0);
    let answer = gate
        .run_with(["run", "--resume", "--output", "json"])
        .code(0);
    let tasks = &answer.json()["sequences"][1]["tasks"];
    assert_eq!(tasks[0]["result"], "pass", "{tasks}");
    assert_eq!(tasks[0]["message"], "looks good", "{tasks}");
    assert_eq!(tasks[1]["result"], "pass", "{tasks}");
    assert_eq!(finished(&gate).get("prod deployment"), Some(&1));
    let nothing = gate.run_with(["approve", "--project", "shop"]).code(66);
    assert!(nothing.stderr().contains("waits"), "{}", nothing.stderr());
}

#[test]
fn what_is_declined_in_the_log_is_not_deployed() {
    let gate = waiting();
    gate.run_with(["decline", "--stage", "prod", "--message", "not today"])
        .code(0);
    let answer = gate
        .run_with(["run", "--resume", "--output", "json"])
        .code(1);
    let document = answer.json();
    let tasks = &document["sequences"][1]["tasks"];
    assert_eq!(tasks[0]["result"], "fail", "{tasks}");
    assert_eq!(tasks[0]["message"], "not today", "{tasks}");
    assert_eq!(tasks[1]["state"], "skipped", "{tasks}");
    assert_eq!(document["outcome"], "fail");
    assert_eq!(finished(&gate).get("prod deployment"), None);
    gate.run_with(["run", "--resume"]).code(66);
}

#[test]
fn a_decision_counts_once_and_only_what_waits_is_decided() {
    shop().run_with(["approve", "--project", "shop"]).code(66);
    let gate = waiting();
    for wrong in [
        ["--id", "no-such-id"],
        ["--project", "bank"],
        ["--stage", "dev"],
        ["--context", "no-such-context"],
    ] {
        gate.run_with(["approve"].iter().chain(&wrong)).code(66);
    }
    gate.run_with(["decline", "--project", "shop"]).code(0);
    gate.run_with(["approve", "--project", "shop"]).code(66);
    gate.run_with(["run", "--resume"]).code(1);
    assert_eq!(finished(&gate).get("prod approval"), Some(&1));
}

#[test]
fn of_two_that_wait_the_one_that_is_named_is_decided() {
    let gate = waiting();
    gate.run_with(["run", "delivery", "--image", "carts:2"])
        .code(75);
    let several = gate.run_with(["approve", "--project", "shop"]).code(64);
    let contexts = contexts(&gate);
    let [first, second] = &contexts[..] else {
        panic!("{contexts:?}")
    };
    for context in [first, second] {
        let told = several.raw_stderr();
        assert!(told.contains(context.as_str()), "{context} in {told}");
    }
    gate.run_with(["approve", "--context", first]).code(0);
    gate.run_with(["run", "--resume", second]).code(75);
    gate.run_with(["run", "--resume", first]).code(0);
    gate.run_with(["decline", "--context", second]).code(0);
    gate.run_with(["run", "--resume", second]).code(1);
    assert_eq!(finished(&gate).get("prod deployment"), Some(&1));
}

#[test]
fn a_decision_of_a_resumed_run_names_its_run_where_several_wait() {
    let gate = waiting();
    gate.run_with(["run", "delivery", "--image", "carts:2"])
        .code(75);
    for decision in ["--approve", "--decline"] {
        let refused = gate.run_with(["run", "--resume", decision]).code(64);
        for told in contexts(&gate)
            .iter()
            .map(String::as_str)
            .chain(["carts:1", "carts:2"])
        {
            assert!(
                refused.raw_stderr().contains(told),
                "{told}: {}",
                refused.raw_stderr()
            );
        }
    }
    assert_eq!(finished(&gate).get("prod deployment"), None);
    let first = contexts(&gate).remove(0);
    gate.run_with(["run", "--resume", &first, "--approve"])
        .code(0);
    // One is left, so that it need not be named.
    gate.run_with(["run", "--resume", "--decline"]).code(1);
    assert_eq!(finished(&gate).get("prod deployment"), Some(&1));
}
