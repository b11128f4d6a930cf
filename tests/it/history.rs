//! `tidegate history` and `tidegate show`: what is stored, listed and shown again.

use insta::assert_snapshot;

use crate::harness::{Gate, SLO};
use crate::stored::{BOTH, evaluation, invalidation, pin};

/// Starts with a log of four evaluations, one of them invalidated and one pinned.
fn gate() -> Gate {
    let mut events = Vec::new();
    for (name, hour, result, score) in [
        ("0194f1c2-1111", 1, "pass", 90.0),
        ("0194f1c2-2222", 2, "fail", 12.5),
        ("0194f1c2-3333", 3, "pass", 95.0),
        ("0194f1c2-4444", 4, "warning", 75.0),
    ] {
        events.extend(evaluation(name, hour, result, score));
    }
    events.push(invalidation("0194f1c2-2222", 5));
    events.push(pin("0194f1c2-3333", 6));
    let lines: Vec<String> = events.iter().map(ToString::to_string).collect();
    Gate::new()
        .file("events.jsonl", lines.join("\n") + "\n")
        .file(
            "tidegate.yaml",
            "project: sockshop\nstage: staging\nservice: carts\n",
        )
}

/// Adds what leads to the log.
fn read<'a>(command: &[&'a str]) -> Vec<&'a str> {
    [command, &["--event-log", "events.jsonl"]].concat()
}

#[test]
fn the_history_of_a_service_is_a_table() {
    let answer = gate().run_with(read(&["history"])).code(0);
    assert_snapshot!(answer.raw_stdout(), @"
    sockshop/staging/carts  █▁█▇  score 12.5 to 95

    ID             Stored (UTC)      Verdict    Score  Change  Labels
    ────────────────────────────────────────────────────────────────────────────────
    0194f1c2-4444  2024-02-01 04:00  ! WARNING     75     -20  branch=main, build=17
    0194f1c2-3333  2024-02-01 03:00  ✓ PASS        95   +82.5  branch=main, build=17
        pinned as the reference: release 5
    0194f1c2-2222  2024-02-01 02:00  ✗ FAIL      12.5   -77.5  branch=main, build=17
        invalidated: wrong load
    0194f1c2-1111  2024-02-01 01:00  ✓ PASS        90          branch=main, build=17

    Not shown at this width: compared with. See --output json.
    ");
    assert_eq!(answer.raw_stderr(), "");
}

#[test]
fn a_page_leads_to_the_next_one() {
    let gate = gate();
    let first = gate
        .run_with(read(&["history", "-n", "2", "-o", "json"]))
        .code(0);
    let document = first.json();
    assert_eq!(document["before"], "0194f1c2-3333");
    assert_snapshot!(first.raw_stderr(), @"there are more: add --before 0194f1c2-3333, or raise --limit");
    let rest = gate
        .run_with(read(&["history", "--before", "latest~1", "-o", "jsonl"]))
        .code(0);
    let ids: Vec<String> = rest
        .raw_stdout()
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["id"].to_string())
        .collect();
    assert_eq!(ids, ["\"0194f1c2-2222\"", "\"0194f1c2-1111\""]);
}

#[test]
fn labels_and_results_choose() {
    let gate = gate();
    let count = |more: &[&str]| {
        let args = [&["history", "--output", "json"], more].concat();
        let answer = gate.run_with(read(&args)).code(0);
        answer.json()["evaluations"].as_array().unwrap().len()
    };
    assert_eq!(count(&["--label", "branch=main"]), 4);
    assert_eq!(count(&["--label", "branch=dev"]), 0);
    assert_eq!(count(&["--result", "fail", "--result", "warning"]), 2);
    assert_eq!(count(&["--since", "2024-02-01T03:00:00Z"]), 2);
    assert_eq!(count(&["--until", "2024-02-01T03:00:00Z", "--all"]), 2);
    assert_eq!(count(&["--service", "orders"]), 0);
}

