//! The baseline: which earlier evaluations an evaluation is compared with, and what their values come to
//! (lighthouse.md 6; DESIGN.md lists where we diverge).

use std::collections::HashMap;

use jiff::Timestamp;

use super::comparison::{AggregateFunction, Comparison};
use super::event::{CloudEvent, PastError, decode_past};
use super::slo::Slo;
use super::verdict::Verdict;

/// An earlier evaluation, as far as a comparison needs it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PastEvaluation {
    /// The id of its `.finished` event.
    pub id: String,
    /// When it was stored.
    pub time: Option<Timestamp>,
    /// Its result.
    pub result: Option<Verdict>,
    /// Its values, in the order of its objectives.
    pub values: Vec<PastValue>,
}

/// One value of an earlier evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct PastValue {
    /// The indicator.
    pub metric: String,
    /// The value.
    pub value: f64,
    /// Whether the value could be fetched. Those that could not are no baseline.
    pub success: bool,
}

/// An earlier evaluation that was found, and not compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The id of its `.finished` event.
    pub id: String,
    /// Why.
    pub reason: PastError,
}

/// The earlier evaluations that count. It may be empty: "no baseline" is not 0.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Baseline {
    /// The evaluations, newest first.
    compared: Vec<PastEvaluation>,
    /// What was passed over on the way.
    left_out: Vec<LeftOut>,
}

impl Baseline {
    /// Takes evaluations that are known to count, newest first.
    #[must_use]
    pub fn new(compared: Vec<PastEvaluation>) -> Self {
        Self {
            compared,
            left_out: Vec::new(),
        }
    }

    /// Takes the newest events that count, out of all of them.
    #[must_use]
    pub fn from_events<'a>(
        comparison: &Comparison,
        newest_first: impl IntoIterator<Item = &'a CloudEvent>,
    ) -> Self {
        let mut baseline = Self::default();
        for event in newest_first {
            if baseline.is_complete(comparison) {
                break;
            }
            baseline.offer(comparison, event);
        }
        baseline
    }

    /// Tells whether as many evaluations are found as the SLO asks for.
    #[must_use]
    pub fn is_complete(&self, comparison: &Comparison) -> bool {
        self.compared.len() >= comparison.depth.get()
    }

    /// Takes the next older event, if it counts: it was evaluated, can be read, and had a result that is included.
    pub fn offer(&mut self, comparison: &Comparison, event: &CloudEvent) {
        match decode_past(event) {
            Ok(past) if comparison.include.admits(past.result) => self.compared.push(past),
            Ok(_) => {}
            Err(reason) => self.left_out.push(LeftOut {
                id: event.id.clone(),
                reason,
            }),
        }
    }

    /// Returns the evaluations that are compared with, newest first.
    #[must_use]
    pub fn compared(&self) -> &[PastEvaluation] {
        &self.compared
    }

    /// Returns the evaluations that were passed over because they can't be compared with.
    #[must_use]
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// Returns the aggregate for each objective of the SLO, in its order; `None` where no value was fetched.
    ///
    /// Evaluations of one service mostly have the same objectives in the same order, so each value is first looked
    /// for at its own place: 1,000 objectives with 100 earlier evaluations are 100,000 values.
    #[must_use]
    pub fn aggregates(&self, slo: &Slo) -> Vec<Option<f64>> {
        let objectives = slo.objectives();
        let mut places: HashMap<&str, usize> = HashMap::new();
        let mut values = vec![Vec::with_capacity(self.compared.len()); objectives.len()];
        for past in &self.compared {
            for (at, value) in past
                .values
                .iter()
                .enumerate()
                .filter(|(_, value)| value.success)
            {
                let here = objectives
                    .get(at)
                    .is_some_and(|o| o.indicator.as_str() == value.metric);
                if !here && places.is_empty() {
                    places = objectives
                        .iter()
                        .map(|o| o.indicator.as_str())
                        .zip(0..)
                        .collect();
                }
                let place = if here {
                    Some(at)
                } else {
                    places.get(value.metric.as_str()).copied()
                };
                if let Some(collected) = place.and_then(|place| values.get_mut(place)) {
                    collected.push(value.value);
                }
            }
        }
        let aggregate: AggregateFunction = slo.comparison.aggregate;
        values.iter().map(|values| aggregate.of(values)).collect()
    }
}
