//! 0, 1, 3, 4: verdicts, and what `--fail-on` makes of them.

use insta::assert_snapshot;

use crate::harness::{Gate, MACHINE_FORMATS, SLO};

#[test]
fn a_pass_ends_with_0_a_warning_with_3_and_a_fail_with_1() {
    for (value, code) in [(500.0, 0), (700.0, 3), (900.0, 1)] {
        let answer = Gate::of_value(value).run().code(code);
        assert_eq!(answer.stderr(), "");
    }
}

#[test]
fn fail_on_says_which_verdicts_end_with_a_failing_code() {
    for (word, codes) in [
        ("fail", [0, 0, 1]),
        ("warning", [0, 1, 1]),
        ("never", [0, 0, 0]),
    ] {
        for (value, code) in [500.0, 700.0, 900.0].into_iter().zip(codes) {
            let flag = Gate::of_value(value).args(["--fail-on", word]);
            flag.run().code(code);
            let variable = Gate::of_value(value).env("TIDEGATE_FAIL_ON", word);
            variable.run().code(code);
            let file = Gate::of_value(value).file("tidegate.yaml", format!("fail_on: {word}\n"));
            file.run().code(code);
        }
    }
}

#[test]
fn the_verdict_is_the_same_in_every_format_and_in_every_ci_system() {
    for (value, code) in [(500.0, 0), (700.0, 3), (900.0, 1)] {
        for format in MACHINE_FORMATS {
            let gate = Gate::of_value(value)
                .env("CI", "true")
                .env("GITHUB_ACTIONS", "true");
            let answer = gate.run_with(["-o", format]).code(code);
            assert!(answer.document(format)["error"].is_null());
        }
    }
}

#[test]
fn fail_on_leaves_inconclusive_and_failures_alone() {
    for word in ["fail", "warning", "never"] {
        let inconclusive = Gate::of_value(500.0)
            .file("values.json", "{}")
            .file("tidegate.yaml", "policies: { on_no_data: inconclusive }\n")
            .args(["--fail-on", word]);
        inconclusive.run().code(4);
        let missing = Gate::new().args(["evaluate", "--fail-on", word]);
        missing.refused(66);
    }
}

#[test]
fn of_several_folders_the_worst_code_wins_and_each_gets_its_verdict() {
    let config = "event_log: 'memory:'\nproviders: { prometheus: { url: 'http://127.0.0.1:1', retry: { attempts: 1 } } }\n";
    let only_numbers = "spec_version: '1.0'\nobjectives: []\ntotal_score: { pass: '90%' }\n";
    let gate = Gate::new()
        .file("tidegate.yaml", config)
        .file("fails/slo.yaml", only_numbers)
        .file("down/slo.yaml", SLO)
        .file("down/sli.yaml", crate::harness::SLI)
        .file("broken/slo.yaml", "objectives: [")
        .args(["evaluate"]);
    for (log, share_a_history) in [("memory:", false), ("jsonl:both.jsonl", true)] {
        let answer = gate
            .run_with(["fails", "fails", "--event-log", log])
            .code(1);
        let warned = answer.stderr().contains("are all evaluated as");
        assert_eq!(warned, share_a_history, "{log}: {}", answer.stderr());
    }
    gate.run_with(["fails", "down"]).code(69);
    gate.run_with(["down", "broken", "fails"]).code(65);
    gate.run_with(["nowhere", "broken", "fails"]).code(66);
    let answer = gate
        .run_with(["nowhere", "broken", "down", "fails", "-o", "json"])
        .code(66);
    let documents = answer.json();
    let codes = documents
        .as_array()
        .unwrap()
        .iter()
        .map(|document| format!("{} {}\n", document["error"]["code"], document["result"]));
    assert_snapshot!(codes.collect::<String>(), @r#"
    66 null
    65 null
    69 null
    null "fail"
    "#);
    let yaml = gate.run_with(["broken", "fails", "-o", "yaml"]).code(65);
    assert_eq!(yaml.document("yaml").as_array().unwrap().len(), 2);
    let events = gate
        .run_with(["broken", "fails", "-o", "keptn-event"])
        .code(65);
    let lines: Vec<serde_json::Value> = events
        .raw_stdout()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["error"]["code"], 65);
    assert_eq!(lines[1]["data"]["result"], "fail");
}

#[test]
fn a_reader_that_goes_away_keeps_the_verdicts_code() {
    for (value, code) in [(500.0, 0), (700.0, 3), (900.0, 1)] {
        for format in ["table", "json", "yaml", "keptn-event"] {
            let script = format!("{{ \"$@\" -o {format}; echo $? > code; }} | head -c 0; cat code");
            let answer = Gate::of_value(value).run_in_shell(&script);
            assert_eq!(answer.raw_stdout(), format!("{code}\n"), "{format}");
        }
    }
    let script = "{ \"$@\" --bogus -o json; echo $? > code; } | head -c 0; cat code";
    assert_eq!(
        Gate::of_value(1.0).run_in_shell(script).raw_stdout(),
        "64\n"
    );
}

#[test]
fn stdout_that_is_full_ends_with_74_but_a_failed_gate_keeps_1() {
    let full = "\"$@\" > /dev/full";
    let answer = Gate::of_value(500.0).run_in_shell(full).code(74);
    assert_snapshot!(answer.stderr(), @"error: stdout can't be written: No space left on device (os error 28)");
    Gate::of_value(700.0).run_in_shell(full).code(74);
    Gate::of_value(900.0).run_in_shell(full).code(1);
}

#[test]
fn stdout_and_stderr_that_are_closed_keep_the_verdicts_code() {
    for (value, code) in [(500.0, 0), (900.0, 1)] {
        Gate::of_value(value).run_in_shell("\"$@\" 2>&-").code(code);
    }
}

#[test]
fn the_table_of_a_warning() {
    let answer = Gate::of_value(700.0)
        .args(["--project=sockshop", "--stage=staging", "--service=carts"])
        .args(["--label", "build=17", "--explain"])
        .run();
    assert_snapshot!(answer.code(3).stdout(), @"
    sockshop/staging/carts  [time] to [time]
    labels: build=17

                 SLI             Value   Passes if   Points
    ────────────────────────────────────────────────────────
     ! warning   response_time     700   <600         0.5/1

    ! warning response_time is 700 and misses <600; its warning criteria are met

    Compared with no earlier evaluation; relative criteria are met.

    How the score came about:
      response_time: is 700 and misses <600; its warning criteria are met, 0.5 of 1 points, half of its weight.
      0.5 of 1 points: 100 x 0.5 / 1 = 50.
      50 is below the 90 needed to pass.
      It reaches the 50 needed for a warning.

    ! WARNING  score 50 of 100 (90 to pass, 50 for a warning)
    Evaluation returned a warning: the calculated score of 50 is close to the warning target value of 50
    ");
}

#[test]
fn values_and_slo_may_come_from_stdin() {
    let slo = Gate::of_value(700.0).stdin(SLO).args(["--slo", "-"]);
    slo.run().code(3);
    let values = Gate::new()
        .file("slo.yaml", SLO)
        .stdin(r#"{"response_time": 900}"#)
        .args(["evaluate", "--values", "-", "--event-log", "memory:"]);
    values.run().code(1);
}
