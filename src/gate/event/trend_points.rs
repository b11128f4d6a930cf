//! An `evaluation.finished` event, read as a point of a trend.

use super::{CloudEvent, decode_record};
use crate::gate::chronicle::Ending;
use crate::gate::evaluation::Conclusion;
use crate::gate::trend::{TrendPoint, TrendValue};

/// Reads an event as an earlier evaluation of a trend; `None` where it can't be read.
#[must_use]
pub fn trend_point(event: &CloudEvent) -> Option<TrendPoint> {
    let record = decode_record(event, None).ok()?;
    let evaluation = &record.evaluation;
    let values = evaluation.objectives().iter().map(|objective| {
        let value = TrendValue {
            status: objective.status,
            value: objective.judged_value(),
        };
        (objective.indicator.as_str().to_owned(), value)
    });
    Some(TrendPoint {
        id: event.id.clone(),
        time: event.time,
        ending: Ending::of(&record),
        score: match evaluation.conclusion {
            Conclusion::Scored => Some(evaluation.score),
            Conclusion::Inconclusive(_)
            | Conclusion::RetrievalErrored
            | Conclusion::NotSucceeded(_) => None,
        },
        invalidated: None,
        values: values.collect(),
        labels: record.labels,
    })
}
