//! The script that makes a shell ask.

use std::io;

use clap_complete::env::{Bash, Elvish, EnvCompleter, Fish, Powershell, Zsh};

use super::request::VARIABLE;
use crate::cli::args::Shell;

/// The program.
const PROGRAM: &str = "tidegate";

/// Zsh runs a file of `$fpath` as the function itself at the first completion, which otherwise would only define it.
const ZSH_FIRST_CALL: &str = "
if [[ \"${funcstack[1]-}\" == _tidegate ]]; then
    _clap_dynamic_completer_tidegate \"$@\"
fi
";

/// For Nushell 0.108 or newer, which completes whole commands.
const NUSHELL: &str = "\
def \"nu-complete tidegate\" [spans: list<string>] {
    try {
        with-env { TIDEGATE_COMPLETE: nushell } { ^tidegate -- ...$spans | from json }
    } catch {
        null
    }
}

@complete \"nu-complete tidegate\"
export extern \"tidegate\" []
";

/// Returns the script for a shell.
pub fn script(shell: Shell) -> io::Result<String> {
    match shell {
        Shell::Bash => registration(&Bash),
        Shell::Zsh => Ok(registration(&Zsh)? + ZSH_FIRST_CALL),
        Shell::Fish => registration(&Fish),
        Shell::Powershell => registration(&Powershell),
        Shell::Elvish => registration(&Elvish),
        Shell::Nushell => Ok(NUSHELL.to_owned()),
    }
}

/// Returns what clap generates.
fn registration(shell: &dyn EnvCompleter) -> io::Result<String> {
    let mut script = Vec::new();
    shell.write_registration(VARIABLE, PROGRAM, PROGRAM, PROGRAM, &mut script)?;
    let script = String::from_utf8_lossy(&script);
    Ok(format!("{}\n", script.trim()))
}
