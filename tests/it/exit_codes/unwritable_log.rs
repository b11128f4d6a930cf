//! 73, 74, 76: the log can't be created, written, or understood. A verdict is told first, and stands.

use insta::assert_snapshot;

use crate::harness::{Answer, Gate, MACHINE_FORMATS, SLO};

/// Evaluates a value with a log; whatever stands in the log's way is a file of the folder.
fn gate(value: f64, log: &str) -> Gate {
    Gate::new()
        .file("slo.yaml", SLO)
        .file("values.json", format!("{{\"response_time\": {value}}}"))
        .file("plain", "a file, no folder")
        .args(["evaluate", "--values", "values.json", "--event-log", log])
}

#[test]
fn a_log_that_can_not_be_created_ends_with_73_after_the_report() {
    for log in ["/proc/tidegate/events.db", "/proc/tidegate/events.jsonl"] {
        let answer = gate(500.0, log).run().code(73);
        assert!(answer.stdout().contains("✓ PASS"), "{}", answer.stdout());
        assert!(
            answer.stderr().contains("the verdict stands"),
            "{}",
            answer.stderr()
        );
        gate(700.0, log).run().code(73);
        gate(900.0, log).run().code(1);
    }
    let answer = gate(500.0, "/proc/tidegate/events.db").run();
    assert_snapshot!(answer.stderr(), @r"
    error: the verdict stands, but it is not in the event log: the event log `/proc/tidegate/events.db` can't be created
      because: No such file or directory (os error 2)
      hint: later evaluations will not be compared with this one
    ");
}

/// Evaluates once to make the log, and again while no file may grow beyond 32 KiB, which fails like a full disk. The SLO
/// is larger than that, and is part of the event.
fn in_little_space(value: f64, log: &str) -> Answer {
    let slo = format!("{SLO}# {}\n", "x".repeat(50_000));
    let gate = gate(value, log).file("slo.yaml", slo);
    gate.run().code(i32::from(value >= 600.0));
    gate.run_in_shell("trap '' XFSZ; ulimit -f 64; { \"$@\"; echo \"code $?\"; } | cat")
}

#[test]
fn a_log_that_can_not_be_written_ends_with_74_after_the_report() {
    for log in ["events.jsonl", "sqlite:events.db"] {
        let answer = in_little_space(500.0, log);
        let shown = format!("{}{}", answer.stdout(), answer.stderr());
        assert!(answer.stdout().contains("✓ PASS"), "{shown}");
        assert!(answer.stdout().ends_with("code 74\n"), "{shown}");
        assert!(in_little_space(900.0, log).stdout().ends_with("code 1\n"));
    }
    assert_snapshot!(in_little_space(500.0, "events.jsonl").stderr(), @r"
    error: the verdict stands, but it is not in the event log: the event log `events.jsonl` can't be written
      because: File too large (os error 27)
      hint: later evaluations will not be compared with this one
    ");
    assert_snapshot!(in_little_space(500.0, "sqlite:events.db").stderr(), @r"
    error: the verdict stands, but it is not in the event log: the event log `events.db` can't be written
      because: disk I/O error
      because: Error code 778: disk I/O error
      hint: later evaluations will not be compared with this one
    ");
}

#[test]
fn machine_formats_show_the_report_of_a_verdict_that_is_not_stored() {
    for format in MACHINE_FORMATS {
        let answer = gate(500.0, "/proc/tidegate/events.db").run_with(["-o", format]);
        let document = answer.code(73).document(format);
        let result = document
            .pointer("/data/result")
            .unwrap_or(&document["result"]);
        assert_eq!(result, "pass", "{document}");
    }
}

#[test]
fn a_log_below_a_regular_file_is_no_log_yet_and_ends_with_74_after_the_report() {
    for log in ["plain/events.db", "plain/events.jsonl"] {
        let answer = gate(500.0, log).run();
        assert!(answer.stdout().contains("PASS"), "{}", answer.stdout());
        assert!(
            answer.stderr().contains("plain/events"),
            "{}",
            answer.stderr()
        );
        answer.code(74);
    }
}

/// Runs the gate, whose log can't be read: the report is printed all the same, and machines get the error with it.
fn reported(gate: &Gate) -> Answer {
    let answer = gate.run().code(76);
    assert!(
        answer.stdout().contains("response_time"),
        "{}",
        answer.stdout()
    );
    let document = gate.run_with(["--output", "json"]).code(76).json();
    assert_eq!(document["objectives"][0]["value"], 500);
    assert_eq!(document["error"]["code"], 76);
    assert_eq!(document["stored"], false);
    answer
}

#[test]
fn a_log_that_is_none_ends_with_76_after_the_report() {
    let answer = reported(&gate(500.0, "sqlite:plain"));
    assert_snapshot!(answer.stderr(), @r"
    error: `plain` is not an event log: it is not an SQLite database
      hint: a log of lines is written as `jsonl:PATH`
    ");
    let answer = reported(&gate(500.0, "jsonl:plain"));
    assert_snapshot!(answer.stderr(), @r"
    error: `plain` is not an event log: it holds no event: line 1 is none (not a JSON object)
      hint: a database is written as `sqlite:PATH`
    ");
    let export = gate(500.0, "jsonl:export").file("export", "{\"events\": [{\n\"id\": \"a\"}]}\n");
    assert_snapshot!(reported(&export).stderr(), @r"
    error: `export` is not an event log: it is one JSON document; a log has one event on each line
      hint: bring its events into a log: `tidegate import keptn --file EXPORT.json`
    ");
}

#[test]
fn a_folder_where_the_log_should_be_ends_with_76() {
    for log in ["sqlite:folder", "jsonl:folder"] {
        let answer = reported(&gate(500.0, log).file("folder/x", ""));
        assert!(
            answer.stderr().contains("it is a folder"),
            "{}",
            answer.stderr()
        );
    }
}
