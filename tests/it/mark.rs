//! `tidegate mark`, and windows that begin or end at a mark.

use insta::assert_snapshot;
use regex::Regex;

use crate::harness::{Gate, SLI, SLO};

/// A folder that has a configuration, an SLO and queries.
fn folder() -> Gate {
    Gate::new()
        .file("tidegate.yaml", "provider: prometheus\n")
        .file("carts/slo.yaml", SLO)
        .file("carts/sli.yaml", SLI)
}

/// Marks of long ago, so that windows are long enough.
const MARKS: &str = r#"{"version": 1, "marks": {
    "start": {"time": "2024-02-01T10:00:00.000Z", "marks": "start"},
    "end": {"time": "2024-02-01T10:30:00.000Z", "marks": "end"}}}"#;

/// Shows the window of a dry run.
fn dry(gate: &Gate, window: &[&str]) -> serde_json::Value {
    let words = ["evaluate", "carts", "--dry-run", "-o", "json"];
    let words = words.iter().chain(window);
    let document = gate.run_with(words).code(0).json();
    document["window"].clone()
}

#[test]
fn the_instant_is_printed_alone_kept_and_shown() {
    let gate = folder();
    let marked = gate.run_with(["mark", "start"]).code(0);
    let instant = marked.raw_stdout();
    let shape = Regex::new(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\n$").unwrap();
    assert!(shape.is_match(&instant), "{instant}");
    assert_snapshot!(marked.stderr(), @"marked as @start in .tidegate/marks.json");
    for shown in ["start", "@start"] {
        let shown = gate.run_with(["mark", "show", shown]).code(0);
        assert_eq!(shown.raw_stdout(), instant);
    }
    let quiet = gate
        .run_with(["mark", "end", "--name", "load.end", "-q"])
        .code(0);
    assert_eq!(quiet.raw_stderr(), "");
    let all = gate.run_with(["mark", "show"]).code(0).raw_stdout();
    assert_eq!(
        all,
        format!("load.end {}start {instant}", quiet.raw_stdout())
    );
}

#[test]
fn a_window_begins_and_ends_at_marks() {
    let gate = folder().file(".tidegate/marks.json", MARKS);
    let window = dry(&gate, &["--start", "@start", "--end", "@end"]);
    assert_eq!(window["start"], "2024-02-01T10:00:00.000Z");
    assert_eq!(window["end"], "2024-02-01T10:30:00.000Z");
    let window = dry(&gate, &["--start", "@start", "--timeframe", "5m"]);
    assert_eq!(window["end"], "2024-02-01T10:05:00.000Z");
    let words = ["evaluate", "carts", "--dry-run", "--start", "@start"];
    let answer = gate.run_with(words.iter().chain(&["--end", "now"])).code(0);
    let warning = answer.raw_stderr();
    assert!(warning.contains("is more than a day old"), "{warning}");
    let sli = "indicators: {one: {provider: static, value: 1}}\n";
    let gate = gate.file("carts/sli.yaml", sli);
    let words = "query --slo carts/slo.yaml -o json --start @start --end @end one";
    let window = gate.run_with(words.split(' ')).code(0).json()["window"].clone();
    assert_eq!(window["end"], "2024-02-01T10:30:00.000Z");
}

#[test]
fn a_mark_that_is_not_there_or_not_readable_gives_no_verdict() {
    let gate = folder();
    let evaluate = ["evaluate", "carts", "--start", "@strat", "--end", "now"];
    let answer = gate.run_with(evaluate).code(66).says_nothing();
    assert_snapshot!(answer.stderr(), @"
    error: there is no mark `strat`
      hint: nothing is marked yet: tidegate mark start --name strat
    ");
    let gate = gate.file(".tidegate/marks.json", MARKS);
    let answer = gate.run_with(evaluate).code(66).says_nothing();
    assert_snapshot!(answer.stderr(), @"
    error: there is no mark `strat`
      hint: known are end, start; this one is made by tidegate mark start --name strat
    ");
    gate.run_with(["mark", "show", "strat"])
        .code(66)
        .says_nothing();
    gate.run_with(["evaluate", "carts", "--start", "@", "--end", "now"])
        .code(64);
    gate.run_with(["evaluate", "carts", "--start", "@end", "--end", "@start"])
        .code(64)
        .says_nothing();
    let gate = gate.file(".tidegate/marks.json", "{");
    gate.run_with(evaluate).code(65).says_nothing();
    gate.run_with(["mark", "start"]).code(65).says_nothing();
    assert_eq!(gate.read(".tidegate/marks.json"), "{");
}

#[test]
fn marks_made_in_the_working_folder_are_found_from_a_folder_with_its_own_configuration() {
    let gate = folder()
        .file("carts/tidegate.yaml", "provider: prometheus\n")
        .file(".tidegate/marks.json", MARKS);
    let window = dry(&gate, &["--start", "@start", "--end", "@end"]);
    assert_eq!(window["start"], "2024-02-01T10:00:00.000Z");
}

#[test]
fn an_end_does_not_take_the_name_of_a_start() {
    let gate = folder();
    gate.run_with(["mark", "start", "--name", "load"]).code(0);
    let answer = gate
        .run_with(["mark", "end", "--name", "load"])
        .code(64)
        .says_nothing();
    assert_snapshot!(answer.stderr(), @"
    error: `load` already marks a start
      hint: give this one a name of its own, such as load-end
    ");
    gate.run_with(["mark", "start", "--name", "a b"]).code(64);
}

#[test]
fn marks_that_cant_be_kept_end_with_73() {
    let gate = folder().file(".tidegate", "a file");
    gate.run_with(["mark", "start"]).code(73).says_nothing();
}

#[test]
fn github_and_azure_get_the_mark_as_a_variable_that_is_no_setting() {
    let gate = folder()
        .file("output", "before=1\n")
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_OUTPUT", "output")
        .env("GITHUB_ENV", "env");
    let marked = gate
        .run_with(["mark", "start", "--name", "fail-on"])
        .code(0);
    let line = format!("TIDEGATE_MARK_FAIL_ON={}", marked.raw_stdout());
    assert_eq!(gate.read("output"), format!("before=1\n{line}"));
    assert_eq!(gate.read("env"), line);
    gate.run_with(["mark", "start", "--ci", "none"]).code(0);
    assert_eq!(gate.read("env"), line);
    let azure = folder()
        .env("TF_BUILD", "True")
        .args(["mark", "start"])
        .run()
        .code(0);
    let instant = azure.raw_stdout();
    let command = format!("##vso[task.setvariable variable=TIDEGATE_MARK_START]{instant}");
    assert!(
        azure.raw_stderr().contains(&command),
        "{}",
        azure.raw_stderr()
    );
}

#[test]
fn times_are_taken_as_keptn_took_them() {
    let gate = folder();
    let length = |window: &[&str]| {
        let window = dry(&gate, window);
        let time = |name: &str| {
            window[name]
                .as_str()
                .unwrap()
                .parse::<jiff::Timestamp>()
                .unwrap()
        };
        time("end").duration_since(time("start")).as_secs()
    };
    assert_eq!(length(&["--start", "660", "--end", "60"]), 600);
    assert_eq!(length(&["--start", "660", "--end", "0"]), 660);
    assert_eq!(length(&["--start", "-11m", "--end", "-1m"]), 600);
    assert_eq!(length(&["--timeframe", "30m"]), 1800);
    let azure = ["--start", "2024-02-01T12:00:00+02:00", "--timeframe", "30m"];
    assert_eq!(length(&azure), 1800);
    assert_eq!(dry(&gate, &azure)["start"], "2024-02-01T10:00:00.000Z");
    let epochs = ["--start", "1706781600", "--end", "1706781900000"];
    assert_eq!(length(&epochs), 300);
    for window in [
        ["--start", "60", "--end", "660"],
        ["--start", "now", "--end", "0"],
    ] {
        let words = ["evaluate", "carts"].iter().chain(&window);
        gate.run_with(words).code(64).says_nothing();
    }
}

#[test]
fn labels_come_from_a_file_too_and_flags_win_over_it() {
    let gate = Gate::of_value(500.0)
        .file(
            "labels",
            "# Azure\nbuild:17\njoburl:https://ci.example/1?a=b\nby=ann\nlist=file\n",
        )
        .env("TIDEGATE_LABELS", "build=1,env=e")
        .args([
            "--labels-file",
            "labels",
            "--labels",
            "list=flags,by=bob",
            "--label",
            "by=eve",
        ]);
    let labels = gate.run_with(["-o", "json"]).code(0).json()["labels"].clone();
    let expected = serde_json::json!({"build": "17", "joburl": "https://ci.example/1?a=b", "by": "eve", "list": "flags", "env": "e"});
    assert_eq!(labels, expected);
    let missing = Gate::of_value(500.0).args(["--labels-file", "no"]);
    missing.refused(66);
    let bad = Gate::of_value(500.0)
        .file("labels", "a=1\nnothing\n")
        .args(["--labels-file", "labels"]);
    assert_snapshot!(bad.refused(65).stderr(), @"
    error: labels:2: `nothing` is no label
      hint: write KEY=VALUE or KEY:VALUE, one a line
    ");
}
