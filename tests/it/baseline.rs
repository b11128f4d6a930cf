//! What an evaluation is compared with: chosen, pinned, invalidated, labelled, from a file, or nothing at all.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::harness::{Answer, Gate};
use crate::stored::BOTH;

/// At most 10 % slower than before.
const RELATIVE: &str = "spec_version: '1.0'\ncomparison: {compare_with: single_result, include_result_with_score: all}\nobjectives:\n  - sli: rt\n    pass: [{criteria: ['<=+10%']}]\ntotal_score: {pass: '90%', warning: '75%'}\n";

/// Below a fixed limit.
const FIXED: &str = "spec_version: '1.0'\nobjectives:\n  - sli: rt\n    pass: [{criteria: ['<600']}]\ntotal_score: {pass: '90%', warning: '75%'}\n";

/// Makes a gate over one SLI.
fn gate(log: &str) -> Gate {
    Gate::new().file("slo.yaml", RELATIVE).file(
        "tidegate.yaml",
        format!("project: sockshop\nstage: staging\nservice: carts\nevent_log: '{log}'\n"),
    )
}

/// Evaluates a value.
fn evaluate(gate: &Gate, value: u32, more: &[&str]) -> Answer {
    std::fs::write(gate.path("values.json"), format!("{{\"rt\": {value}}}")).unwrap();
    let all = ["evaluate", "--output", "json", "--values", "values.json"];
    gate.run_with([&all[..], more].concat())
}

/// Returns the baseline of an answer.
fn baseline(answer: &Answer) -> Value {
    answer.json()["objectives"][0]["baseline"].clone()
}

/// Returns the id of an answer.
fn id(answer: &Answer) -> String {
    answer.json()["id"].as_str().unwrap().to_owned()
}

#[test]
fn an_invalidated_evaluation_is_named_with_its_reason_and_not_compared_with() {
    for log in BOTH {
        let gate = gate(log);
        evaluate(&gate, 500, &[]).code(0);
        let second = id(&evaluate(&gate, 520, &[]).code(0));
        gate.run_with(["invalidate", "latest", "--reason", "wrong load"])
            .code(0);
        let third = evaluate(&gate, 530, &[]).code(0);
        assert_eq!(baseline(&third), 500, "{log}");
        assert_eq!(
            third.json()["comparison"]["left_out"],
            json!([{"id": second, "reason": "it was invalidated: wrong load"}])
        );
        gate.run_with(["invalidate", &second[..], "--undo"]).code(0);
        gate.run_with(["invalidate", "latest", "--reason", "a test"])
            .code(0);
        assert_eq!(baseline(&evaluate(&gate, 540, &[]).code(0)), 520, "{log}");
    }
}

#[test]
fn what_is_so_already_is_not_said_twice() {
    let gate = gate("jsonl:events.jsonl");
    let first = id(&evaluate(&gate, 500, &[]).code(0));
    let lines = || gate.read("events.jsonl").lines().count();
    for (args, added) in [
        (&["invalidate", "latest", "--undo"][..], 0),
        (&["unpin"], 0),
        (&["pin", &first[..8]], 1),
        (&["pin", "latest"], 0),
        (&["unpin"], 1),
        (&["invalidate", "latest", "--reason", "x"], 1),
        (&["invalidate", "latest", "--reason", "y"], 0),
    ] {
        let before = lines();
        gate.run_with(args).code(0);
        assert_eq!(lines() - before, added, "{args:?}");
    }
}

#[test]
fn a_pinned_evaluation_is_the_reference_until_it_is_unpinned() {
    for log in BOTH {
        let gate = gate(log);
        evaluate(&gate, 500, &[]).code(0);
        gate.run_with(["pin", "latest", "--reason", "release 5"])
            .code(0);
        for value in [520, 530, 540] {
            assert_eq!(baseline(&evaluate(&gate, value, &[]).code(0)), 500);
        }
        let slow = evaluate(&gate, 560, &[]).code(1);
        assert_eq!(slow.json()["comparison"]["reference"]["kind"], "pinned");
        let newest = evaluate(&gate, 560, &["--baseline", "newest"]).code(0);
        assert_eq!(baseline(&newest), 560);
        gate.run_with(["unpin"]).code(0);
        assert_eq!(baseline(&evaluate(&gate, 570, &[]).code(0)), 560, "{log}");
    }
}

