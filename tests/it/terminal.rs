//! Colour, characters, width; and that nothing from a file steers the terminal.

use insta::assert_snapshot;

use crate::harness::{Answer, Gate, MACHINE_FORMATS, SLO};
use crate::support::misbehaving::{Reply, Server};

/// The character that starts an escape sequence.
const ESCAPE: char = '\u{1b}';

/// Runs with variables and further words.
fn run(variables: &[(&str, &str)], args: &[&str]) -> Answer {
    let gate = Gate::of_value(700.0).args(args);
    let gate = variables
        .iter()
        .fold(gate, |gate, (name, value)| gate.env(name, *value));
    gate.run().code(3)
}

/// Runs the program on a terminal of its own; what both streams show.
fn on_a_terminal(gate: Gate, variables: &str) -> String {
    let gate = gate.env("TERM", "xterm-256color");
    let script = format!(
        "printf '\"%s\" ' \"$@\" > call; {variables} script -qefc \"$(cat call)\" /dev/null < /dev/null"
    );
    gate.run_in_shell(&script).raw_stdout()
}

#[test]
fn colour_is_off_where_nobody_asks_for_it() {
    for variables in [
        &[][..],
        &[("TERM", "xterm-256color")],
        &[("CLICOLOR", "1")],
        &[("CLICOLOR_FORCE", "0")],
        &[
            ("NO_COLOR", "1"),
            ("CLICOLOR_FORCE", "1"),
            ("FORCE_COLOR", "1"),
        ],
    ] {
        let answer = run(variables, &[]);
        assert!(!answer.raw_stdout().contains(ESCAPE), "{variables:?}");
    }
    let answer = run(&[("FORCE_COLOR", "1")], &["--color", "never"]);
    assert!(!answer.raw_stdout().contains(ESCAPE));
}

#[test]
fn colour_is_on_where_someone_asks_for_it() {
    for variables in [
        &[("CLICOLOR_FORCE", "1")],
        &[("FORCE_COLOR", "1")],
        &[("FORCE_COLOR", "3")],
    ] {
        let answer = run(variables, &[]);
        assert!(answer.raw_stdout().contains(ESCAPE), "{variables:?}");
    }
    for word in ["--color", "--colour"] {
        let answer = run(&[("NO_COLOR", "1")], &[word, "always"]);
        assert!(answer.raw_stdout().contains(ESCAPE));
    }
}

#[test]
fn without_its_colours_the_coloured_text_is_the_plain_one() {
    let coloured = run(&[], &["--color", "always", "--explain"]).stdout();
    let escapes = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
    let plain = run(&[], &["--explain"]).stdout();
    assert_eq!(escapes.replace_all(&coloured, ""), plain);
}

#[test]
fn a_terminal_gets_colour_and_a_dumb_one_does_not() {
    assert!(on_a_terminal(Gate::of_value(500.0), "").contains(ESCAPE));
    assert!(!on_a_terminal(Gate::of_value(500.0), "TERM=dumb").contains(ESCAPE));
    assert!(!on_a_terminal(Gate::of_value(500.0), "NO_COLOR=1").contains(ESCAPE));
    let json = on_a_terminal(Gate::of_value(500.0).args(["-qojson"]), "");
    assert!(!json.contains(ESCAPE), "{json}");
}

#[test]
fn progress_shows_on_a_terminal_only_and_never_in_ci() {
    let server = Server::always(Reply::Hang);
    let gate = || Gate::of_server(&server.url()).args(["--timeout", "500ms"]);
    assert!(on_a_terminal(gate(), "").contains("SLIs,"));
    let answer = gate().run().code(124);
    assert!(!answer.stderr().contains("SLIs,"), "{}", answer.stderr());
    for variables in ["CI=true", "TERM=dumb"] {
        let shown = on_a_terminal(gate(), variables);
        assert!(!shown.contains("SLIs,"), "{shown}");
    }
    let quiet = on_a_terminal(gate().args(["--quiet"]), "");
    assert!(!quiet.contains("SLIs,"), "{quiet}");
}

#[test]
fn the_live_line_names_what_is_still_open() {
    let server = Server::start(|request| {
        if request.contains("quick") {
            Reply::number(1.0)
        } else {
            Reply::Hang
        }
    });
    let slo = SLO.replace(
        "objectives:",
        "objectives:\n  - sli: quick\n    pass: [{criteria: [\"<2\"]}]",
    );
    let gate = Gate::of_server(&server.url())
        .file("slo.yaml", slo)
        .file(
            "sli.yaml",
            "indicators: {quick: quick, response_time: slow}\n",
        )
        .args(["--timeout", "2s"]);
    let shown = on_a_terminal(gate, "LANG=C");
    assert!(shown.contains("0/2 SLIs"), "{shown}");
    assert!(shown.contains("open: quick, response_time"), "{shown}");
    assert!(shown.contains("1/2 SLIs"), "{shown}");
    assert!(shown.contains("open: response_time"), "{shown}");
    assert!(shown.is_ascii(), "{shown}");
}

