//! `tidegate evaluate`.

#![expect(
    clippy::doc_markdown,
    reason = "the doc comments are help texts, read in a terminal"
)]

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, ValueEnum};

use super::measure::MeasureArgs;
use super::publish::PublishArgs;
use crate::report::Format;

/// Evaluate the SLOs of one or more folders
///
/// Looks in each folder for slo.yaml and sli.yaml (or Keptn's PROVIDER/sli.yaml), and upwards from there for
/// tidegate.yaml. Queries every indicator, compares the values with the criteria and with earlier evaluations, stores
/// the result in the event log, prints it, and ends with the verdict's exit code.
///
/// Every setting can come from a flag, from an environment variable, or from tidegate.yaml, in this order.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = LONG_EXAMPLES)]
pub struct EvaluateArgs {
    /// Folders to evaluate [default: the working folder]
    ///
    /// Each gets a verdict of its own; the worst exit code wins.
    #[arg(value_name = "DIR", conflicts_with = "slo")]
    pub folders: Vec<PathBuf>,

    /// What is measured, and when.
    #[command(flatten)]
    pub measure: MeasureArgs,

    /// Take the values from this JSON file instead of asking a provider, `-` for stdin
    ///
    /// An array as in Keptn's indicatorValues, a whole get-sli.finished event, or {"name": number}.
    #[arg(long, value_name = "FILE", help_heading = "Files", conflicts_with_all = ["sli", "provider"])]
    pub values: Option<PathBuf>,

    /// Read and store evaluations here [env: TIDEGATE_EVENT_LOG] [default: sqlite:.tidegate/events.db]
    ///
    /// sqlite:PATH, PATH.jsonl, memory: for no history at all, or a server: postgres://, s3://, gs://, az://, nats://,
    /// or https://HOST/api of a Keptn. Credentials come from the environment or tidegate.yaml.
    #[arg(long, value_name = "URL", help_heading = "Files")]
    pub event_log: Option<String>,

    /// Compare with this instead of the newest evaluations [env: TIDEGATE_BASELINE]
    ///
    /// label:KEY=VALUE takes the newest evaluations that carry the label (may be repeated); newest takes the newest,
    /// whatever is pinned; latest~1, an id or a start takes that evaluation; FILE.json takes stored evaluations, a report
    /// of --output json, or {"name": number}. Without it: what is pinned, else the newest, as slo.yaml says.
    #[arg(long, value_name = "WHAT", help_heading = "How")]
    pub baseline: Vec<String>,

