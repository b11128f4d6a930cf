//! `tidegate mark`: remembers instants.

use super::World;
use crate::cli::args::MarkCommand;
use crate::cli::exit::Exit;

/// Remembers or shows an instant.
pub fn mark(_command: &MarkCommand, _world: &World<'_>) -> Exit {
    Exit::Bug
}
