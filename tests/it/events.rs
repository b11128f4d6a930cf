//! `tidegate events` and `tidegate log copy`: events read, moved, and removed.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::json;

use crate::harness::Gate;
use crate::stored::{BOTH, evaluation, invalidation, lines, pin};

/// Starts with a file of two evaluations, of which one is invalidated.
fn gate() -> Gate {
    let mut events = evaluation("first", 1, "pass", 90.0);
    events.extend(evaluation("second", 2, "fail", 10.0));
    events.push(invalidation("second", 3));
    Gate::new().file("in.jsonl", lines(&events))
}

/// Starts with these events in a log.
fn filled(log: &str) -> Gate {
    let gate = gate().env("TIDEGATE_EVENT_LOG", log);
    gate.run_with(["events", "import", "in.jsonl"]).code(0);
    gate
}

#[test]
fn events_are_listed_newest_first() {
    for log in BOTH {
        let gate = filled(log);
        let listed = gate.run_with(["events", "list"]).code(0).raw_stdout();
        insta::allow_duplicates! { assert_snapshot!(listed, @"
        2024-02-01 03:00:00Z  evaluation.invalidated           sockshop/staging/carts
            second-i
        2024-02-01 02:00:00Z  evaluation.triggered             sockshop/staging/carts
            second-t
        2024-02-01 02:00:00Z  evaluation.finished     fail     sockshop/staging/carts
            second
        2024-02-01 01:00:00Z  evaluation.triggered             sockshop/staging/carts
            first-t
        2024-02-01 01:00:00Z  evaluation.finished     pass     sockshop/staging/carts
            first
        "); }
        let some = [
            "events",
            "list",
            "--type",
            "evaluation.finished",
            "--result",
            "fail",
            "-o",
            "jsonl",
        ];
        let some = gate.run_with(some).code(0).json();
        assert_eq!(some["id"], "second");
        let page = gate
            .run_with(["events", "list", "-n", "1", "--before", "second-i"])
            .code(0);
        assert!(
            page.raw_stdout().contains("second"),
            "{}",
            page.raw_stdout()
        );
        assert!(
            page.stderr().contains("--before second"),
            "{}",
            page.stderr()
        );
        gate.run_with(["events", "list", "--before", "nobody"])
            .code(66);
        let none = gate
            .run_with(["events", "list", "--service", "orders"])
            .code(0);
        assert!(none.says_nothing().stderr().contains("no such event"));
    }
}

#[test]
fn one_event_is_printed_as_it_is_stored() {
    for log in BOTH {
        let gate = filled(log);
        let event = gate
            .run_with(["events", "get", "second-i"])
            .code(0)
            .raw_stdout();
        insta::allow_duplicates! { assert_snapshot!(event, @r#"
        {
          "id": "second-i",
          "source": "test",
          "specversion": "1.0",
          "type": "sh.keptn.event.evaluation.invalidated",
          "time": "2024-02-01T03:00:00Z",
          "triggeredid": "second-t",
          "data": {
            "evaluation": {
              "reason": "wrong load"
            },
            "project": "sockshop",
            "stage": "staging",
            "service": "carts"
          }
        }
        "#); }
        let missing = gate
            .run_with(["events", "get", "nobody"])
            .code(66)
            .says_nothing();
        assert!(missing.stderr().contains("there is no event `nobody`"));
    }
}

#[test]
fn an_import_names_what_is_broken_and_stores_the_rest_once() {
    for log in BOTH {
        let gate = gate().env("TIDEGATE_EVENT_LOG", log);
        let gate = gate.file("bad.jsonl", format!("{}{{\"id\":\n\n7\n", gate_lines()));
        let bad = gate
            .run_with(["events", "import", "bad.jsonl"])
            .code(65)
            .says_nothing();
        insta::allow_duplicates! { assert_snapshot!(bad.stderr(), @"
        broken: line 6: it is no CloudEvent: EOF while parsing a value at line 1 column 6
        broken: line 8: it is no CloudEvent: invalid type: integer `7`, expected a CloudEvent at line 1 column 1
        bad.jsonl: 5 new, 0 known already, 2 broken
        "); }
        let again = gate.run_with(["events", "import", "in.jsonl"]).code(0);
        assert_eq!(
            again.stderr(),
            "in.jsonl: 0 new, 5 known already, 0 broken\n"
        );
        let missing = gate.run_with(["events", "import", "none.jsonl"]).code(66);
        assert_eq!(
            missing.stderr(),
            "error: the file none.jsonl does not exist\n"
        );
    }
}

/// Returns the lines of the file of [`gate`].
fn gate_lines() -> String {
    gate().read("in.jsonl")
}

#[test]
fn a_json_list_and_stdin_are_imported_too() {
    let events = evaluation("first", 1, "pass", 90.0);
    let gate = Gate::new().stdin(json!(events).to_string());
    let taken = gate.run_with(["events", "import", "-"]).code(0);
    assert_eq!(taken.stderr(), "-: 2 new, 0 known already, 0 broken\n");
}

#[test]
fn an_export_replaces_no_file_unless_it_is_told_to() {
    let gate = filled(BOTH[0]);
    let refused = gate.run_with(["events", "export", "in.jsonl"]).code(73);
    assert!(refused.stderr().contains("--force"), "{}", refused.stderr());
    gate.run_with(["events", "export", "in.jsonl", "--force"])
        .code(0);
    gate.run_with(["events", "export", "no/such/folder.jsonl"])
        .code(73);
    let told = gate
        .run_with([
            "events",
            "export",
            "out.jsonl",
            "--type",
            "evaluation.finished",
        ])
        .code(0);
    assert_eq!(
        told.stderr(),
        "wrote 2 events of sqlite:events.db to out.jsonl\n"
    );
    assert!(!gate.path("out.jsonl.partial").exists());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]
    #[test]
    fn what_is_exported_imported_and_exported_again_has_the_same_bytes(
        events in prop::collection::vec(("[a-f]{1,3}", prop::option::of(0..5_u8), "\\PC{0,8}", any::<f64>()), 0..30),
        to in prop::sample::select(BOTH.to_vec()),
    ) {
        let events: Vec<_> = events
            .into_iter()
            .map(|(id, minute, text, number)| {
                let mut event = json!({"id": id, "type": "t", "source": text, "data": {"é": text, "n": number}, "x": [number]});
                if let Some(minute) = minute {
                    event["time"] = format!("2024-02-01T10:0{minute}:00.5Z").into();
                }
                event
            })
            .collect();
        let gate = Gate::new().file("in.jsonl", lines(&events)).stdin("");
        let from = if to == BOTH[0] { BOTH[1] } else { BOTH[0] };
        gate.run_with(["events", "import", "in.jsonl", "--event-log", from]).code(0);
        let first = gate.run_with(["events", "export", "out.jsonl", "--event-log", from]).code(0);
        drop(first);
        gate.run_with(["events", "import", "out.jsonl", "--event-log", to]).code(0);
        let second = gate.run_with(["events", "export", "--event-log", to]).code(0);
        prop_assert_eq!(second.raw_stdout(), gate.read("out.jsonl"));
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let gate = filled(BOTH[0]);
    for command in ["events export", "events list --follow", "history --all"] {
        let script = format!("(\"$@\" {command}; echo $? >&2) | true");
        let answer = gate.run_in_shell(&script).code(0);
        assert!(
            answer.raw_stderr().lines().any(|line| line == "0"),
            "{}",
            answer.raw_stderr()
        );
    }
}

#[cfg(unix)]
#[test]
fn whoever_follows_a_log_sees_what_comes_and_ends_it_with_success() {
    let gate = filled(BOTH[0]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidegate"));
    command
        .args([
            "events",
            "list",
            "--follow",
            "-n",
            "1",
            "-o",
            "jsonl",
            "--event-log",
            "events.db",
        ])
        .current_dir(gate.path("."))
        .stdout(Stdio::piped());
    let mut follower = command.spawn().unwrap();
    let mut seen = BufReader::new(follower.stdout.take().unwrap()).lines();
    let mut next = || {
        let line: serde_json::Value = serde_json::from_str(&seen.next().unwrap().unwrap()).unwrap();
        line["id"].as_str().unwrap().to_owned()
    };
    assert_eq!(next(), "second-i");
    let gate = gate.file("more.jsonl", lines(&[pin("first", 4)]));
    gate.run_with(["events", "import", "more.jsonl"]).code(0);
    assert_eq!(next(), "first-p");
    let kill = format!("kill -INT {}", follower.id());
    assert!(
        Command::new("sh")
            .args(["-c", &kill])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(follower.wait().unwrap().code(), Some(0));
}

#[test]
fn prune_removes_whole_evaluations_and_needs_a_yes() {
    for log in BOTH {
        let gate = filled(log);
        let refused = gate
            .run_with(["events", "prune", "--older-than", "90d"])
            .code(64);
        insta::allow_duplicates! { assert_snapshot!(refused.says_nothing().stderr(), @"
        error: nobody can be asked here whether evaluations may be removed
          hint: look with --dry-run what would go, then add --yes
        "); }
        let kept = gate
            .run_with(["events", "prune", "--older-than", "90d", "--dry-run"])
            .code(0);
        // The second is invalidated: no baseline needs it.
        let would = "sockshop/staging/carts: 1 would go, 1 stay\n";
        assert_eq!(kept.raw_stdout(), would);
        let all = [
            "events",
            "prune",
            "--older-than",
            "90d",
            "--keep",
            "0",
            "--yes",
        ];
        let gone = gate.run_with(all).code(0);
        assert_eq!(
            gone.raw_stdout(),
            "sockshop/staging/carts: 2 gone, 0 stay\n"
        );
        assert_eq!(
            gone.raw_stderr(),
            format!("removed 2 evaluations (5 events) from {log}\n")
        );
        gate.run_with(["events", "list"]).code(0).says_nothing();
        gate.run_with(["events", "prune"]).code(64);
    }
}

#[test]
fn a_log_is_copied_whole_and_again_without_doubling() {
    let gate = filled(BOTH[0]);
    let copy = ["log", "copy", "events.db", "copy.jsonl"];
    let first = gate.run_with(copy).code(0);
    assert_eq!(
        first.raw_stdout(),
        "sockshop/staging/carts: 5 of 5 events\n"
    );
    assert_eq!(
        first.raw_stderr(),
        "every event of sqlite:events.db is in jsonl:copy.jsonl: 5 copied, 0 there already\n"
    );
    let again = gate.run_with(copy).code(0).raw_stderr();
    assert!(again.ends_with("0 copied, 5 there already\n"), "{again}");
    let back = ["log", "copy", "@THE_COPY", "back.db"];
    let unset = gate.run_with(back).code(64).stderr();
    assert_eq!(
        unset,
        "error: FROM: the environment variable `THE_COPY` is not set\n"
    );
    let gate = gate.env("THE_COPY", "copy.jsonl");
    gate.run_with(back).code(0);
    let export = |log: &str| {
        let answer = gate.run_with(["events", "export", "--event-log", log]);
        answer.code(0).raw_stdout()
    };
    assert_eq!(export("back.db"), export("events.db"));
}

#[test]
fn a_copy_that_makes_no_sense_is_refused() {
    let gate = filled(BOTH[0]);
    for (from, to, code, said) in [
        ("events.db", "./events.db", 64, "the same event log"),
        ("none.db", "copy.db", 66, "there is no event log"),
        ("events.db", "memory:", 64, "keeps nothing"),
        ("events.db", "events.txt", 64, "does not tell what kind"),
        ("events.db", "postgres://u:secret@db/x", 64, "@NEW_LOG"),
    ] {
        let answer = gate.run_with(["log", "copy", from, to]).code(code);
        let text = answer.says_nothing().stderr();
        assert!(text.contains(said), "{text}");
        assert!(!text.contains("secret"), "{text}");
    }
}
