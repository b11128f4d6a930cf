//! Reads as much of the history as a baseline needs.

use std::collections::BTreeMap;

use futures_util::future::try_join;

use super::find::{FindError, find_evaluation};
use super::pages::{PAGE, Pages};
use super::reference_file::ReferenceFile;
use crate::eventlog::{Cursor, EventLog, Filter, Kinds, Page, ReadError};
use crate::gate::event::{CloudEvent, EventType};
use crate::gate::{
    Baseline, Comparison, EvaluationName, Pin, Reference, Selection, Series, Steering,
    WithoutBaseline,
};

/// How many events more than needed are read at once, once it is clear that some don't count: skipped and errored
/// evaluations take no place in a baseline. The first read takes no more than needed: decoding is what costs time.
const SPARE: usize = 4;

/// What a user wants an evaluation to be compared with.
#[derive(Clone, Debug, Default)]
pub enum Wanted {
    /// What is pinned; else what the SLO says, as in Keptn.
    #[default]
    AsStored,
    /// What the SLO says, of those that carry these labels, whatever is pinned; none stands for all.
    Labelled(BTreeMap<String, String>),
    /// This evaluation, whatever its result.
    Evaluation(EvaluationName),
    /// Those of a file, read already.
    File(ReferenceFile),
}

/// How an evaluation is to be compared.
#[derive(Clone, Debug, Default)]
pub struct Comparing {
    /// What with.
    pub wanted: Wanted,
    /// What a relative criterion comes to where there is no baseline.
    pub without: WithoutBaseline,
    /// Whether there can be a verdict where the log can't be read.
    pub need: LogNeed,
}

impl Comparing {
    /// Returns the history to judge by; and what is wrong with it, where that allows no verdict. Then criteria that are
    /// relative to it are not met, so that nothing passes for lack of it.
    pub(super) fn settle(
        &self,
        history: Result<History, HistoryError>,
    ) -> (History, Option<HistoryError>) {
        match (history, self.need) {
            (Ok(history), _) => (history.lacking(self.without), None),
            (Err(HistoryError::Read(error)), LogNeed::Optional) => {
                (History::unread(&error).lacking(self.without), None)
            }
            (Err(cause), LogNeed::Required | LogNeed::Optional) => {
                let nothing = History::default().lacking(WithoutBaseline::Undecided);
                (nothing, Some(cause))
            }
        }
    }
}

/// Whether there can be a verdict where the log can't be read, and whether one counts that is not stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogNeed {
    /// There can't: a relative criterion would pass.
    #[default]
    Required,
    /// The user says so. It is said out loud.
    Optional,
}

/// The baseline, and what the log could not read on the way.
#[derive(Debug, Default)]
pub struct History {
    /// The baseline.
    pub baseline: Baseline,
    /// What could not be read, with its place.
    pub warnings: Vec<String>,
}

/// There is no baseline to be had.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The log can't be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The evaluation that was named for this call is not there.
    #[error(transparent)]
    Find(FindError),
    /// The evaluation that is pinned, or was named for this call, can't be compared with.
    #[error("the {how} evaluation `{evaluation}` can't be compared with: {reason}")]
    Unfit {
        /// What chose it.
        how: Chooser,
        /// The id of its `.finished` event.
        evaluation: String,
        /// Why.
        reason: String,
    },
}

impl HistoryError {
    /// Says why there is no verdict, in the words of a report.
    pub(super) fn in_short(&self) -> String {
        match self {
            Self::Read(_) => "the history can't be read".to_owned(),
            Self::Find(_) | Self::Unfit { .. } => self.to_string(),
        }
    }
}

/// What chose the one evaluation to compare with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Chooser {
    /// It is pinned.
    #[error("pinned")]
    Pin,
    /// It was named for this call.
    #[error("chosen")]
    Call,
}

impl From<FindError> for HistoryError {
    fn from(error: FindError) -> Self {
        match error {
            FindError::Read(error) => Self::Read(error),
            FindError::Unknown { .. } | FindError::Ambiguous { .. } => Self::Find(error),
        }
    }
}

/// Reads the earlier evaluations that count.
pub async fn baseline(
    log: &dyn EventLog,
    series: &Series,
    comparison: &Comparison,
    wanted: &Wanted,
) -> Result<History, HistoryError> {
    let mut history = History::default();
    match wanted {
        Wanted::AsStored | Wanted::Labelled(_) => {}
        Wanted::Evaluation(name) => return chosen(log, series, name, history).await,
        Wanted::File(file) => {
            history.baseline = file.baseline(*comparison);
            return Ok(history);
        }
    }
    let filter = newest(series, *comparison);
    let first = async { Ok(log.events(&filter, comparison.depth.get()).await?) };
    let ((steering, warnings), page) = try_join(steering(log, series), first).await?;
    history.warn(warnings);
    let labels = match wanted {
        Wanted::Labelled(labels) => {
            if !labels.is_empty() {
                history.baseline = Baseline::default().by(Reference::Labelled(labels.clone()));
            }
            labels
        }
        Wanted::AsStored | Wanted::Evaluation(_) | Wanted::File(_) => {
            if let Some(pin) = steering.pin() {
                return pinned(log, series, &steering, pin, history).await;
            }
            &BTreeMap::new()
        }
    };
    let selection = Selection {
        comparison,
        steering: &steering,
        labels,
    };
    collect(log, filter, page, &selection, history).await
}

