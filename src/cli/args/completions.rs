//! `tidegate completions` and `tidegate man`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Print the completions for a shell
///
/// They are in the packages, too. The shell asks the program for each word: names of SLIs and providers come from the
/// files of the working folder, or from those that are named on the line. Nushell must be 0.108 or newer.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct CompletionsArgs {
    /// The shell: bash, zsh, fish, powershell, elvish or nushell
    #[arg(value_name = "SHELL", hide_possible_values = true)]
    pub shell: Shell,
}

/// Shown below the help.
const EXAMPLES: &str = "Examples:
  source <(tidegate completions bash)
  tidegate completions zsh > ~/.zfunc/_tidegate
  tidegate completions fish > ~/.config/fish/completions/tidegate.fish
  tidegate completions powershell | Out-String | Invoke-Expression
  eval (tidegate completions elvish | slurp)
  tidegate completions nushell | save ($nu.data-dir | path join vendor autoload tidegate.nu)";

/// A shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// Bash.
    Bash,
    /// Zsh.
    Zsh,
    /// Fish.
    Fish,
    /// PowerShell.
    Powershell,
    /// Elvish.
    Elvish,
    /// Nushell.
    Nushell,
}

/// Write the manual pages into a folder
#[derive(Args, Debug)]
pub struct ManArgs {
    /// The folder; it is created
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
}
