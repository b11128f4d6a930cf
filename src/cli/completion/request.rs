//! One question of a shell, and the answer in the form that its script reads.

use std::ffi::OsString;

use clap::ValueEnum as _;
use serde_json::json;

use super::candidates::{Candidate, candidates};
use crate::cli::args::Shell;
use crate::cli::console::write_data;
use crate::cli::environment::Environment;
use crate::cli::exit::Exit;

/// The variable with which a script asks: the name of its shell.
pub const VARIABLE: &str = "TIDEGATE_COMPLETE";

/// Answers a shell, where a shell asks: the variable names it, and `--` precedes the words.
///
/// Without the `--` the variable means nothing, so that one that is left in the environment of a CI job can't turn an
/// evaluation into a pass.
pub fn answer(argv: &[OsString], environment: &Environment) -> Option<Exit> {
    let shell = Shell::from_str(environment.get(VARIABLE)?, false).ok()?;
    let (_program, rest) = argv.split_first()?;
    let (dashes, words) = rest.split_first()?;
    if dashes != "--" {
        return None;
    }
    let mut words = words.to_vec();
    let last = words.len().saturating_sub(1);
    let at = environment
        .get("_CLAP_COMPLETE_INDEX")
        .and_then(|index| index.parse().ok())
        .unwrap_or(last);
    if words.len() <= at {
        // Zsh leaves out an empty last word.
        words.push(OsString::new());
    }
    let text = written(shell, &candidates(&words, at, environment));
    // Whoever closed the pipe wants no candidates.
    drop(write_data(&text));
    Some(Exit::Pass)
}

/// Writes candidates in the form that a script reads.
fn written(shell: Shell, candidates: &[Candidate]) -> String {
    let values = candidates.iter().map(|candidate| candidate.value.as_str());
    match shell {
        Shell::Bash => values.collect::<Vec<_>>().join("\u{b}"),
        Shell::Elvish => values.collect::<Vec<_>>().join("\n"),
        Shell::Zsh => lines(candidates, ':', |value| {
            value.replace('\\', "\\\\").replace(':', "\\:")
        }),
        Shell::Fish | Shell::Powershell => lines(candidates, '\t', str::to_owned),
        Shell::Nushell => {
            let record = |candidate: &Candidate| json!({"value": candidate.value, "description": candidate.help});
            json!(candidates.iter().map(record).collect::<Vec<_>>()).to_string()
        }
    }
}

/// Writes a candidate on each line, with its help behind a character.
fn lines(candidates: &[Candidate], between: char, quoted: impl Fn(&str) -> String) -> String {
    let line = |Candidate { value, help }: &Candidate| {
        let value = quoted(value);
        if help.is_empty() {
            value
        } else {
            format!("{value}{between}{}", help.replace('\\', "\\\\"))
        }
    };
    candidates.iter().map(line).collect::<Vec<_>>().join("\n")
}
