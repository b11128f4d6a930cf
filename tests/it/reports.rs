//! `--report`, end to end: which files appear, what they say, and what the exit code is.

use crate::harness::{Gate, SLI, SLO};

/// An SLO in a folder, with a value that passes or fails.
fn with_service(gate: Gate, name: &str, value: u32) -> Gate {
    let config = format!("indicators: {{response_time: {value}}}\n");
    gate.file(&format!("{name}/slo.yaml"), SLO)
        .file(&format!("{name}/sli.yaml"), config)
}

/// A gate of folders whose values stand in their SLI files.
fn of_folders(services: &[(&str, u32)]) -> Gate {
    let gate = Gate::new().file("tidegate.yaml", "providers: {static: {}}\n");
    let gate = services
        .iter()
        .fold(gate, |gate, (name, value)| with_service(gate, name, *value));
    gate.args(["evaluate", "--event-log", "memory:"])
        .args(services.iter().map(|(name, _)| *name))
}

#[test]
fn reports_are_written_and_their_folders_created() {
    let gate = Gate::of_value(700.0).args(["--report", "junit=a/b/gate.xml"]);
    let gate = gate.args(["--report=tap=gate.tap,dotenv=gate.env"]);
    gate.run().code(3);
    assert!(gate.read("a/b/gate.xml").contains("failures=\"0\""));
    assert!(gate.read("gate.tap").starts_with("TAP version 14\n"));
    assert!(gate.read("gate.env").contains("TIDEGATE_RESULT=warning\n"));
}

#[test]
fn stdout_holds_what_output_asks_for_and_nothing_else() {
    let gate = Gate::of_value(500.0).args(["-o", "json", "--report", "junit=gate.xml"]);
    assert_eq!(gate.run().code(0).json()["result"], "pass");
    assert!(gate.path("gate.xml").exists());
}

#[test]
fn a_path_may_tell_what_was_evaluated_and_how_it_ended() {
    let gate =
        Gate::of_value(900.0).args(["--project", "shop", "--stage", "a/b", "--service", ".."]);
    let gate = gate.args([
        "--report",
        "junit={project}-{stage}-{service}-{verdict}.xml",
    ]);
    gate.run().code(1);
    assert!(gate.read("shop-a_b-__-fail.xml").contains("<failure"));
}

#[test]
fn a_report_that_cant_be_created_or_written_changes_the_code_but_for_that_of_a_fail() {
    let to_file = |value| {
        Gate::of_value(value)
            .file("taken", "")
            .args(["--report", "junit=taken/gate.xml"])
    };
    for (value, code) in [(500.0, 73), (700.0, 73), (900.0, 1)] {
        to_file(value).run().code(code);
    }
    let to_folder = Gate::of_value(500.0).file("folder/x", "");
    to_folder.args(["--report", "junit=folder"]).run().code(73);
    if cfg!(target_os = "linux") {
        let to_full = |value| Gate::of_value(value).args(["--report", "junit=/dev/full"]);
        for (value, code) in [(500.0, 74), (700.0, 74), (900.0, 1)] {
            to_full(value).run().code(code);
        }
    }
}

#[test]
fn what_cant_be_written_keeps_no_other_report_from_being_written() {
    let gate = Gate::of_value(500.0).file("taken", "");
    let gate = gate.args([
        "--report",
        "junit=taken/gate.xml",
        "--report",
        "tap=gate.tap",
    ]);
    gate.run().code(73);
    assert!(gate.read("gate.tap").contains("ok 1 - total score"));
}

#[test]
fn an_older_report_of_a_pass_does_not_survive_an_outage() {
    let passed = "<testsuites><testsuite tests=\"1\"><testcase name=\"total score\"/></testsuite></testsuites>";
    let gate = Gate::of_server("http://127.0.0.1:1")
        .file("gate.xml", passed)
        .file("gate.csv", "result\r\npass\r\n")
        .file("gate.env", "TIDEGATE_RESULT=pass\n")
        .args(["--report", "junit=gate.xml,csv=gate.csv,dotenv=gate.env"]);
    gate.run().code(69);
    assert!(
        gate.read("gate.xml")
            .contains("<error message=\"no verdict: ")
    );
    assert!(!gate.path("gate.csv").exists());
    assert!(
        gate.read("gate.env")
            .contains("TIDEGATE_RESULT=error\nTIDEGATE_EXIT_CODE=69\n")
    );
}

