//! 64: the command line is wrong.

use insta::assert_snapshot;

use crate::harness::{Answer, Gate, MACHINE_FORMATS};

#[test]
fn an_unknown_flag_ends_with_64() {
    let gate = Gate::of_value(500.0).args(["--sloo", "slo.yaml"]);
    let answer = gate.refused(64);
    assert_snapshot!(answer.stderr(), @r"
    error: unexpected argument '--sloo' found

      tip: a similar argument exists: '--slo'

    Usage: tidegate evaluate --values <FILE> --event-log <URL> --slo <FILE> [DIR]...

    For more information, try '--help'.
    ");
}

#[test]
fn a_format_that_is_asked_for_in_any_spelling_carries_the_error() {
    for words in [
        &["-ojson", "--bogus"][..],
        &["-o=json", "--bogus"],
        &["--output=json", "--bogus"],
        &["--bogus", "-o", "json"],
        &["--quiet", "-o", "json", "--bogus"],
        &["-qojson", "--bogus"],
    ] {
        let answer = Gate::of_value(500.0).args(words).run();
        answer.code(64).says_its_code("json");
    }
    let in_environment = Gate::of_value(500.0)
        .env("TIDEGATE_OUTPUT", "json")
        .args(["--bogus"]);
    in_environment.run().code(64).says_its_code("json");
}

#[test]
fn no_command_at_all_shows_the_help_and_ends_with_64() {
    let answer = Gate::new().run().code(64).says_nothing();
    assert!(answer.stderr().contains("Start here:"));
}

#[test]
fn a_window_that_contradicts_itself_ends_with_64() {
    let of = |args: &[&str]| -> Answer { Gate::of_value(500.0).args(args).refused(64) };
    let (start, end) = ("--start=2024-02-01T10:00:00Z", "--end=2024-02-01T10:05:00Z");
    assert_snapshot!(of(&[start, end, "--timeframe", "5m"]).stderr(), @r"
    error: 'end' and 'timeframe' are mutually exclusive
      hint: give --start and --end, or --start and --timeframe, or --timeframe alone
    ");
    assert_snapshot!(of(&["--start=2024-02-01T10:05:00Z", "--end=2024-02-01T10:00:00Z"]).stderr(), @r"
    error: end date must be at least 1 minute after start date, but the window is [time] to [time]
      hint: the window needs at least a minute: try --timeframe 5m
    ");
    assert_snapshot!(of(&["--start", "2024-02-01T10:00:00Z"]).stderr(), @r"
    error: no timeframe or end date provided beside the start date
      hint: add --end now, or --timeframe 30m
    ");
    assert_snapshot!(of(&["--end", "2024-02-01T10:00:00Z"]).stderr(), @r"
    error: start date is required when using an end date
      hint: add --start
    ");
    assert_snapshot!(of(&["--timeframe", "10s"]).stderr(), @r"
    error: end date must be at least 1 minute after start date, but the window is [time] to [time]
      hint: the window needs at least a minute: try --timeframe 5m
    ");
    assert_snapshot!(of(&["--timeframe", "5 parsecs"]).stderr(), @r"
    error: could not parse provided timeframe: `5 parsecs` is not a duration: the units are ns, us, ms, s, m, h, and d, without blanks
      hint: such as 30m, 1h30m or 2d
    ");
    assert_snapshot!(of(&["--start", "yesterday", "--end", "now"]).stderr(), @"
    error: `yesterday` is not a time: expected `[time]` (any offset), `-5m` or `300` (five minutes ago), or `now`
      hint: see --start in tidegate evaluate --help
    ");
}

#[test]
fn a_label_without_a_value_ends_with_64() {
    let answer = Gate::of_value(500.0).args(["--label", "build"]).refused(64);
    assert_snapshot!(answer.stderr(), @r"
    error: `build` is no label
      hint: write KEY=VALUE, such as --label build=17
    ");
    let keptn = Gate::of_value(500.0).args(["--labels", "a=1,build"]);
    keptn.refused(64);
}

#[test]
fn flags_that_exclude_each_other_end_with_64() {
    Gate::of_value(500.0)
        .args(["--sli", "sli.yaml"])
        .refused(64);
    Gate::of_value(500.0).args(["--provider", "p"]).refused(64);
    let both = Gate::new().args(["evaluate", "carts", "--slo", "slo.yaml"]);
    both.refused(64);
}

#[test]
fn a_flag_with_a_value_that_makes_no_sense_ends_with_64() {
    for (flag, value) in [
        ("--fail-on", "sometimes"),
        ("--timeout", "soon"),
        ("--timeout", "0"),
        ("--color", "pink"),
        ("--event-log", "history.txt"),
        ("--project", ""),
    ] {
        let gate = Gate::new()
            .file("slo.yaml", crate::harness::SLO)
            .file("values.json", r#"{"response_time": 500}"#)
            .args(["evaluate", "--values", "values.json", flag, value]);
        let answer = gate.refused(64);
        assert!(answer.stderr().contains(flag), "{}", answer.stderr());
    }
    Gate::of_value(500.0)
        .args(["--output", "xml"])
        .run()
        .code(64)
        .says_nothing();
}

#[test]
fn values_on_stdin_and_slo_on_stdin_contradict_each_other() {
    let gate = Gate::new().stdin(crate::harness::SLO).args([
        "evaluate",
        "--slo",
        "-",
        "--values",
        "-",
        "--event-log",
        "memory:",
    ]);
    let answer = gate.refused(64);
    assert_snapshot!(answer.stderr(), @"
    error: `-` would be read more than once, but stdin can be read once only
      hint: keep one `-`, and name the other file
    ");
}

#[test]
fn every_code_of_the_command_line_is_the_same_in_every_format() {
    for format in MACHINE_FORMATS {
        let gate = Gate::of_value(500.0).args(["-o", format, "--timeframe", "1s"]);
        gate.run().code(64).says_its_code(format);
    }
}
