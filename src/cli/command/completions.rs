//! `tidegate completions` and `tidegate man`.

use super::World;
use crate::cli::args::{CompletionsArgs, ManArgs};
use crate::cli::exit::Exit;

/// Prints the completions for a shell.
pub fn completions(_args: &CompletionsArgs) -> Exit {
    Exit::Bug
}

/// Writes the manual pages.
pub fn man(_args: &ManArgs, _world: &World<'_>) -> Exit {
    Exit::Bug
}