    /// Give no verdict without a baseline [env: TIDEGATE_REQUIRE_BASELINE]
    ///
    /// Where a criterion is relative to earlier evaluations, and none has a value, the evaluation is inconclusive (code 4).
    /// Without this flag such a criterion is met, as in Keptn.
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        hide_possible_values = true,
        help_heading = "How"
    )]
    pub require_baseline: Option<bool>,

    /// false: let the verdict stand without the log [env: TIDEGATE_EVENT_LOG_REQUIRED]
    ///
    /// Where the event log can't be read, criteria that are relative to earlier evaluations then count as met, and a
    /// warning says so; where it can't be written, the evaluation is not stored.
    #[arg(
        long,
        value_name = "BOOL",
        hide_possible_values = true,
        help_heading = "How"
    )]
    pub event_log_required: Option<bool>,

    /// What ends with a failing exit code: fail, warning or never [env: TIDEGATE_FAIL_ON]
    ///
    /// Unset, a warning ends with 3 and a fail with 1. `fail` turns 3 into 0, `warning` turns 3 into 1, and `never`
    /// turns both into 0. Codes from 64 on, and 4, stay as they are.
    #[arg(
        long,
        value_name = "VERDICT",
        help_heading = "How",
        hide_possible_values = true
    )]
    pub fail_on: Option<FailOn>,

    /// What a fail ends as: pass, warning or fail [env: TIDEGATE_ON_FAIL] [default: fail]
    ///
    /// The report shows the verdict as it is; only the exit code becomes that of the word.
    #[arg(
        long,
        value_name = "VERDICT",
        help_heading = "How",
        hide_possible_values = true,
        conflicts_with = "fail_on"
    )]
    pub on_fail: Option<Outcome>,

    /// What a warning ends as: pass, warning or fail [env: TIDEGATE_ON_WARNING] [default: warning]
    #[arg(
        long,
        value_name = "VERDICT",
        help_heading = "How",
        hide_possible_values = true,
        conflicts_with = "fail_on"
    )]
    pub on_warning: Option<Outcome>,

    /// How long to ask again for missing data [env: TIDEGATE_WAIT_FOR_DATA] [default: 0s]
    ///
    /// Some backends have the data of a window only after its end. SLIs that have data are not asked again; neither are
    /// files with results. What has no data when the time is over counts as such.
    #[arg(
        long,
        value_name = "DURATION",
        help_heading = "How",
        conflicts_with = "no_wait",
        allow_hyphen_values = true
    )]
    pub wait_for_data: Option<String>,

    /// Evaluate again whenever a file changes, with the values of the first time, until Ctrl-C
    ///
    /// For writing SLOs. Looks at slo.yaml, sli.yaml, tidegate.yaml and the file of --values; only queries that changed are
    /// asked again, for the window of the first time. Nothing is stored, written or sent. Ctrl-C ends it with 0.
    #[arg(long, help_heading = "How", conflicts_with_all = ["dry_run", "report", "notify"])]
    pub watch: bool,

    /// Show the window and the queries, and do nothing else
    ///
    /// Needs no network and no secret.
    #[arg(long, help_heading = "How")]
    pub dry_run: bool,

    /// What stdout shows: any FORMAT of --report [env: TIDEGATE_OUTPUT] [default: table]
    ///
    /// json and yaml are versioned. keptn-event is the CloudEvent sh.keptn.event.evaluation.finished. Of several
    /// folders, json and yaml show a list, keptn-event shows one event on each line.
    #[arg(
        long,
        short,
        value_name = "FORMAT",
        help_heading = "Output",
        hide_possible_values = true,
        value_parser = format_parser()
    )]
    pub output: Option<Format>,

    /// Where it is told.
    #[command(flatten)]
    pub publish: PublishArgs,

    /// Spell out the arithmetic of the score below the table
    #[arg(long, help_heading = "Output")]
    pub explain: bool,
}

/// Shown below `-h`.
const EXAMPLES: &str = "Examples:
  tidegate evaluate --timeframe 30m --label build=17
  tidegate evaluate carts orders --project sockshop --stage staging
  tidegate evaluate --slo slo.yaml --values values.json --explain

More with --help.";

/// Shown below `--help`.
const LONG_EXAMPLES: &str = "Examples:
  The last half hour, labelled with the build:
      tidegate evaluate --timeframe 30m --label build=17

  From when the load test began until now:
      tidegate evaluate --start 2024-02-01T10:00:00+01:00 --end now

  Two services at once; the worst verdict decides:
      tidegate evaluate carts orders --project sockshop --stage staging

  Numbers that you bring yourself, and how the score came about:
      tidegate evaluate --slo slo.yaml --values values.json --explain

  What would be asked, without asking:
      tidegate evaluate --dry-run

  For another program:
      tidegate evaluate --output json | jq .score

Exit codes:
    0  pass                           66  a file is missing
    1  fail                           69  a backend could not be reached
    3  warning                        70  a bug in tidegate
    4  inconclusive, by a policy      73, 74  a report or the log: not created, not written
   64  the command line is wrong      75  throttled or locked: try again
   65  a file or a query is           76  an answer could not be understood
       malformed                      77  not authorised
                                      78  tidegate.yaml or the environment is wrong
  124  --timeout ran out             129, 130, 143  closed, interrupted, terminated";

/// What ends with a failing exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Only a fail: a warning ends with 0.
    Fail,
    /// A warning too: it ends with 1.
    Warning,
    /// No verdict: both end with 0.
    Never,
}

/// What a verdict ends as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Outcome {
    /// With 0.
    Pass,
    /// With 3.
    Warning,
    /// With 1.
    Fail,
}

/// Reads the name of a format.
pub(super) fn format_parser() -> impl clap::builder::TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::names()).try_map(|name| name.parse::<Format>())
}
