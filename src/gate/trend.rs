//! The evaluations before one, as a report draws them: how each ended, and what each indicator was.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::chronicle::Ending;
use super::verdict::Status;

/// The evaluations before one in its series, newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trend {
    /// The evaluations, newest first.
    pub points: Vec<TrendPoint>,
}

/// One earlier evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct TrendPoint {
    /// The id of its `.finished` event.
    pub id: String,
    /// When it was stored.
    pub time: Option<Timestamp>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// How it ended.
    pub ending: Ending,
    /// Its score, 0 to 100; `None` where nothing was scored.
    pub score: Option<f64>,
    /// Why it no longer counts, if it does not. The reason may be empty.
    pub invalidated: Option<String>,
    /// Each objective, by the name of its indicator.
    pub values: BTreeMap<String, TrendValue>,
}

/// What one objective of an earlier evaluation came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrendValue {
    /// The outcome.
    pub status: Status,
    /// The number that was judged; `None` where there was none.
    pub value: Option<f64>,
}