#[test]
fn a_pin_that_cannot_be_kept_is_no_verdict() {
    let gate = gate("jsonl:events.jsonl");
    let first = id(&evaluate(&gate, 500, &[]).code(0));
    gate.run_with(["pin", "latest"]).code(0);
    evaluate(&gate, 510, &[]).code(0);
    let text = gate.read("events.jsonl");
    let is_other = |line: &&str| !line.contains(&format!("\"id\":\"{first}\""));
    let kept: Vec<&str> = text.lines().filter(is_other).collect();
    std::fs::write(gate.path("events.jsonl"), kept.join("\n") + "\n").unwrap();
    let answer = evaluate(&gate, 520, &[]).code(66);
    let message = answer.json()["error"]["message"].to_string();
    assert!(message.contains("is not in the event log"), "{message}");
    assert_eq!(answer.json()["objectives"][0]["value"], 520);
}

#[test]
fn invalidating_the_reference_lets_go_of_it() {
    let gate = gate("sqlite:events.db");
    evaluate(&gate, 500, &[]).code(0);
    evaluate(&gate, 520, &[]).code(0);
    gate.run_with(["pin", "latest"]).code(0);
    let answer = gate
        .run_with(["invalidate", "latest", "--reason", "bad"])
        .code(0);
    assert!(
        answer
            .stderr()
            .contains("it was pinned, and is not any more")
    );
    assert_eq!(baseline(&evaluate(&gate, 530, &[]).code(0)), 500);
}

#[test]
fn only_evaluations_that_carry_the_label_count() {
    let gate = gate("sqlite:events.db");
    evaluate(&gate, 400, &["--label", "branch=main", "--label", "env=a"]).code(0);
    evaluate(&gate, 430, &["--label", "branch=main"]).code(0);
    evaluate(&gate, 450, &["--label", "branch=feature"]).code(0);
    let on_main = evaluate(&gate, 500, &["--baseline", "label:branch=main"]).code(1);
    assert_eq!(baseline(&on_main), 430);
    let left_out = &on_main.json()["comparison"]["left_out"];
    assert_eq!(
        left_out[0]["reason"],
        "its label `branch` is `feature`, not `main`"
    );
    let both = [
        "--baseline",
        "label:branch=main",
        "--baseline",
        "label:env=a",
    ];
    assert_eq!(baseline(&evaluate(&gate, 410, &both).code(0)), 400);
    let none = evaluate(&gate, 410, &["--baseline", "label:branch=gone"]).code(0);
    assert_eq!(baseline(&none), Value::Null);
    evaluate(&gate, 410, &["--baseline", "label:branch"]).code(64);
    evaluate(
        &gate,
        410,
        &["--baseline", "latest", "--baseline", "newest"],
    )
    .code(64);
}

#[test]
fn one_evaluation_can_be_chosen_for_a_call() {
    let gate = gate("sqlite:events.db");
    let first = id(&evaluate(&gate, 400, &[]).code(0));
    evaluate(&gate, 800, &[]).code(1);
    for name in ["latest~1", &first[..], &first[..20]] {
        let answer = evaluate(&gate, 420, &["--baseline", name]);
        if name == "latest~1" {
            assert_eq!(baseline(&answer.code(0)), 400);
            evaluate(&gate, 800, &["--baseline", "newest"]).code(1);
        } else {
            assert_eq!(baseline(&answer.code(0)), 400, "{name}");
        }
    }
    evaluate(&gate, 420, &["--baseline", "no-such-id"]).code(66);
    gate.run_with(["invalidate", &first[..], "--reason", "x"])
        .code(0);
    let refused = evaluate(&gate, 420, &["--baseline", &first[..]]).code(66);
    let message = refused.json()["error"]["message"].to_string();
    assert!(message.contains("it was invalidated: x"), "{message}");
}

