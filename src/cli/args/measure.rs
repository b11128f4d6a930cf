//! What `evaluate` and `query` both take: which files, what is measured, when, and how patiently.

#![expect(
    clippy::doc_markdown,
    reason = "the doc comments are help texts, read in a terminal"
)]

use std::path::PathBuf;

use clap::Args;

// No doc comment here: clap would take it for the help of the command that this is part of.
#[derive(Args, Debug, Default)]
pub struct MeasureArgs {
    /// Read the objectives from this file, `-` for stdin
    #[arg(long, value_name = "FILE", help_heading = "Files")]
    pub slo: Option<PathBuf>,

    /// Read the queries from this file
    ///
    /// Without it: sli.yaml beside the SLO, else PROVIDER/sli.yaml of the project, the stage and the service, as in
    /// Keptn.
    #[arg(long, value_name = "FILE", help_heading = "Files")]
    pub sli: Option<PathBuf>,

    /// Read the configuration from this file [env: TIDEGATE_CONFIG]
    ///
    /// Without it: the tidegate.yaml that is found first from the SLO's folder upwards.
    #[arg(long, value_name = "FILE", help_heading = "Files")]
    pub config: Option<PathBuf>,

    /// Take SLIs that no file defines from this file with results, such as k6-summary.json
    ///
    /// Of a load test, a unit test, coverage, or a benchmark; the format is told by the content. SLIs have canonical
    /// names, such as error_rate and response_time_p95; `tidegate inspect FILE` lists what a file has. A pattern may
    /// stand for the file.
    #[arg(long, value_name = "FILE", help_heading = "Files")]
    pub results: Option<String>,

    /// The project [env: TIDEGATE_PROJECT] [default: the folder of tidegate.yaml or .git]
    #[arg(long, value_name = "NAME", help_heading = "What is evaluated")]
    pub project: Option<String>,

    /// The stage [env: TIDEGATE_STAGE] [default: default]
    #[arg(long, value_name = "NAME", help_heading = "What is evaluated")]
    pub stage: Option<String>,

    /// The service [env: TIDEGATE_SERVICE] [default: the SLO's folder]
    #[arg(long, value_name = "NAME", help_heading = "What is evaluated")]
    pub service: Option<String>,

    /// The deployment, for $DEPLOYMENT in queries [env: TIDEGATE_DEPLOYMENT] [default: primary]
    #[arg(long, value_name = "NAME", help_heading = "What is evaluated")]
    pub deployment: Option<String>,

    /// Attach a label; may be repeated
    ///
    /// Labels are stored with the evaluation, and fill $LABEL.KEY in queries.
    #[arg(
        long = "label",
        value_name = "KEY=VALUE",
        help_heading = "What is evaluated"
    )]
    pub label: Vec<String>,

    /// Attach several labels, as Keptn's CLI takes them [env: TIDEGATE_LABELS]
    #[arg(long, value_name = "K=V,K=V", help_heading = "What is evaluated")]
    pub labels: Option<String>,

    /// Attach the labels of a file, one KEY=VALUE or KEY:VALUE a line
    ///
    /// Split at the first `=` or `:`. Empty lines and lines that begin with # are left out. --labels and --label win.
    #[arg(long, value_name = "FILE", help_heading = "What is evaluated")]
    pub labels_file: Option<PathBuf>,

    /// How long the window is, such as 30m, 1h30m or 2d [env: TIDEGATE_TIMEFRAME] [default: 5m]
    ///
    /// The window ends now, or begins at --start. It is at least one minute long.
    #[arg(
        long,
        value_name = "DURATION",
        help_heading = "When",
        allow_hyphen_values = true
    )]
    pub timeframe: Option<String>,

    /// Where the window begins
    ///
    /// 2024-02-01T10:00:00Z (any offset; without one it is UTC), 660 or -11m (that long ago), 1706781600 (an epoch), now,
    /// or @NAME (what `tidegate mark start --name NAME` remembered).
    #[arg(
        long,
        value_name = "TIME",
        help_heading = "When",
        allow_hyphen_values = true
    )]
    pub start: Option<String>,

    /// Where the window ends, written like --start
    #[arg(
        long,
        value_name = "TIME",
        help_heading = "When",
        allow_hyphen_values = true
    )]
    pub end: Option<String>,

    /// Ask this provider where sli.yaml names none [env: TIDEGATE_PROVIDER]
    #[arg(long, value_name = "NAME", help_heading = "How")]
    pub provider: Option<String>,

    /// Give up after this long, with exit code 124 [env: TIDEGATE_TIMEOUT] [default: never]
    #[arg(
        long,
        value_name = "DURATION",
        help_heading = "How",
        allow_hyphen_values = true
    )]
    pub timeout: Option<String>,

    /// Don't wait for data that come late
    ///
    /// Some backends have all data of a window only minutes after its end. Without this flag they are waited for, once
    /// per run; with it, they are asked at once, and a warning says that the data may be incomplete.
    #[arg(long, help_heading = "How")]
    pub no_wait: bool,
}
