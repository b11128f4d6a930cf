//! `tidegate ci show`: which CI system this is.

use super::World;
use crate::cli::args::CiShowArgs;
use crate::cli::exit::Exit;

/// Shows which CI system this is.
pub fn ci_show(_args: &CiShowArgs, _world: &World<'_>) -> Exit {
    Exit::Bug
}
