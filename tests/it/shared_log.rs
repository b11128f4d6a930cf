//! Two clones of a repository share a log: the second sees what the first evaluated, whatever kind of log it is.

use serde_json::{Value, json};

use crate::harness::{Answer, Gate};
use crate::shared_log::home::{Home, Powers};

mod home;
mod unreachable;

/// At most 10 % slower than before.
const SLO: &str = "spec_version: '1.0'\ncomparison: {compare_with: single_result, include_result_with_score: all}\nobjectives:\n  - sli: rt\n    pass: [{criteria: ['<=+10%']}]\ntotal_score: {pass: '90%', warning: '75%'}\n";

/// Makes a clone of the repository, with what leads to the log.
fn clone(home: &Home) -> Gate {
    let gate = Gate::new()
        .file("slo.yaml", SLO)
        .file(
            "tidegate.yaml",
            "project: sockshop\nstage: staging\nservice: carts\n",
        )
        .env("TIDEGATE_EVENT_LOG", &home.url)
        .env("OTHER_LOG", &home.other);
    let variables = home.variables.iter();
    variables.fold(gate, |gate, (name, value)| gate.env(name, value))
}

/// Evaluates a value.
fn evaluate(gate: &Gate, value: u32, more: &[&str]) -> Answer {
    std::fs::write(gate.path("values.json"), format!("{{\"rt\": {value}}}")).unwrap();
    let all = ["evaluate", "--output", "json", "--values", "values.json"];
    gate.run_with([&all[..], more].concat())
}

/// Returns the value that an answer was compared with, and the ids of the evaluations that have it.
fn compared(report: &Value) -> (Value, Vec<String>) {
    let compared = report["comparison"]["compared"].as_array().unwrap();
    let id = |past: &Value| past["id"].as_str().unwrap().to_owned();
    let baseline = report["objectives"][0]["baseline"].clone();
    (baseline, compared.iter().map(id).collect())
}

/// Returns the id of a report.
fn id(report: &Value) -> String {
    report["id"].as_str().unwrap().to_owned()
}

/// Tells the whole story of two clones that share a log.
fn tell(home: &Home) {
    let (first, second) = (clone(home), clone(home));
    let one = evaluate(&first, 500, &["--label", "build=1"])
        .code(0)
        .json();
    assert_eq!(one["stored"], true, "{one}");
    assert_eq!(compared(&one), (Value::Null, vec![]));
    let two = evaluate(&second, 520, &["--label", "build=2"])
        .code(0)
        .json();
    assert_eq!(compared(&two), (json!(500), vec![id(&one)]));
    read_it(&first, &one, &two);
    second
        .run_with(["invalidate", "latest", "--reason", "wrong load"])
        .code(0);
    let three = evaluate(&first, 530, &[]).code(0).json();
    assert_eq!(compared(&three), (json!(500), vec![id(&one)]));
    assert_eq!(
        three["comparison"]["left_out"],
        json!([{"id": id(&two), "reason": "it was invalidated: wrong load"}])
    );
    pin_it(home, &first, &second, &id(&one));
    export_it(home, &first);
    copy_it(home, &second);
}

/// Reads what both clones stored.
fn read_it(gate: &Gate, one: &Value, two: &Value) {
    let history = gate.run_with(["history", "-o", "json"]).code(0).json();
    let listed: Vec<String> = history["evaluations"]
        .as_array()
        .unwrap()
        .iter()
        .map(id)
        .collect();
    assert_eq!(listed, [id(two), id(one)]);
    let table = gate.run_with(["history"]).code(0);
    assert_eq!(table.raw_stderr(), "");
    assert!(table.raw_stdout().contains("build=1"));
    for (name, report) in [("latest", two), ("latest~1", one)] {
        let shown = gate.run_with(["show", name, "-o", "json"]).code(0);
        let mut shown = shown.json();
        for said in ["invalidated", "pinned"] {
            let said = shown.as_object_mut().unwrap().remove(said);
            assert_eq!(said.unwrap(), Value::Null);
        }
        // How a process ended is not stored.
        let mut report = report.clone();
        report.as_object_mut().unwrap().remove("exit").unwrap();
        assert_eq!(shown, report);
    }
    gate.run_with(["show", "latest~2"]).code(66).says_nothing();
}