#[test]
fn a_file_can_be_the_reference() {
    let gate = gate("memory:")
        .file("numbers.json", r#"{"rt": 400}"#)
        .file("broken.json", r#"{"rt": "fast"}"#);
    let report = evaluate(&gate, 410, &[]).code(0).raw_stdout();
    std::fs::write(gate.path("report.json"), report).unwrap();
    let event = gate
        .run_with([
            "evaluate",
            "--output",
            "keptn-event",
            "--values",
            "values.json",
        ])
        .code(0)
        .raw_stdout();
    std::fs::write(gate.path("event.json"), event).unwrap();
    for (file, expected) in [
        ("numbers.json", 400),
        ("report.json", 410),
        ("./event.json", 410),
    ] {
        let answer = evaluate(&gate, 430, &["--baseline", file]).code(0);
        assert_eq!(baseline(&answer), expected, "{file}");
    }
    evaluate(&gate, 430, &["--baseline", "broken.json"]).code(65);
    evaluate(&gate, 430, &["--baseline", "missing.json"]).code(66);
    evaluate(&gate, 500, &["--baseline", "numbers.json"]).code(1);
}

#[test]
fn a_required_baseline_that_is_not_there_allows_no_verdict() {
    let gate = gate("sqlite:events.db");
    let answer = evaluate(&gate, 500, &["--require-baseline"]).code(4);
    assert_eq!(answer.json()["result"], "inconclusive");
    assert_snapshot!(answer.json()["message"].as_str().unwrap(), @"Evaluation is inconclusive: there is no baseline for 'rt'");
    evaluate(&gate, 500, &["--require-baseline"]).code(4);
    evaluate(&gate, 500, &[]).code(0);
    evaluate(&gate, 510, &["--require-baseline"]).code(0);
    let fixed = gate.file("slo.yaml", FIXED);
    evaluate(&fixed, 510, &["--require-baseline", "--service", "other"]).code(0);
}

#[test]
fn without_a_log_the_report_is_printed_and_the_code_is_that_of_the_log() {
    let gate = gate("postgres://gate@127.0.0.1:1/gate?sslmode=disable");
    let answer = evaluate(&gate, 500, &[]).code(69);
    let document = answer.json();
    assert_eq!(document["objectives"][0]["value"], 500);
    assert_eq!(document["result"], "inconclusive");
    assert_eq!(document["error"]["code"], 69);
    assert_eq!(document["stored"], false);

    let stands = evaluate(&gate, 500, &["--event-log-required", "false"]).code(0);
    assert_eq!(stands.json()["result"], "pass");
    assert_eq!(stands.json()["stored"], false);
    let said = stands.stderr();
    assert!(said.contains("the verdict stands without it"), "{said}");
    assert!(said.contains("count as met"), "{said}");
    let strict = ["--event-log-required", "false", "--require-baseline"];
    evaluate(&gate, 500, &strict).code(4);
}

#[test]
fn a_password_is_not_taken_from_the_command_line() {
    let gate = gate("memory:");
    let log = "postgres://gate:hunter2@127.0.0.1:1/gate";
    let answer = evaluate(&gate, 500, &["--event-log", log]).code(64);
    assert!(!answer.stderr().contains("hunter2"));
    assert!(!answer.raw_stdout().contains("hunter2"));
}

#[test]
fn settings_of_the_log_stand_beside_its_url() {
    let gate = gate("memory:").file(
        "tidegate.yaml",
        "event_log: {url: 'jsonl:a.jsonl', lock_timeout: 3s, token: '${TOKEN}'}\n",
    );
    let answer = evaluate(&gate, 500, &[]).code(78);
    assert!(answer.stderr().contains("`TOKEN` is not set"));
    let gate = gate.env("TOKEN", "secret-token");
    evaluate(&gate, 500, &[]).code(0);
    assert_eq!(gate.read("a.jsonl").lines().count(), 2);
    let gate = gate.file(
        "tidegate.yaml",
        "event_log: {url: 'jsonl:a.jsonl', lock: 3s}\n",
    );
    let answer = evaluate(&gate, 500, &[]).code(78);
    assert!(
        answer
            .stderr()
            .contains("unknown key `lock` in `event_log`")
    );
}

#[test]
fn a_flag_wins_over_the_environment_over_the_file() {
    let yaml = "event_log: 'memory:'\nbaseline: file.json\nrequire_baseline: true\n";
    let gate = gate("memory:")
        .file("tidegate.yaml", yaml)
        .file("file.json", r#"{"rt": 400}"#)
        .file("variable.json", r#"{"rt": 500}"#)
        .file("flag.json", r#"{"rt": 600}"#);
    assert_eq!(baseline(&evaluate(&gate, 400, &[]).code(0)), 400);
    let gate = gate.env("TIDEGATE_BASELINE", "variable.json");
    assert_eq!(baseline(&evaluate(&gate, 400, &[]).code(0)), 500);
    let flag = ["--baseline", "flag.json"];
    assert_eq!(baseline(&evaluate(&gate, 400, &flag).code(0)), 600);
    let newest = ["--baseline", "newest"];
    evaluate(&gate, 400, &newest).code(4);
    let lenient = ["--baseline", "newest", "--require-baseline=false"];
    evaluate(&gate, 400, &lenient).code(0);
    let gate = gate.env("TIDEGATE_REQUIRE_BASELINE", "false");
    evaluate(&gate, 400, &newest).code(0);
    let gate = gate.env("TIDEGATE_REQUIRE_BASELINE", "perhaps");
    evaluate(&gate, 400, &newest).code(78);
    let gate = gate.env("TIDEGATE_REQUIRE_BASELINE", "").file(
        "tidegate.yaml",
        "event_log: plain.txt\nevent_log_required: false\n",
    );
    let broken = gate.env(
        "TIDEGATE_EVENT_LOG",
        "postgres://gate@127.0.0.1:1/x?sslmode=disable",
    );
    evaluate(&broken, 400, &[]).code(0);
    let broken = broken.env("TIDEGATE_EVENT_LOG_REQUIRED", "true");
    evaluate(&broken, 400, &[]).code(69);
}
