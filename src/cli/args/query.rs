//! `tidegate query`.

#![expect(
    clippy::doc_markdown,
    reason = "the doc comments are help texts, read in a terminal"
)]

use clap::{Args, ValueEnum};

use super::measure::MeasureArgs;

/// Ask for the values of SLIs, and judge nothing
///
/// Prints each value with its unit, the query as it was sent, who answered, and how long that took. Where there is no
/// value, it says why and what to try. Nothing is compared and nothing is stored; slo.yaml is not needed, but where there
/// is one, its filters count.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = LONG_EXAMPLES)]
pub struct QueryArgs {
    /// SLIs to ask for [default: all of the SLI file]
    #[arg(value_name = "SLI")]
    pub indicators: Vec<String>,

    /// Ask this query, instead of SLIs of a file
    ///
    /// Placeholders such as $SERVICE are filled; a literal $ is written $$.
    #[arg(long, value_name = "QUERY", conflicts_with_all = ["indicators", "sli"])]
    pub expr: Option<String>,

    /// What is measured, and when.
    #[command(flatten)]
    pub measure: MeasureArgs,

    /// Show what the values were over this long, such as 6h
    ///
    /// The range ends where the window ends. At each step a window as long as the usual one is asked for: with
    /// --timeframe 5m, each point is the value of five minutes.
    #[arg(
        long,
        value_name = "DURATION",
        help_heading = "When",
        allow_hyphen_values = true
    )]
    pub range: Option<String>,

    /// How far apart the points of --range are [default: so that there are 24 to 48]
    ///
    /// There are 200 points at most: each is a query of its own for each SLI.
    #[arg(
        long,
        value_name = "DURATION",
        help_heading = "When",
        requires = "range",
        allow_hyphen_values = true
    )]
    pub step: Option<String>,

    /// What stdout shows: table, json or yaml [env: TIDEGATE_OUTPUT] [default: table]
    ///
    /// json and yaml are versioned.
    #[arg(
        long,
        short,
        value_name = "FORMAT",
        help_heading = "Output",
        hide_possible_values = true
    )]
    pub output: Option<DataFormat>,
}

/// What stdout shows of commands that are no evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DataFormat {
    /// Text for people.
    Table,
    /// Our own JSON.
    Json,
    /// The same in YAML.
    Yaml,
}

/// Shown below `-h`.
const EXAMPLES: &str = "Examples:
  tidegate query
  tidegate query response_time_p95 --timeframe 30m
  tidegate query response_time_p95 --range 24h
  tidegate query --expr 'sum(rate(http_requests_total[5m]))' --provider prometheus

More with --help.";

/// Shown below `--help`.
const LONG_EXAMPLES: &str = "Examples:
  Every SLI of sli.yaml, for the last five minutes:
      tidegate query

  One of them over the last day, as a line of small bars:
      tidegate query response_time_p95 --range 24h

  A query that stands in no file yet:
      tidegate query --expr 'sum(rate(http_requests_total[5m]))' --provider prometheus

  For another program:
      tidegate query --output json | jq '.slis[] | {sli, value}'

Exit codes:
    0  everything was answered: with a value, or with the word that there are no data
   64  the command line is wrong      75  a backend asks to slow down
   65  a file or a query is           76  an answer could not be understood
       malformed                      77  not authorised
   66  a file is missing              78  tidegate.yaml or the environment is wrong
   69  a backend could not be        124  --timeout ran out
       reached                       130, 143  interrupted, terminated";
