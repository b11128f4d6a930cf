//! Reads as much of the history as a baseline needs.

use crate::eventlog::{Cursor, EventLog, Filter, ReadError};
use crate::gate::event::EventType;
use crate::gate::{Baseline, Comparison, Series};

/// How many events more than needed are read at once, once it is clear that some don't count: skipped and errored
/// evaluations take no place in a baseline. The first read takes no more than needed: decoding is what costs time.
const SPARE: usize = 4;

/// The baseline, and what the log could not read on the way.
#[derive(Debug, Default)]
pub struct History {
    /// The baseline.
    pub baseline: Baseline,
    /// What could not be read, with its place.
    pub warnings: Vec<String>,
}

/// Reads earlier evaluations, newest first, until as many count as the SLO compares with.
pub async fn baseline(
    log: &dyn EventLog,
    series: &Series,
    comparison: &Comparison,
) -> Result<History, ReadError> {
    let mut limit = comparison.depth.get();
    let mut history = History::default();
    let mut filter = Filter {
        series: Some(series.clone()),
        event_type: Some(EventType::FINISHED.to_owned()),
        results: comparison.include.verdicts(),
        ..Filter::default()
    };
    loop {
        let page = log.events(&filter, limit).await?;
        for event in &page.events {
            if !history.baseline.is_complete(comparison) {
                history.baseline.offer(comparison, event);
            }
        }
        for warning in page.warnings {
            if !history.warnings.contains(&warning) {
                history.warnings.push(warning);
            }
        }
        let last = page.events.last().map(Cursor::of);
        if history.baseline.is_complete(comparison) || page.events.len() < limit || last.is_none() {
            return Ok(history);
        }
        filter.before = last;
        let missing = comparison.depth.get() - history.baseline.compared().len();
        limit = missing + SPARE;
    }
}
