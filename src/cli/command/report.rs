//! `tidegate report`: reports of a stored evaluation, or of a file.

use super::World;
use crate::cli::args::ReportArgs;
use crate::cli::exit::Exit;

/// Writes reports.
pub fn report(_args: &ReportArgs, _world: &World<'_>) -> Exit {
    Exit::Bug
}
