//! The completions: the files that are shipped, and what real shells make of them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::harness::Gate;

/// Set where a missing shell must fail the tests and not skip them.
const REQUIRE: &str = "TIDEGATE_REQUIRE_SERVERS";

/// The shells, and the files that are shipped for them.
const FILES: [(&str, &str); 6] = [
    ("bash", "tidegate.bash"),
    ("zsh", "_tidegate"),
    ("fish", "tidegate.fish"),
    ("powershell", "_tidegate.ps1"),
    ("elvish", "tidegate.elv"),
    ("nushell", "tidegate.nu"),
];

/// SLIs, some with names that a shell would run.
const SLI: &str = r#"indicators:
  error_rate: up
  error_budget: up
  "error$(touch pwned)": up
  "error`touch pwned`": up
  "error;touch pwned": up
"#;

/// Returns the folder with the files that are shipped.
fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("completions")
}

/// Returns a folder to complete in.
fn folder() -> Gate {
    Gate::new()
        .file("sli.yaml", SLI)
        .file(
            "tidegate.yaml",
            "providers: {prom: {type: prometheus, url: 'http://127.0.0.1:1'}}\n",
        )
        .file("slo.yaml", "objectives: [}")
        .file("zfile$(touch pwned)", "")
}

/// Asks a shell for what may stand at the end of a line. `None` where it is not installed.
fn ask(program: &str, args: &[&str], gate: &Gate) -> Option<String> {
    let own = Path::new(env!("CARGO_BIN_EXE_tidegate")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let answer = Command::new(program)
        .args(args)
        .current_dir(gate.path("."))
        .env("PATH", format!("{}:{path}", own.display()))
        .env("HOME", gate.path("."))
        .env("TERM", "dumb")
        .output();
    let Ok(Output {
        status,
        stdout,
        stderr,
    }) = answer
    else {
        assert!(
            std::env::var_os(REQUIRE).is_none(),
            "{program} is not installed"
        );
        eprintln!("SKIPPED: {program} is not installed");
        return None;
    };
    let text = String::from_utf8(stdout).unwrap();
    assert!(status.success(), "{program}: {status}\n{text}");
    assert_eq!(String::from_utf8_lossy(&stderr), "", "{program} complains");
    assert!(!gate.path("pwned").exists(), "{program} ran a name");
    Some(text)
}

/// Checks that the names of SLIs that are harmless are offered, and no other.
fn offers_indicators(program: &str, text: &str) {
    let mut names: Vec<&str> = text
        .split_whitespace()
        .filter(|word| word.contains("error"))
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["error_budget", "error_rate"], "{program}: {text}");
}

#[test]
fn the_files_that_are_shipped_are_what_the_program_prints() {
    for (shell, file) in FILES {
        let printed = Gate::new().args(["completions", shell]).run().code(0);
        let kept = std::fs::read_to_string(shipped().join(file)).unwrap();
        assert_eq!(
            printed.raw_stdout(),
            kept,
            "tidegate completions {shell} > completions/{file}"
        );
    }
}

#[test]
fn the_variable_alone_changes_nothing() {
    for shell in ["bash", "zsh", "fish", "nushell"] {
        Gate::of_value(900.0)
            .env("TIDEGATE_COMPLETE", shell)
            .run()
            .code(1);
        Gate::new().env("TIDEGATE_COMPLETE", shell).run().code(64);
    }
}

#[test]
fn broken_files_and_words_that_make_no_sense_are_met_with_silence() {
    for words in [
        vec!["tidegate", "query", ""],
        vec!["tidegate", "query", "--sli", "-", ""],
        vec!["tidegate", "query", "--slo", "-", ""],
        vec![
            "tidegate",
            "evaluate",
            "--config",
            "none.yaml",
            "--provider",
            "",
        ],
        vec!["tidegate", "nonsense", "--what", ""],
        vec!["tidegate"],
        vec![],
    ] {
        let gate = folder()
            .file("sli.yaml", "indicators: [")
            .file("tidegate.yaml", "a: {")
            .env("TIDEGATE_COMPLETE", "fish")
            .args(["--"])
            .args(&words);
        let answer = gate.run().code(0);
        assert_eq!(answer.raw_stderr(), "", "{words:?}");
        assert!(!gate.path(".tidegate").exists(), "{words:?}");
    }
}

