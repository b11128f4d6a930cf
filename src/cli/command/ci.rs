//! `tidegate ci init`: sets up a CI system.

use super::World;
use crate::cli::args::CiInitArgs;
use crate::cli::exit::Exit;

/// Writes the recipe for a CI system.
pub fn ci_init(_args: &CiInitArgs, _world: &World<'_>) -> Exit {
    Exit::Bug
}