#[test]
fn an_empty_history_says_what_to_do() {
    let empty = Gate::new()
        .env("TIDEGATE_SERVICE", "carts")
        .run_with(["history"]);
    let empty = empty.code(0).says_nothing();
    assert_snapshot!(empty.stderr(), @"
    no evaluation of [name]/default/carts is in the event log sqlite:.tidegate/events.db
      hint: tidegate evaluate stores one; tidegate history --all lists those of every service
    ");
    let other = gate().run_with(read(&["history", "--label", "branch=dev"]));
    assert_snapshot!(other.code(0).says_nothing().stderr(), @"
    no such evaluation of sockshop/staging/carts is in the event log jsonl:events.jsonl
      hint: ask for less: fewer labels, other results, a longer time
    ");
}

#[test]
fn the_report_of_a_stored_evaluation_is_the_one_that_was_printed() {
    for log in BOTH {
        let gate = Gate::new()
            .env("TIDEGATE_EVENT_LOG", log)
            .file("slo.yaml", SLO)
            .file("values.json", r#"{"response_time": 700}"#);
        let evaluate = |more: &[&str]| {
            let args = [&["evaluate", "--values", "values.json"], more].concat();
            gate.run_with(args).code(3)
        };
        let printed = evaluate(&["--label", "build=7", "--explain"]).raw_stdout();
        let shown = gate.run_with(["show", "latest", "--explain"]).code(0);
        assert_eq!(shown.raw_stdout(), printed, "{log}");
        let printed = evaluate(&["-o", "json"]).json();
        let shown = gate.run_with(["show", "latest", "-o", "json"]).code(0);
        let mut shown = shown.json();
        for said in ["invalidated", "pinned"] {
            let said = shown.as_object_mut().unwrap().remove(said);
            assert_eq!(said.unwrap(), serde_json::Value::Null);
        }
        let mut printed = printed;
        let exit = printed.as_object_mut().unwrap().remove("exit").unwrap();
        assert_eq!(exit, serde_json::json!({"code": 3, "name": "warning"}));
        assert_eq!(shown, printed, "{log}");
    }
}

#[test]
fn what_was_said_since_stands_below_the_report() {
    let gate = gate();
    let invalidated = gate.run_with(read(&["show", "latest~2"])).code(0);
    assert_snapshot!(invalidated.raw_stdout(), @"
    sockshop/staging/carts  2024-02-01 00:00:00Z to 2024-02-01 00:05:00Z
    labels: branch=main, build=17

              SLI             Value   Baseline   Change   Passes if   Points
    ─────────────────────────────────────────────────────────────────────────
     ✓ pass   response_time     500        480   +4.2 %   <600           1/1

    Compared with 1 earlier evaluation: earlier-1 at an unknown time

    ✗ FAIL  score 12.5 of 100

    Invalidated since: no evaluation is compared with it any more: wrong load
    ");
    let pinned = gate
        .run_with(read(&["show", "0194f1c2-33", "-o", "json"]))
        .code(0);
    assert_eq!(pinned.json()["pinned"]["reason"], "release 5");
    let event = gate
        .run_with(read(&["show", "0194f1c2-3333", "-o", "keptn-event"]))
        .code(0);
    let stored = evaluation("0194f1c2-3333", 3, "pass", 95.0).remove(1);
    assert_eq!(event.json(), stored);
}

#[test]
fn an_evaluation_that_is_not_there_is_missing_and_the_nearest_are_named() {
    let gate = gate();
    let typo = gate.run_with(read(&["show", "0194f1c2-3334"]));
    assert_snapshot!(typo.code(66).says_nothing().stderr(), @"
    error: there is no evaluation `0194f1c2-3334` of sockshop, stage staging, service carts in the event log
      hint: the nearest are 0194f1c2-3333, 0194f1c2-4444, 0194f1c2-2222; tidegate history lists all
    ");
    let ambiguous = gate.run_with(read(&["show", "0194f1c2"]));
    assert_snapshot!(ambiguous.code(66).says_nothing().stderr(), @"
    error: `0194f1c2` is the beginning of several ids: 0194f1c2-4444, 0194f1c2-3333, 0194f1c2-2222, 0194f1c2-1111
      hint: write more of the id
    ");
    let json = gate
        .run_with(read(&["show", "latest~9", "-o", "json"]))
        .code(66);
    json.says_its_code("json");
}

#[test]
fn a_log_that_cannot_be_read_is_no_empty_history() {
    let gate = Gate::new().file(
        "events.db",
        "this is no database, and long enough to be looked at",
    );
    for command in [
        &["history"][..],
        &["show", "latest"],
        &["events", "list"],
        &["events", "export"],
    ] {
        let args = [command, &["--event-log", "events.db"]].concat();
        let answer = gate.run_with(args).code(76).says_nothing();
        assert!(
            answer.stderr().contains("is not an event log"),
            "{}",
            answer.stderr()
        );
    }
}

#[test]
fn a_password_on_the_command_line_is_refused_and_not_shown() {
    let url = "postgres://gate:secret@db/gate";
    for command in [&["history"][..], &["show", "latest"], &["events", "list"]] {
        let answer = Gate::new().run_with([command, &["--event-log", url]].concat());
        let said = answer.code(64).says_nothing().stderr();
        assert!(!said.contains("secret"), "{said}");
        assert!(said.contains("TIDEGATE_EVENT_LOG"), "{said}");
    }
}

#[test]
fn what_providers_lack_does_not_matter_and_what_the_log_lacks_does() {
    let config = "event_log: ${THE_LOG}\nproviders: {prometheus: {url: '${NOT_SET}'}}\n";
    let gate = gate().file("tidegate.yaml", config);
    let answer = gate.run_with(["history"]).code(78);
    assert!(answer.stderr().contains("THE_LOG"), "{}", answer.stderr());
    let gate = gate.env("THE_LOG", "events.jsonl");
    assert_eq!(gate.run_with(["history", "--all"]).code(0).stderr(), "");
}
