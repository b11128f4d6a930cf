//! `tidegate inspect`.

use std::path::PathBuf;

use clap::Args;

use super::DataFormat;

/// List what a file with results has, for SLIs to ask for
///
/// Of a load test, a unit test, coverage, or a benchmark. Each name can stand in sli.yaml as `metric`, or be that of an
/// SLI of its own; what stands under a name of a request is asked for with `select`.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  tidegate inspect k6-summary.json\n  tidegate evaluate --results k6-summary.json"
)]
pub struct InspectArgs {
    /// The file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// The format, where it can't be told by the content
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,

    /// How to show it: table, json or yaml [default: table]
    #[arg(long, short, value_name = "FORMAT", hide_possible_values = true)]
    pub output: Option<DataFormat>,
}
