//! How the objectives without a value were asked for: enough to ask again by hand, and what to do.

use super::advice::advice;
use super::answers::{asked, source, wording};
use super::text::{block, printable};
use crate::gate::{Outcome, Reading, Record};

/// How many are shown in full.
const SHOWN: usize = 10;

/// Says of each objective without a value how it was asked for; nothing where all have one, or nobody was asked.
pub fn unanswered(record: &Record) -> String {
    let objectives = record.evaluation.objectives().iter();
    let readings = objectives.filter_map(|objective| {
        let mut readings = record.readings.iter();
        readings.find(|reading| reading.indicator == objective.indicator)
    });
    // What a policy put in the place of a value is none.
    let readings: Vec<&Reading> = readings
        .filter(|reading| reading.provider.is_some())
        .filter(|reading| !matches!(reading.outcome, Outcome::Value(_)))
        .collect();
    let shown = readings.iter().take(SHOWN).flat_map(|reading| {
        let name = printable(reading.indicator.as_str());
        let place = match &record.window {
            Some(window) => asked(reading, window),
            None => source(reading),
        };
        let head = format!("{name} was asked of {place}");
        let hint = advice(&reading.outcome).map(|advice| format!("  hint: {advice}"));
        [head].into_iter().chain(wording(reading)).chain(hint)
    });
    let more = readings.len().saturating_sub(SHOWN);
    let more = (more > 0).then(|| format!("{more} more have no value: tidegate query shows each"));
    block(shown.chain(more))
}
