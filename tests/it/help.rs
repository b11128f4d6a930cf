//! What help says, that it fits a terminal, and that every variable it mentions is one.

use crate::harness::Gate;
use crate::settings;

/// The commands.
const COMMANDS: [&str; 34] = [
    "run",
    "evaluate",
    "query",
    "history",
    "show",
    "report",
    "events",
    "log",
    "import",
    "invalidate",
    "pin",
    "unpin",
    "inspect",
    "doctor",
    "plugin",
    "init",
    "providers",
    "schema",
    "serve",
    "completions",
    "man",
    "mark",
    "trigger",
    "get",
    "approve",
    "decline",
    "sequence",
    "create",
    "update",
    "delete",
    "add-resource",
    "send",
    "auth",
    "status",
];

/// Returns a help text.
pub(crate) fn help(args: &[&str]) -> String {
    let answer = Gate::new().args(args).run().code(0);
    assert_eq!(answer.raw_stderr(), "");
    let text = answer.raw_stdout();
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

#[test]
fn the_version_is_that_of_the_package_on_one_line_and_what_it_knows_on_more() {
    let short = help(&["-V"]);
    assert_eq!(short.lines().count(), 1);
    let version = format!("tidegate {}", env!("CARGO_PKG_VERSION"));
    let commit = short.trim_end().strip_prefix(&version).unwrap();
    assert!(
        commit.is_empty() || commit.starts_with(" (") && commit.ends_with(')'),
        "{short}"
    );
    let long = help(&["--version"]);
    assert!(long.starts_with(&short), "{long}");
    for part in [
        "commit: ",
        "target: ",
        "providers: ",
        "event logs: ",
        "reports: ",
    ] {
        assert!(
            long.lines().any(|line| line.starts_with(part)),
            "{part} in {long}"
        );
    }
}

#[test]
fn every_line_of_help_fits_into_100_columns() {
    let mut texts = vec![help(&["-h"]), help(&["--help"])];
    for command in COMMANDS {
        texts.extend([help(&[command, "-h"]), help(&[command, "--help"])]);
    }
    let long = texts
        .iter()
        .flat_map(|text| text.lines())
        .filter(|line| line.chars().count() > 100);
    assert_eq!(long.collect::<Vec<_>>(), Vec::<&str>::new());
}

#[test]
fn help_fits_a_narrow_terminal_too() {
    for command in COMMANDS {
        let answer = Gate::new()
            .env("COLUMNS", "80")
            .args([command, "-h"])
            .run()
            .code(0);
        let long = answer.raw_stdout();
        let long = long.lines().filter(|line| line.chars().count() > 100);
        assert_eq!(long.count(), 0, "{command}");
    }
}

#[test]
fn every_variable_that_help_mentions_is_tested_and_every_tested_one_is_mentioned() {
    let texts = COMMANDS.map(|command| help(&[command, "--help"]));
    let mentioned = texts.iter().flat_map(|text| text.split("[env: ").skip(1));
    let mentioned = mentioned.map(|rest| rest.split(']').next().unwrap());
    let mut mentioned: Vec<&str> = mentioned.collect();
    mentioned.sort_unstable();
    mentioned.dedup();
    let mut tested = settings::VARIABLES.to_vec();
    tested.sort_unstable();
    assert_eq!(mentioned, tested);
}

#[test]
fn every_exit_code_is_in_the_help_of_evaluate() {
    let text = help(&["evaluate", "--help"]);
    let table = text.split("Exit codes:").nth(1).unwrap();
    for code in [
        0, 1, 3, 4, 64, 65, 66, 69, 70, 73, 74, 75, 76, 77, 78, 124, 129, 130, 143,
    ] {
        let found = table
            .split(|c: char| !c.is_ascii_digit())
            .any(|word| word == code.to_string());
        assert!(found, "{code}");
    }
}
