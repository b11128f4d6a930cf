//! Figures for monitoring, in the text format of Prometheus.

mod family;
mod figures;
mod journal;
mod listen;

pub use figures::{Metrics, UnderWay};
pub use journal::MeteredJournal;
pub use listen::count_events;
