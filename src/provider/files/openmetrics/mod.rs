//! Metrics as text, as `/metrics` serves them: the Prometheus text format and OpenMetrics.
//!
//! An [`Exposition`] is one snapshot. A [`MetricsQuery`] selects series of it by their labels and makes one number of
//! them; with an earlier snapshot beside it, counters are compared and the number is that of the time between.

mod exposition;
mod histogram;
mod increase;
mod labels;
mod query;
mod sample;
mod selector;

pub use exposition::Exposition;
pub use query::{MetricsQuery, MetricsSpec};
pub use selector::SelectorError;
