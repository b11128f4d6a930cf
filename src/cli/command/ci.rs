//! `tidegate ci`: sets up a CI system, or shows which one this is.

use super::World;
use crate::cli::args::{CiInitArgs, CiShowArgs};
use crate::cli::exit::Exit;

/// Writes the recipe for a CI system.
pub fn ci_init(_args: &CiInitArgs, _world: &World<'_>) -> Exit {
    Exit::Bug
}

/// Shows which CI system this is.
pub fn ci_show(_args: &CiShowArgs, _world: &World<'_>) -> Exit {
    Exit::Bug
}
