//! Which events to read.

use jiff::Timestamp;

use super::envelope::Envelope;
use super::page::Cursor;
use crate::gate::{Series, Verdict};

/// Which events to read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Only events of this series.
    pub series: Option<Series>,
    /// Only events of this type.
    pub event_type: Option<String>,
    /// Only events of this Keptn context.
    pub context: Option<String>,
    /// Only events whose `data.result` is one of these; empty: any, or none at all.
    pub results: Vec<Verdict>,
    /// Only events at or after this instant; those without a time are left out.
    pub since: Option<Timestamp>,
    /// Only events before this place in the order: the last event of the page before.
    pub before: Option<Cursor>,
    /// What becomes of invalidated evaluations.
    pub invalidated: Invalidated,
}

/// What becomes of invalidated evaluations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Invalidated {
    /// They are left out, and use up no place of the limit.
    #[default]
    Hidden,
    /// They are returned like any other.
    #[cfg_attr(
        not(test),
        expect(
            dead_code,
            reason = "for reading the log itself, which no command does yet"
        )
    )]
    Shown,
}

impl Filter {
    /// Tells whether the event passes every condition but `invalidated`, which no event can answer for itself.
    pub(super) fn admits(&self, event: &Envelope) -> bool {
        let Self {
            series,
            event_type,
            context,
            results,
            since,
            before,
            invalidated: _,
        } = self;
        series.as_ref().is_none_or(|s| event.series.is(s))
            && event_type.as_ref().is_none_or(|t| *t == event.event_type)
            && context
                .as_ref()
                .is_none_or(|c| event.context.as_ref() == Some(c))
            && (results.is_empty() || event.result.is_some_and(|r| results.contains(&r)))
            && since.is_none_or(|s| event.time.is_some_and(|t| t >= s))
            && before
                .as_ref()
                .is_none_or(|b| event.order() < (b.time, &b.id))
    }
}
