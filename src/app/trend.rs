//! The evaluations before one, as reports draw them.

use super::history::{HistoryError, steering};
use crate::eventlog::{Cursor, EventLog, Filter, Kinds};
use crate::gate::event::{CloudEvent, EventType, trend_point};
use crate::gate::{Record, Trend};

/// How many earlier evaluations a report shows.
pub const MOST_POINTS: usize = 50;

/// Reads the evaluations before one in its series, newest first; those that can't be read are passed over.
pub async fn trend(log: &dyn EventLog, record: &Record) -> Result<Trend, HistoryError> {
    let own = CloudEvent {
        id: record.ids.finished.clone(),
        time: Some(record.time),
        ..CloudEvent::default()
    };
    let filter = Filter {
        kinds: Kinds::only(EventType::FINISHED),
        before: Some(Cursor::of(&own)),
        ..Filter::of_series(&record.series)
    };
    let page = log.events(&filter, MOST_POINTS).await?;
    if page.events.is_empty() {
        return Ok(Trend::default());
    }
    let (steering, _) = steering(log, &record.series).await?;
    let points = page.events.iter().filter_map(|event| {
        let mut point = trend_point(event)?;
        point.invalidated = steering.invalidated(event).map(str::to_owned);
        Some(point)
    });
    Ok(Trend {
        points: points.collect(),
    })
}