#[test]
fn whatever_goes_wrong_before_the_evaluation_is_in_the_reports() {
    let gate = || {
        Gate::of_value(500.0)
            .file("gate.xml", "<testsuite/>")
            .args(["--report", "junit=gate.xml"])
    };
    let cases = [
        (gate().file("slo.yaml", "objectives: 1\n"), 65),
        (gate().file("tidegate.yaml", "profect: x\n"), 78),
        (gate().env("TIDEGATE_OUTPUT", "xml"), 78),
        (gate().args(["--start", "yesterday"]), 64),
        (gate().args(["--no-such-flag"]), 64),
        (gate().args(["--timeout", "soon"]), 64),
    ];
    for (gate, code) in cases {
        gate.run().code(code);
        let report = gate.read("gate.xml");
        assert!(report.contains("errors=\"1\""), "{report}");
        assert!(report.contains(&format!("exit code: {code} ")), "{report}");
    }
}

#[test]
fn a_dry_run_leaves_reports_alone() {
    let gate = Gate::of_value(500.0).file("gate.xml", "<old/>");
    let gate = gate.args(["--dry-run", "--report", "junit=gate.xml"]);
    gate.run().code(0);
    gate.file("tidegate.yaml", "profect: x\n").run().code(78);
}

#[test]
fn reports_of_several_folders_need_paths_of_their_own() {
    let gate = of_folders(&[("carts", 500), ("orders", 900)]);
    gate.run_with(["--report", "junit={service}.xml"]).code(1);
    assert!(gate.read("carts.xml").contains("failures=\"0\""));
    assert!(gate.read("orders.xml").contains("<failure"));
    let gate = gate.file("gate.xml", "<testsuite/>");
    gate.run_with(["--report", "junit=gate.xml"]).code(64);
    assert!(gate.read("gate.xml").contains("errors=\"1\""));
    gate.run_with(["--report", "junit=gate.xml,tap=./gate.xml", "carts"])
        .code(64);
}

#[test]
fn a_folder_that_cant_be_configured_shares_no_report_with_one_that_can() {
    let gate =
        of_folders(&[("carts", 500), ("orders", 500)]).file("orders/tidegate.yaml", "x: 1\n");
    gate.run_with(["--report", "junit=gate.xml"]).code(64);
    gate.run_with(["--report", "junit={service}.xml"]).code(78);
    assert!(gate.read("carts.xml").contains("errors=\"0\""));
}

#[test]
fn reports_stand_in_the_file_as_text_or_as_a_list_and_start_at_its_folder() {
    for report in [
        "junit=out/gate.xml, tap=gate.tap",
        "[junit=out/gate.xml, 'tap=${NAME}.tap']",
    ] {
        let report = if report.starts_with('[') {
            report.to_owned()
        } else {
            format!("'{report}'")
        };
        let gate = with_service(Gate::new(), "work", 500)
            .file(
                "tidegate.yaml",
                format!("report: {report}\nproviders: {{static: {{}}}}\n"),
            )
            .env("NAME", "gate")
            .args(["evaluate", "work", "--event-log", "memory:"]);
        gate.run().code(0);
        assert!(
            gate.path("out/gate.xml").exists() && gate.path("gate.tap").exists(),
            "{report}"
        );
    }
    let gate = Gate::of_value(500.0).file("tidegate.yaml", "report: [junit]\n");
    gate.run().code(78);
}

#[test]
fn a_closed_stdout_keeps_the_code_and_the_reports() {
    for (value, code) in [(500.0, 0), (900.0, 1)] {
        let gate = Gate::of_value(value).args(["--report", "junit=gate.xml"]);
        // The pipe is closed before the program writes to it.
        let script = "{ \"$@\"; echo $? >code; } | true";
        gate.run_in_shell(script).code(0);
        assert_eq!(gate.read("code").trim(), code.to_string());
        assert!(gate.path("gate.xml").exists());
    }
}

#[test]
fn a_fail_that_is_excused_turns_no_test_red() {
    let gate = Gate::of_value(900.0).args(["--fail-on", "never", "--report", "junit=gate.xml"]);
    gate.run().code(0);
    let report = gate.read("gate.xml");
    assert!(
        report.contains("failures=\"0\" errors=\"0\" skipped=\"2\""),
        "{report}"
    );
    assert!(
        report.contains("<skipped message=\"fail: score 0 of 100"),
        "{report}"
    );
}

