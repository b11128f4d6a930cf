//! A whole evaluation, as it is reported and stored: the outcome together with all it was made of.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::evaluation::Evaluation;
use super::name::Series;
use super::reading::Reading;
use super::slo::Slo;
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
    /// The window; `None` where another program stored the evaluation and its event does not tell.
    pub window: Option<TimeWindow>,
    /// The SLO file.
    pub slo_file: SloFile,
    /// What it came to.
    pub evaluation: Evaluation,
    /// Every reading behind it, in the order in which it was asked for.
    pub readings: Vec<Reading>,
    /// What the user should know: of files, of the log, of providers.
    pub warnings: Vec<String>,
}

impl Record {
    /// Takes over from the SLO what a stored evaluation of another program does not tell: the scores that were needed,
    /// the rules of the comparison, and the points that each objective could earn. What is known already stays.
    pub fn learn_from(&mut self, slo: &Slo) {
        let evaluation = &mut self.evaluation;
        evaluation.total_score.get_or_insert(slo.total_score);
        evaluation.comparison.get_or_insert(slo.comparison);
        let Some(results) = &mut evaluation.objectives else {
            return;
        };
        for result in results.iter_mut().filter(|result| result.maximum.is_none()) {
            let mut objectives = slo.objectives().iter();
            let objective = objectives.find(|objective| objective.indicator == result.indicator);
            result.maximum = objective.map(|objective| objective.weight.points());
        }
        if evaluation.maximum.is_none() {
            let mut points = results.iter().map(|result| result.maximum);
            evaluation.maximum = points.try_fold(0.0, |sum, maximum| Some(sum + maximum?));
        }
    }
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
    /// Where it was read from, as the user named it; empty where a stored evaluation of another program does not tell.
    pub path: String,
    /// What stood in it, to the letter; empty where there was none, or it was not stored.
    pub content: String,
}