#[test]
fn bash_completes_commands_providers_reports_and_indicators() {
    let script = format!(
        r#"source {}/tidegate.bash
        ask() {{ COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_TYPE=9; _clap_complete_tidegate tidegate "${{@: -1}}" ""
            printf '%s ' "${{COMPREPLY[@]}}"; echo; }}
        ask tidegate eval; ask tidegate evaluate --provider p; ask tidegate evaluate --report jun
        ask tidegate evaluate z; ask tidegate query err"#,
        shipped().display()
    );
    let Some(text) = ask("bash", &["--norc", "--noprofile", "-c", &script], &folder()) else {
        return;
    };
    let (first, indicators) = text.trim_end().rsplit_once('\n').unwrap();
    let lines: Vec<&str> = first.lines().map(str::trim).collect();
    assert_eq!(lines, ["evaluate", "prom", "junit=", ""]);
    offers_indicators("bash", indicators);
}

#[test]
fn zsh_completes_at_the_first_key_from_the_shipped_folder() {
    let script = format!(
        r#"zmodload zsh/zpty
        zpty shell zsh -f -i
        zpty -w shell 'stty -echo; PS1=; fpath=({} $fpath); autoload -Uz compinit; compinit -u -D; LISTMAX=1000; echo "up"-and-ready'
        while zpty -r shell line; do [[ "$line" == *up-and-ready* ]] && break; done
        zpty -w -n shell $'bindkey "^X" list-choices\n: tidegate; tidegate query error_\x18\t\t\t\n'
        zpty -w shell 'echo "all"-is-said'
        while zpty -r shell line; do print -r -- "$line"; [[ "$line" == *all-is-said* ]] && break; done
        zpty -d shell"#,
        shipped().display()
    );
    let gate = folder();
    let Some(text) = ask("zsh", &["-f", "-c", &script], &gate) else {
        return;
    };
    for name in ["error_budget", "error_rate"] {
        assert!(text.contains(name), "{name} in {text}");
    }
    assert!(!text.contains("touch"), "{text}");
}

#[test]
fn fish_completes_with_what_each_thing_is() {
    let file = shipped().join("tidegate.fish");
    let script = format!(
        "source {}; complete -C 'tidegate evalu'; complete -C 'tidegate evaluate --provider p'; complete -C 'tidegate query err'",
        file.display()
    );
    let Some(text) = ask("fish", &["--no-config", "-c", &script], &folder()) else {
        return;
    };
    assert!(
        text.starts_with("evaluate\tEvaluate the SLOs of one or more folders\nprom\n"),
        "{text}"
    );
    offers_indicators("fish", &text);
}

#[test]
fn elvish_runs_the_completer() {
    let script = std::fs::read_to_string(shipped().join("tidegate.elv")).unwrap();
    // Only a terminal has the editor that it is registered with.
    let script = script.replace(
        "set edit:completion:arg-completer[tidegate] =",
        "var complete =",
    );
    let script = format!("{script}\n$complete tidegate query err\n");
    if let Some(text) = ask("elvish", &["-norc", "-c", &script], &folder()) {
        offers_indicators("elvish", &text.replace(['▶', '\''], " "));
    }
}

#[test]
fn nushell_completes_a_whole_command() {
    let gate = folder();
    let script = std::fs::read_to_string(shipped().join("tidegate.nu")).unwrap();
    let script = format!("{script}tidegate query err");
    std::fs::write(gate.path("line.nu"), &script).unwrap();
    let position = script.len().to_string();
    let args = ["--no-config-file", "--ide-complete", &position, "line.nu"];
    if let Some(text) = ask("nu", &args, &gate) {
        let names = text.replace(['[', ']', '{', '}', '"', ',', ':'], " ");
        offers_indicators("nushell", &names);
    }
}