/// Reads what was said about the evaluations of a project; returns what could not be read, too.
pub async fn steering(
    log: &dyn EventLog,
    series: &Series,
) -> Result<(Steering, Vec<String>), HistoryError> {
    let filter = Filter {
        project: Some(series.project.as_str().to_owned()),
        kinds: Kinds::Steering,
        ..Filter::default()
    };
    let mut pages = Pages::of(log, filter);
    let mut events = Vec::new();
    let mut warnings = Vec::new();
    while let Some(page) = pages.next().await? {
        events.extend(page.events);
        warnings.extend(page.warnings);
    }
    Ok((Steering::of(series, &events), warnings))
}

/// Lets through the evaluations of a series whose results count.
fn newest(series: &Series, comparison: Comparison) -> Filter {
    Filter {
        kinds: Kinds::only(EventType::FINISHED),
        results: comparison.include.verdicts(),
        ..Filter::of_series(series)
    }
}

/// Takes the evaluation that is pinned. If it can't be compared with there is no baseline, and no other in its place:
/// whoever pinned it relies on it.
async fn pinned(
    log: &dyn EventLog,
    series: &Series,
    steering: &Steering,
    pin: Pin,
    mut history: History,
) -> Result<History, HistoryError> {
    let Pin { evaluation, reason } = pin;
    let filter = Filter {
        id: Some(evaluation.clone()),
        kinds: Kinds::only(EventType::FINISHED),
        ..Filter::of_series(series)
    };
    let page = log.events(&filter, 1).await?;
    history.warn(page.warnings);
    let Some(event) = page.events.first() else {
        return Err(HistoryError::Unfit {
            how: Chooser::Pin,
            evaluation,
            reason: "it is not in the event log".to_owned(),
        });
    };
    let reference = Reference::Pinned { evaluation, reason };
    history.baseline = only(event, steering, Chooser::Pin)?.by(reference);
    Ok(history)
}

/// Takes the evaluation that was named for this call.
async fn chosen(
    log: &dyn EventLog,
    series: &Series,
    name: &EvaluationName,
    mut history: History,
) -> Result<History, HistoryError> {
    let (steering, warnings) = steering(log, series).await?;
    history.warn(warnings);
    let event = find_evaluation(log, series, name).await?;
    let reference = Reference::Evaluation(event.id.clone());
    history.baseline = only(&event, &steering, Chooser::Call)?.by(reference);
    Ok(history)
}

/// Takes one evaluation, if it can be compared with.
fn only(event: &CloudEvent, steering: &Steering, how: Chooser) -> Result<Baseline, HistoryError> {
    let refuse = |reason: String| HistoryError::Unfit {
        how,
        evaluation: event.id.clone(),
        reason,
    };
    if let Some(reason) = steering.refusal(event) {
        return Err(refuse(reason));
    }
    let mut baseline = Baseline::default();
    baseline.take(event);
    match baseline.left_out().first() {
        Some(left) => Err(refuse(left.reason.clone())),
        None => Ok(baseline),
    }
}

/// Reads on, newest first, until as many evaluations count as the SLO compares with.
async fn collect(
    log: &dyn EventLog,
    mut filter: Filter,
    mut page: Page,
    selection: &Selection<'_>,
    mut history: History,
) -> Result<History, HistoryError> {
    let comparison = selection.comparison;
    let mut limit = comparison.depth.get();
    loop {
        for event in &page.events {
            if !history.baseline.is_complete(comparison) {
                history.baseline.offer(selection, event);
            }
        }
        history.warn(page.warnings);
        let last = page.events.last().map(Cursor::of);
        if history.baseline.is_complete(comparison) || page.events.len() < limit || last.is_none() {
            return Ok(history);
        }
        filter.before = last;
        let missing = comparison.depth.get() - history.baseline.compared().len();
        // Where few of many count, ever more are read at once.
        limit = PAGE.min((missing + SPARE).max(limit * 2));
        page = log.events(&filter, limit).await?;
    }
}

impl History {
    /// Returns the history of a log that can't be read, where the user says that this does not matter.
    fn unread(error: &ReadError) -> Self {
        let mut causes = error.to_string();
        let mut cause = std::error::Error::source(error);
        while let Some(error) = cause {
            causes = format!("{causes}: {error}");
            cause = error.source();
        }
        let warning = format!(
            "{causes}; it is not required, so the verdict stands without it: criteria that are relative to earlier \
             evaluations count as met, as in a first evaluation"
        );
        Self {
            warnings: vec![warning],
            ..Self::default()
        }
    }

    /// Returns the history, with what the lack of a value in its baseline means.
    fn lacking(self, without: WithoutBaseline) -> Self {
        Self {
            baseline: self.baseline.with_lack(without),
            ..self
        }
    }

    /// Adds warnings, each once.
    fn warn(&mut self, warnings: Vec<String>) {
        for warning in warnings {
            if !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
    }
}
