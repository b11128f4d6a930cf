//! Command lines as documents show them, run as they stand: `$ tidegate …`, and below it what it prints.

use std::path::Path;
use std::process::Command;

use regex::Regex;

/// How a document calls the program from a checkout.
const FROM_SOURCE: &str = "cargo run -- ";
/// The folder in which a document shows its commands to be run.
const SHOWN_FOLDER: &str = "/home/ann/shop";

/// One command of a console block, and what the block shows below it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// The command, without `$ `.
    pub command: String,
    /// The text below it.
    pub shown: String,
}

/// Splits a console block into its commands.
pub(crate) fn steps(block: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in block.lines() {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => steps.push(Step {
                command: command.to_owned(),
                shown: String::new(),
            }),
            (None, Some(step)) => {
                step.shown.push_str(line);
                step.shown.push('\n');
            }
            (None, None) => panic!("a console block must begin with `$ `: {line}"),
        }
    }
    steps
}

/// What came of a command.
pub(crate) struct Ran {
    /// Stdout and stderr as a terminal shows them.
    pub text: String,
    /// The exit code.
    pub code: i32,
}

/// Runs `[NAME=value …] tidegate …` in a folder, with nothing else in its environment.
pub(crate) fn run(command: &str, folder: &Path) -> Ran {
    let command = command.replacen(FROM_SOURCE, "tidegate ", 1);
    let mut words = command.split_whitespace().peekable();
    let mut process = Command::new(env!("CARGO_BIN_EXE_tidegate"));
    process.env_clear().current_dir(folder);
    while let Some((name, value)) = words.peek().and_then(|word| word.split_once('=')) {
        process.env(name, value);
        words.next();
    }
    assert_eq!(words.next(), Some("tidegate"), "unknown command: {command}");
    let (mut reader, writer) = std::io::pipe().unwrap();
    let both = writer.try_clone().unwrap();
    process.args(words).stdout(writer).stderr(both);
    let mut child = process.spawn().unwrap();
    drop(process);
    let mut text = String::new();
    std::io::Read::read_to_string(&mut reader, &mut text).unwrap();
    Ran {
        text,
        code: child.wait().unwrap().code().unwrap(),
    }
}

/// Runs the commands of a block one after the other; each must print what is shown below it.
///
/// `$ echo $?` shows the exit code of the command before it. Times may differ, as may lines that only tell where
/// the result was stored.
pub(crate) fn check(block: &str, folder: &Path) {
    let mut code = 0;
    for Step { command, shown } in steps(block) {
        if command == "echo $?" {
            assert_eq!(shown.trim(), code.to_string(), "the exit code");
            continue;
        }
        let ran = run(&command, folder);
        let printed = ran
            .text
            .replace(&folder.display().to_string(), SHOWN_FOLDER);
        assert_eq!(
            comparable(&printed),
            comparable(&shown),
            "{command} printed\n{printed}"
        );
        code = ran.code;
    }
}

/// Makes texts of different runs comparable.
fn comparable(text: &str) -> String {
    let lines = text
        .lines()
        .filter(|line| !line.starts_with("stored as "))
        .map(|line| without_ids(&without_lengths(&without_times(line.trim_end()))));
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// Replaces the ids of runs, and how long their tasks took.
fn without_ids(line: &str) -> String {
    let id = Regex::new(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").unwrap();
    let length = Regex::new(r"\b\d\.\d s\b").unwrap();
    let line = id.replace_all(line, "[id]");
    length.replace_all(&line, "[s]").into_owned()
}

/// Replaces how long something took, as it stands behind a colon or a comma at the end of what is said of it.
fn without_lengths(line: &str) -> String {
    let pattern = Regex::new(r"([,:]) \d+(\.\d+)? ms(, \d+ attempts?\b|$)").unwrap();
    pattern.replace(line, "$1 LENGTH$3").into_owned()
}

/// Replaces what looks like a time.
fn without_times(line: &str) -> String {
    const TIME: &str = "0000-00-00T00:00:00";
    let bytes = line.as_bytes();
    let mut masked = String::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let is_time = rest.len() >= TIME.len()
            && rest
                .iter()
                .zip(TIME.bytes())
                .all(|(found, shape)| match shape {
                    b'0' => found.is_ascii_digit(),
                    b'T' => matches!(found, b'T' | b' '),
                    other => *found == other,
                });
        if is_time {
            masked.push_str("TIME");
            at += TIME.len();
            let fraction = bytes[at..]
                .iter()
                .take_while(|byte| byte.is_ascii_digit() || **byte == b'.');
            at += fraction.count();
        } else {
            let character = line[at..].chars().next().unwrap();
            masked.push(character);
            at += character.len_utf8();
        }
    }
    masked
}

#[test]
fn a_block_is_split_at_its_prompts() {
    let step = |command: &str, shown: &str| Step {
        command: command.to_owned(),
        shown: shown.to_owned(),
    };
    assert_eq!(
        steps("$ tidegate a\nx\ny\n$ echo $?\n0\n"),
        [step("tidegate a", "x\ny\n"), step("echo $?", "0\n")]
    );
}

#[test]
fn times_are_masked_and_nothing_else_is() {
    assert_eq!(
        without_times("✓ 2026-11-22 13:04:55Z to 2024-02-01T09:00:00.123Z, 87.5 of 100"),
        "✓ TIMEZ to TIMEZ, 87.5 of 100"
    );
}

#[test]
fn how_long_something_took_is_masked_and_a_value_is_not() {
    for (line, masked) in [
        (
            "results at a.json (k6): 6.3 ms, 1 attempt, 60 samples",
            "results at a.json (k6): LENGTH, 1 attempt, 60 samples",
        ),
        (
            "  ok  DNS  127.0.0.1, 0.2 ms",
            "  ok  DNS  127.0.0.1, LENGTH",
        ),
        ("response_time_p95  38.7 ms", "response_time_p95  38.7 ms"),
    ] {
        assert_eq!(without_lengths(line), masked);
    }
}