#[test]
fn a_machine_format_never_holds_an_escape_sequence() {
    for format in MACHINE_FORMATS {
        let answer = run(
            &[("FORCE_COLOR", "1")],
            &["-o", format, "--color", "always"],
        );
        assert!(!answer.raw_stdout().contains(ESCAPE), "{format}");
        answer.document(format);
        let failing = Gate::new().args(["evaluate", "--color", "always", "-o", format]);
        let failing = failing.run().code(66);
        assert!(!failing.raw_stdout().contains(ESCAPE), "{format}");
        let wrong = Gate::new().args(["evaluate", "--color=always", "-o", format, "--bogus"]);
        assert!(
            !wrong.run().code(64).raw_stdout().contains(ESCAPE),
            "{format}"
        );
    }
}

#[test]
fn a_narrow_locale_gets_ascii_only() {
    for variables in [
        [("LANG", "C")],
        [("LC_ALL", "POSIX")],
        [("LANG", "de_DE.ISO-8859-1")],
    ] {
        let answer = run(&variables, &["--explain"]);
        assert!(answer.raw_stdout().is_ascii(), "{}", answer.raw_stdout());
    }
    assert_snapshot!(run(&[("LANG", "C")], &[]).stdout(), @"
    [name]/default/[name]  [time] to [time]

               SLI             Value   Passes if   Points
    ------------------------------------------------------
     warning   response_time     700   <600         0.5/1

    warning response_time is 700 and misses <600; its warning criteria are met

    Compared with no earlier evaluation; relative criteria are met.

    WARNING  score 50 of 100 (90 to pass, 50 for a warning)
    Evaluation returned a warning: the calculated score of 50 is close to the warning target value of 50
    ");
    assert!(!run(&[("LANG", "C.UTF-8")], &[]).raw_stdout().is_ascii());
}

#[test]
fn the_table_fits_80_columns() {
    let slo = SLO.replace(
        "    pass:\n",
        "    displayName: The time that a response takes at the ninety-fifth percentile\n    pass:\n",
    );
    let gate = Gate::of_value(500.0).file(
        "slo.yaml",
        slo.replace(
            "\"<600\"",
            "\"<600\", \"<=+10%\", \">1\", \">=2\", \"<1000\"",
        ),
    );
    let answer = gate.env("COLUMNS", "80").run().code(0);
    assert_snapshot!(answer.stdout(), @"
    [name]/default/[name]  [time] to [time]

              SLI                         Value   Passes if                  Points
    ────────────────────────────────────────────────────────────────────────────────
     ✓ pass   The time that a response      500   <600, <=+10%, >1, >=2,        1/1
              takes at the ninety-fifth           <1000
              percentile

    Compared with no earlier evaluation; relative criteria are met.

    ✓ PASS  score 100 of 100 (90 to pass, 50 for a warning)
    ");
    let text = answer.raw_stdout();
    let long = text.lines().filter(|line| line.chars().count() > 80);
    assert_eq!(long.count(), 0);
}

#[test]
fn nothing_from_a_file_or_a_server_steers_the_terminal() {
    let evil = r"\e[2J\u202e\r\a";
    let slo = format!(
        "objectives:\n  - sli: \"a\"\n    displayName: \"name{evil}\"\n    pass: [{{criteria: [\"<600\"]}}]\ntotal_score: {{ pass: 90% }}\n\"key{evil}\": 1\n"
    );
    let values = "[{\"metric\": \"a\", \"value\": 5, \"success\": false, \"message\": \"\\u001b[2J\\u202e\\r\"}]";
    let gate = Gate::of_value(1.0)
        .file("slo.yaml", slo)
        .file("values.json", values)
        .args(["--label", "build=\u{1b}[2J\r", "--explain"]);
    let harmless = |answer: &Answer| {
        let shown = answer.raw_stdout() + &answer.raw_stderr();
        let steers = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!shown.contains(steers), "{shown:?}");
    };
    harmless(&gate.run().code(1));
    harmless(&gate.run_with(["--dry-run"]).code(0));
    for format in MACHINE_FORMATS {
        let answer = gate.run_with(["-o", format]).code(1);
        assert!(!answer.raw_stdout().contains(ESCAPE), "{format}");
    }
    let server = Server::always(Reply::bad_query("\u{1b}[2Jwrong\r"));
    harmless(&Gate::of_server(&server.url()).run().code(65));
    let broken = Gate::of_value(1.0).file("slo.yaml", "objectives: [\u{1b}[2J\n");
    harmless(&broken.run().code(65));
    let named = Gate::new().args(["evaluate", "--slo", "no\u{1b}[2Jwhere.yaml"]);
    harmless(&named.run().code(66));
    harmless(
        &Gate::of_value(1.0)
            .args(["--timeframe", "\u{1b}[2J"])
            .run()
            .code(64),
    );
    harmless(
        &Gate::of_value(1.0)
            .args(["--event-log=\u{1b}[2J"])
            .run()
            .code(64),
    );
    harmless(
        &Gate::of_value(1.0)
            .args(["--fail-on", "\u{1b}[2J"])
            .run()
            .code(64),
    );
    harmless(&Gate::new().args(["\u{1b}[2J"]).run().code(64));
}