#[test]
fn an_evaluation_that_does_not_count_is_no_pass() {
    let gate = Gate::of_value(500.0).file("taken", "");
    let gate = gate.args([
        "--event-log",
        "jsonl:taken/log.jsonl",
        "--report",
        "junit=gate.xml,dotenv=gate.env,badge=gate.svg,in-toto=gate.intoto",
        "--artifact",
        "carts@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ]);
    let gate = gate.file("gate.intoto", "PASSED");
    let gate = gate.env("GITHUB_ACTIONS", "true");
    let gate = gate.env("GITHUB_OUTPUT", "outputs").file("outputs", "");
    let answer = gate.run();
    assert!(answer.exit_code() >= 64);
    let report = gate.read("gate.xml");
    assert!(!report.contains("failures=\"0\" errors=\"0\""), "{report}");
    let variables = gate.read("gate.env");
    assert!(variables.contains("TIDEGATE_RESULT=error\n"), "{variables}");
    assert!(gate.read("gate.svg").contains("no verdict"));
    assert!(!gate.exists("gate.intoto"));
    let outputs = gate.read("outputs");
    assert!(!outputs.contains("pass"), "{outputs}");
}

#[test]
fn a_report_that_cant_be_understood_saves_no_older_one() {
    let gate = Gate::of_value(500.0).args(["--report", "dotenv=gate.env"]);
    gate.run().code(0);
    assert!(gate.read("gate.env").contains("TIDEGATE_RESULT=pass\n"));
    let gate = gate.args(["--report", "junk=x"]);
    gate.run().code(64);
    assert!(gate.read("gate.env").contains("TIDEGATE_RESULT=error\n"));
}

#[test]
fn a_report_of_nothing_leaves_no_older_one() {
    let gate = Gate::new().file("gate.env", "TIDEGATE_RESULT=pass\n");
    let gate = gate.args(["report", "--report", "dotenv=gate.env"]);
    gate.run_with(["--from", "nowhere.json"]).code(66);
    assert!(gate.read("gate.env").contains("TIDEGATE_RESULT=error\n"));
}

#[test]
fn a_document_that_contradicts_itself_is_refused() {
    let gate = Gate::of_value(900.0).args(["--report", "json=gate.json"]);
    gate.run().code(1);
    let document = gate.read("gate.json");
    let changed = document.replacen("\"result\": \"fail\"", "\"result\": \"pass\"", 1);
    assert_ne!(changed, document);
    let gate = Gate::new().file("gate.json", changed);
    let answer = gate.run_with(["report", "--from", "gate.json", "--output", "dotenv"]);
    let answer = answer.code(65);
    assert!(answer.raw_stderr().contains("contradicts"));
}

#[test]
fn asking_a_backend_again_writes_the_same_names() {
    let names = |value| {
        let gate = Gate::of_value(value).args(["--report", "junit=gate.xml"]);
        gate.run();
        let report = gate.read("gate.xml");
        let names = report
            .match_indices("<testcase name=\"")
            .map(|(at, found)| {
                let rest = &report[at + found.len()..];
                rest[..rest.find('"').unwrap()].to_owned()
            });
        names.collect::<Vec<_>>()
    };
    assert_eq!(names(500.0), ["total score", "response_time"]);
    assert_eq!(names(500.0), names(900.0));
}

#[test]
fn no_variable_of_a_report_is_a_setting() {
    let gate = Gate::of_value(500.0).args(["--report", "dotenv=gate.env"]);
    gate.run().code(0);
    let variables = gate.read("gate.env");
    for line in variables.lines() {
        let (name, _) = line.split_once('=').unwrap();
        assert!(!crate::settings::VARIABLES.contains(&name), "{name}");
    }
    assert!(variables.lines().count() <= 20 && variables.len() <= 5000);
}

#[test]
fn metrics_are_read_by_our_own_provider() {
    let gate =
        Gate::of_value(500.0).args(["--service", "carts", "--report", "openmetrics=metrics.txt"]);
    gate.run().code(0);
    let again = Gate::new()
        .file("metrics.txt", gate.read("metrics.txt"))
        .file(
            "tidegate.yaml",
            "providers: {gate: {type: file, path: metrics.txt, format: openmetrics}}\n",
        )
        .file(
            "sli.yaml",
            "indicators:\n  response_time: 'tidegate_sli_value{service=\"carts\"}'\n",
        )
        .file("slo.yaml", SLO)
        .args(["evaluate", "--event-log", "memory:", "-o", "json"]);
    let document = again.run().code(0).json();
    assert_eq!(document["objectives"][0]["value"], 500.0);
    assert!(SLI.contains("response_time"));
}
