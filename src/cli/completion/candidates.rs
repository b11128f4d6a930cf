//! What may come next, for the words typed so far.

use std::ffi::OsString;

use clap::CommandFactory as _;
use clap_complete::engine::{CompletionCandidate, complete};

use super::live;
use crate::cli::args::Cli;
use crate::cli::environment::Environment;

/// One thing that may come next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What is put on the command line.
    pub value: String,
    /// What it is, on one line; may be empty.
    pub help: String,
}

/// Returns what may come next, in place of the word with this number.
pub fn candidates(words: &[OsString], at: usize, environment: &Environment) -> Vec<Candidate> {
    let typed: Vec<OsString> = words.iter().take(at).cloned().collect();
    let mut program = live::completed(Cli::command(), &typed, environment);
    let found = complete(&mut program, words.to_vec(), at, Some(&environment.folder));
    found
        .unwrap_or_default()
        .iter()
        .filter_map(candidate)
        .collect()
}

/// Returns a candidate that can be put on a command line as it is.
fn candidate(found: &CompletionCandidate) -> Option<Candidate> {
    let value = found.get_value().to_str()?;
    let help = found.get_help().map(ToString::to_string);
    let help = help.unwrap_or_default();
    let line = help.lines().next().unwrap_or_default();
    is_harmless(value).then(|| Candidate {
        value: value.to_owned(),
        help: line.chars().filter(|c| !c.is_control()).collect(),
    })
}

/// Tells whether no shell reads anything but itself into a word.
///
/// Bash and PowerShell put a candidate on the command line as it is. Names in sli.yaml, and names of files, come from
/// whoever opened the pull request, so those that would have to be quoted are not offered.
fn is_harmless(value: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:=+%,@~^".contains(c);
    !value.is_empty() && value.chars().all(is_plain) && !value.starts_with(['~', '@', '='])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(line: &str) -> Vec<String> {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let found = candidates(&words, words.len() - 1, &Environment::default());
        found.into_iter().map(|candidate| candidate.value).collect()
    }

    #[test]
    fn commands_flags_and_values_are_offered() {
        assert_eq!(offered("tidegate eval"), ["evaluate"]);
        assert_eq!(offered("tidegate evaluate --fail"), ["--fail-on"]);
        assert_eq!(offered("tidegate evaluate --fail-on w"), ["warning"]);
        assert_eq!(offered("tidegate evaluate -o ju"), ["junit"]);
        assert_eq!(offered("tidegate evaluate --report ht"), ["html="]);
        assert_eq!(offered("tidegate evaluate --report=ht"), ["--report=html="]);
        assert_eq!(offered("tidegate show latest~1"), ["latest~1"]);
    }

    #[test]
    fn every_command_can_be_completed() {
        let shown = offered("tidegate ");
        for command in Cli::command().get_subcommands() {
            let name = command.get_name();
            assert_eq!(
                shown.iter().any(|value| value == name),
                !command.is_hide_set(),
                "{name}"
            );
            assert!(offered(&format!("tidegate {name} --he")).contains(&"--help".to_owned()));
        }
    }

    #[test]
    fn a_value_that_a_shell_would_read_is_not_offered() {
        for harmless in ["error_rate", "a-b.c:d=e+f/g%h", "fehler_größe", "latest~1"] {
            assert!(is_harmless(harmless), "{harmless}");
        }
        for harmful in [
            "",
            "$(id)",
            "`id`",
            "a;b",
            "a b",
            "a\nb",
            "a\u{b}b",
            "a'b",
            "a\"b",
            "a|b",
            "a&b",
            "a>b",
            "*",
            "a?",
            "[a]",
            "{a,b}",
            "!a",
            "#a",
            "~a",
            "@a",
            "=a",
            "a\\b",
            "a\u{202e}b",
            "a\u{7f}",
        ] {
            assert!(!is_harmless(harmful), "{harmful:?}");
        }
    }
}
