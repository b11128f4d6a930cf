//! The clock and the ids: read once per evaluation, here and nowhere else.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the clock"
)]

use jiff::Timestamp;
use uuid::Uuid;

use crate::app::Beginning;
use crate::gate::RecordIds;

/// Returns the present moment, to the millisecond, which is as fine as Keptn's windows are.
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

/// Returns the present moment, as fine as it is known.
pub fn instant() -> Timestamp {
    Timestamp::now()
}

/// Returns the present moment as the beginning of a run.
pub fn beginning() -> Beginning {
    Beginning {
        time: now(),
        instant: tokio::time::Instant::now(),
    }
}

/// Returns a number that differs from process to process.
pub fn seed() -> u64 {
    let (_, low) = Uuid::now_v7().as_u64_pair();
    low
}

/// Returns a fresh id. Ids sort by the time they were made.
pub fn id() -> String {
    Uuid::now_v7().to_string()
}

/// Returns fresh ids for the events of one evaluation.
pub fn ids() -> RecordIds {
    RecordIds {
        context: id(),
        triggered: id(),
        finished: id(),
    }
}

/// Returns a fresh Keptn context: Keptn knows them as random UUIDs.
pub fn context() -> String {
    Uuid::new_v4().to_string()
}
