//! Reads as much of the history as a baseline needs.

use std::collections::BTreeMap;

use futures_util::future::try_join;

use crate::eventlog::{Cursor, EventLog, Filter, Kinds, Page, ReadError};
use crate::gate::event::{CloudEvent, EventType};
use crate::gate::{Baseline, Comparison, Pin, Reference, Selection, Series, Steering};

/// How many events more than needed are read at once, once it is clear that some don't count: skipped and errored
/// evaluations take no place in a baseline. The first read takes no more than needed: decoding is what costs time.
const SPARE: usize = 4;

/// How many events are read at once where it is not known how many are needed.
pub(super) const PAGE: usize = 500;

/// What a user wants an evaluation to be compared with.
#[derive(Clone, Debug, Default)]
pub enum Wanted {
    /// What is pinned; else what the SLO says, as in Keptn.
    #[default]
    AsStored,
    /// What the SLO says, of those that carry these labels, whatever is pinned; none stands for all.
    Labelled(BTreeMap<String, String>),
    /// The evaluation that was read already.
    Evaluation(Box<CloudEvent>),
    /// Those of a file, read already.
    File {
        /// Where it is, as the user named it.
        path: String,
        /// The baseline.
        baseline: Box<Baseline>,
    },
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
    /// What is pinned can't be compared with.
    #[error("the pinned evaluation `{evaluation}` can't be compared with: {reason}")]
    Pinned {
        /// The id of its `.finished` event.
        evaluation: String,
        /// Why.
        reason: String,
    },
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
        Wanted::Evaluation(event) => {
            history.baseline = Baseline::default().by(Reference::Evaluation(event.id.clone()));
            history.baseline.take(event);
            return Ok(history);
        }
        Wanted::File { path, baseline } => {
            history.baseline = Baseline::clone(baseline).by(Reference::File(path.clone()));
            return Ok(history);
        }
    }
    let filter = newest(series, comparison);
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
        Wanted::AsStored | Wanted::Evaluation(_) | Wanted::File { .. } => {
            if let Some(pin) = steering.pin() {
                return pinned(log, &steering, pin, history).await;
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
    let mut filter = Filter {
        project: Some(series.project.as_str().to_owned()),
        kinds: Kinds::Steering,
        ..Filter::default()
    };
    let mut events = Vec::new();
    let mut warnings = Vec::new();
    loop {
        let page = log.events(&filter, PAGE).await?;
        let is_last = page.events.len() < PAGE;
        filter.before = page.events.last().map(Cursor::of);
        events.extend(page.events);
        warnings.extend(page.warnings);
        if is_last {
            return Ok((Steering::of(series, &events), warnings));
        }
    }
}

/// Lets through the evaluations of a series whose results count.
fn newest(series: &Series, comparison: &Comparison) -> Filter {
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
    steering: &Steering,
    pin: Pin,
    mut history: History,
) -> Result<History, HistoryError> {
    let Pin { evaluation, reason } = pin;
    let filter = Filter {
        id: Some(evaluation.clone()),
        kinds: Kinds::only(EventType::FINISHED),
        ..Filter::default()
    };
    let page = log.events(&filter, 1).await?;
    history.warn(page.warnings);
    let refuse = |reason: String| HistoryError::Pinned {
        evaluation: evaluation.clone(),
        reason,
    };
    let Some(event) = page.events.first() else {
        return Err(refuse("it is not in the event log".to_owned()));
    };
    if let Some(why) = steering.invalidated(event) {
        let gap = if why.is_empty() { "" } else { ": " };
        return Err(refuse(format!("it was invalidated{gap}{why}")));
    }
    history.baseline = Baseline::default().by(Reference::Pinned {
        evaluation: evaluation.clone(),
        reason,
    });
    history.baseline.take(event);
    match history.baseline.left_out().first() {
        Some(left) => Err(refuse(left.reason.clone())),
        None => Ok(history),
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
    /// Adds warnings, each once.
    fn warn(&mut self, warnings: Vec<String>) {
        for warning in warnings {
            if !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
    }
}
