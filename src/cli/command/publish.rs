//! The flags that say where an evaluation is told.

use crate::cli::args::PublishArgs;
use crate::config::{Layer, Setting};

/// Takes over the flags.
pub fn set(flags: &mut Layer, args: &PublishArgs) {
    let PublishArgs {
        report,
        artifact,
        ci,
        notify,
    } = args;
    let list = |typed: &[String]| (!typed.is_empty()).then(|| typed.join(","));
    flags.set_from_flag(Setting::Report, list(report));
    flags.set_from_flag(Setting::Artifact, list(artifact));
    flags.set_from_flag(Setting::Ci, ci.clone());
    flags.set_from_flag(Setting::Notify, list(notify));
}
