//! `tidegate invalidate`, `tidegate pin` and `tidegate unpin`.

use std::path::PathBuf;

use clap::Args;

use super::log::{LogArgs, SeriesArgs};

/// Say that a stored evaluation no longer counts, or take that back
///
/// Later evaluations are not compared with it; their reports name it and the reason. It stays in the event log. The event
/// is Keptn's evaluation.invalidated; taking it back is an event of our own, which Keptn itself passes over.
#[derive(Args, Debug)]
#[command(after_help = INVALIDATE_EXAMPLES)]
pub struct InvalidateArgs {
    /// Which: latest, latest~2 (the second before it), an id or its beginning, or the start of the window
    #[arg(value_name = "RUN")]
    pub evaluation: String,

    /// Why, for those who wonder later
    #[arg(long, value_name = "TEXT", required_unless_present = "undo")]
    pub reason: Option<String>,

    /// Let it count again
    #[arg(long)]
    pub undo: bool,

    /// The folder of the service [default: the working folder]
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,

    /// Which series.
    #[command(flatten)]
    pub series: SeriesArgs,

    /// Which log.
    #[command(flatten)]
    pub log: LogArgs,
}

/// Compare with one stored evaluation until further notice
///
/// Every evaluation of the service is then compared with it alone, whatever its result and whatever slo.yaml says about
/// which earlier results count, until it is unpinned or another one is pinned. --baseline overrides it for one call.
#[derive(Args, Debug)]
#[command(after_help = PIN_EXAMPLES)]
pub struct PinArgs {
    /// Which: latest, latest~2 (the second before it), an id or its beginning, or the start of the window
    #[arg(value_name = "RUN")]
    pub evaluation: String,

    /// Why, for those who wonder later
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,

    /// The folder of the service [default: the working folder]
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,

    /// Which series.
    #[command(flatten)]
    pub series: SeriesArgs,

    /// Which log.
    #[command(flatten)]
    pub log: LogArgs,
}

/// Compare with the newest evaluations again, as slo.yaml says
#[derive(Args, Debug)]
pub struct UnpinArgs {
    /// Why, for those who wonder later
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,

    /// The folder of the service [default: the working folder]
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,

    /// Which series.
    #[command(flatten)]
    pub series: SeriesArgs,

    /// Which log.
    #[command(flatten)]
    pub log: LogArgs,
}

/// Shown below the help of `invalidate`.
const INVALIDATE_EXAMPLES: &str = "Examples:
  tidegate invalidate latest --reason 'wrong load profile'
  tidegate invalidate 0194f1c2 --undo";

/// Shown below the help of `pin`.
const PIN_EXAMPLES: &str = "Examples:
  tidegate pin latest --reason 'release 5.0'
  tidegate pin 2024-02-01T10:00:00Z --service carts";
