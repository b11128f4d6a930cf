//! A whole evaluation, as it is reported and stored: the outcome together with all it was made of.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::evaluation::Evaluation;
use super::name::Series;
use super::reading::Reading;
use super::window::TimeWindow;

/// One evaluation with everything that reports and the event log need.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The ids of its events.
    pub ids: RecordIds,
    /// When it was stored; before that, when it was made.
    pub time: Timestamp,
    /// Which program made it: `tidegate 0.1.0`.
    pub producer: String,
    /// What was evaluated.
    pub series: Series,
    /// The deployment, where one was given.
    pub deployment: Option<String>,
    /// The labels.
    pub labels: BTreeMap<String, String>,
    /// The window.
    pub window: TimeWindow,
    /// The SLO file.
    pub slo_file: SloFile,
    /// What it came to.
    pub evaluation: Evaluation,
    /// Every reading behind it, in the order in which it was asked for.
    pub readings: Vec<Reading>,
    /// What the user should know: of files, of the log, of providers.
    pub warnings: Vec<String>,
}

/// The ids of the events of one evaluation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordIds {
    /// Of `evaluation.finished`; the id of the evaluation.
    pub finished: String,
    /// Of `evaluation.triggered`.
    pub triggered: String,
    /// Of the Keptn context that both belong to.
    pub context: String,
}

/// The SLO file of an evaluation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SloFile {
    /// Where it was read from, as the user named it.
    pub path: String,
    /// What stood in it, to the letter.
    pub content: String,
}
