//! Which events to read.

use jiff::Timestamp;

use super::envelope::{Envelope, SeriesKey};
use super::page::Cursor;
use crate::gate::event::EventType;
use crate::gate::{Series, Verdict};

/// Which events to read: those that meet every condition.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Only the event with this id.
    pub id: Option<String>,
    /// Only events of this project; so for stage and service. An event without one has "".
    pub project: Option<String>,
    /// Only events of this stage.
    pub stage: Option<String>,
    /// Only events of this service.
    pub service: Option<String>,
    /// Only events of these types.
    pub kinds: Kinds,
    /// Only events of this Keptn context.
    pub context: Option<String>,
    /// Only events whose `data.result` is one of these; empty: any, or none at all.
    pub results: Vec<Verdict>,
    /// Only events at or after this instant; those without a time are left out.
    pub since: Option<Timestamp>,
    /// Only events before this instant, and those without a time.
    pub until: Option<Timestamp>,
    /// Only events before this place in the order: the last event of the page before.
    pub before: Option<Cursor>,
}

/// Types of events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Kinds {
    /// All.
    #[default]
    Any,
    /// These; none stands for none.
    Types(Vec<String>),
    /// Those that say something about stored evaluations ([`EventType::is_steering`]).
    Steering,
}

impl Kinds {
    /// Takes one type.
    #[must_use]
    pub fn only(event_type: &str) -> Self {
        Self::Types(vec![event_type.to_owned()])
    }

    /// Tells whether events of a type are among them.
    pub(super) fn admits(&self, event_type: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Types(types) => types.iter().any(|one| one == event_type),
            Self::Steering => EventType::is_steering(event_type),
        }
    }

    /// Tells whether only steering events are among them.
    pub(super) fn are_steering(&self) -> bool {
        match self {
            Self::Any => false,
            Self::Types(types) => types.iter().all(|one| EventType::is_steering(one)),
            Self::Steering => true,
        }
    }
}

impl Filter {
    /// Lets through the events of a series.
    #[must_use]
    pub fn of_series(series: &Series) -> Self {
        Self {
            project: Some(series.project.as_str().to_owned()),
            stage: Some(series.stage.as_str().to_owned()),
            service: Some(series.service.as_str().to_owned()),
            ..Self::default()
        }
    }

    /// Returns the verdicts of which it takes evaluations; `None` where it takes others, too.
    pub(super) fn verdicts(&self) -> Option<&[Verdict]> {
        let is_verdicts =
            !self.results.is_empty() && self.kinds == Kinds::only(EventType::FINISHED);
        is_verdicts.then_some(&self.results)
    }

    /// Tells whether events of a series may meet every condition.
    pub(super) fn admits_series(&self, series: &SeriesKey) -> bool {
        let is = |wanted: &Option<String>, found: &String| {
            wanted.as_ref().is_none_or(|wanted| wanted == found)
        };
        is(&self.project, &series.project)
            && is(&self.stage, &series.stage)
            && is(&self.service, &series.service)
    }

    /// Tells whether the event meets every condition.
    pub(super) fn admits(&self, event: &Envelope) -> bool {
        let Self {
            id,
            project: _,
            stage: _,
            service: _,
            kinds,
            context,
            results,
            since,
            until,
            before,
        } = self;
        id.as_ref().is_none_or(|id| *id == event.id)
            && self.admits_series(&event.series)
            && kinds.admits(&event.event_type)
            && context
                .as_ref()
                .is_none_or(|c| event.context.as_ref() == Some(c))
            && (results.is_empty() || event.result.is_some_and(|r| results.contains(&r)))
            && since.is_none_or(|s| event.time.is_some_and(|t| t >= s))
            && until.is_none_or(|u| event.time.is_none_or(|t| t < u))
            && before
                .as_ref()
                .is_none_or(|b| event.order() < (b.time, &b.id))
    }
}