/// Pins the first evaluation, and lets go of it again, where the log can hold that.
fn pin_it(home: &Home, first: &Gate, second: &Gate, one: &str) {
    let pinned = second.run_with(["pin", one, "--reason", "release 5"]);
    pinned.code(0);
    let report = evaluate(first, 540, &[]).code(0).json();
    assert_eq!(compared(&report), (json!(500), vec![one.to_owned()]));
    assert_eq!(report["comparison"]["reference"]["kind"], "pinned");
    first.run_with(["unpin"]).code(0);
    let report = evaluate(second, 545, &[]).code(0).json();
    assert_eq!(compared(&report).0, 540, "{}", home.url);
}

/// Lists and exports what is there.
fn export_it(home: &Home, gate: &Gate) {
    let listed = gate.run_with(["events", "list", "-n", "100", "-o", "jsonl"]);
    let listed = listed.code(0).raw_stdout();
    let count = match home.powers {
        Powers::All => 13,
        // Nobody but Keptn itself stores what triggers an evaluation.
        Powers::OfKeptn => 8,
    };
    assert_eq!(listed.lines().count(), count, "{listed}");
    let told = gate
        .run_with(["events", "export", "out.jsonl"])
        .code(0)
        .raw_stderr();
    assert!(
        told.starts_with(&format!("wrote {count} events of ")),
        "{told}"
    );
    assert!(told.ends_with(" to out.jsonl\n"), "{told}");
    let exported: Vec<String> = gate.read("out.jsonl").lines().map(str::to_owned).collect();
    let newest_last: Vec<&str> = listed.lines().rev().collect();
    assert_eq!(exported, newest_last);
}

/// Copies the log into a file, and from there into an empty log of its kind.
fn copy_it(home: &Home, gate: &Gate) {
    let export = |log: &str| {
        let gate = gate.run_with(["events", "export", "--event-log", log]);
        gate.code(0).raw_stdout()
    };
    let copy = ["log", "copy", "@TIDEGATE_EVENT_LOG", "copy.db"];
    let told = gate.run_with(copy).code(0).raw_stderr();
    assert!(told.ends_with(" copied, 0 there already\n"), "{told}");
    let again = gate.run_with(copy).code(0).raw_stderr();
    assert!(again.contains(": 0 copied, "), "{again}");
    let whole = gate.run_with(["events", "export"]).code(0).raw_stdout();
    assert_eq!(export("copy.db"), whole);
    let local = evaluate(gate, 550, &["--event-log", "copy.db"])
        .code(0)
        .json();
    assert_eq!(compared(&local).0, 545);
    let back = gate.run_with(["log", "copy", "copy.db", "@OTHER_LOG"]);
    if home.powers == Powers::OfKeptn {
        let said = back.code(64).stderr();
        assert!(said.contains("Keptn"), "{said}");
        return;
    }
    back.code(0);
    let gate = Gate::new().env("TIDEGATE_EVENT_LOG", &home.other);
    let variables = home.variables.iter();
    let other = variables.fold(gate, |gate, (name, value)| gate.env(name, value));
    let other = other.run_with(["events", "export"]).code(0).raw_stdout();
    assert_eq!(other, export("copy.db"));
}

#[test]
fn two_clones_share_a_database() {
    tell(&Home::of_file("db"));
}

#[test]
fn two_clones_share_a_file_of_lines() {
    tell(&Home::of_file("jsonl"));
}

#[test]
fn two_clones_share_a_keptn() {
    tell(&Home::keptn());
}

#[cfg(unix)]
#[test]
fn two_clones_share_a_postgres() {
    if let Some(home) = Home::postgres() {
        tell(&home);
    }
}

#[test]
fn two_clones_share_a_nats_server() {
    if let Some(home) = Home::nats() {
        tell(&home);
    }
}

#[test]
fn two_clones_share_a_bucket_of_s3() {
    if let Some(home) = Home::s3() {
        tell(&home);
    }
}

#[test]
fn two_clones_share_a_container_of_azure() {
    if let Some(home) = Home::azure() {
        tell(&home);
    }
}

#[test]
fn two_clones_share_a_bucket_of_google() {
    if let Some(home) = Home::google() {
        tell(&home);
    }
}
