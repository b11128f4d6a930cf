//! `tidegate completions`.

use crate::cli::args::CompletionsArgs;
use crate::cli::completion::script;
use crate::cli::console::{complain, print};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;

/// Prints the completions for a shell.
pub fn completions(args: &CompletionsArgs) -> Exit {
    match script(args.shell) {
        Ok(script) => print(&script),
        Err(error) => {
            complain(&Failure::new(Exit::Bug, format!("no completions: {error}")).text());
            Exit::Bug
        }
    }
}
