//! The baseline: which earlier evaluations an evaluation is compared with, and what their values come to
//! (lighthouse.md 6; DESIGN.md lists where we diverge).

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::comparison::{AggregateFunction, Comparison};
use super::event::{CloudEvent, decode_past};
use super::reference::Reference;
use super::slo::Slo;
use super::steering::Steering;
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
    /// Why, such as "its status is `errored`".
    pub reason: String,
}

/// Which of the stored evaluations count.
#[derive(Clone, Copy, Debug)]
pub struct Selection<'a> {
    /// The SLO's `comparison` block.
    pub comparison: &'a Comparison,
    /// Which evaluations were invalidated.
    pub steering: &'a Steering,
    /// The labels that an evaluation must carry.
    pub labels: &'a BTreeMap<String, String>,
}

impl Selection<'_> {
    /// Returns why an evaluation does not count although it can be read, if it does not.
    fn refuses(&self, event: &CloudEvent) -> Option<String> {
        if let Some(reason) = self.steering.refusal(event) {
            return Some(reason);
        }
        if self.labels.is_empty() {
            return None;
        }
        let data = event.data.value();
        let own = |key: &str| {
            data.get("labels")
                .and_then(|labels| labels.get(key)?.as_str())
        };
        self.labels.iter().find_map(|(key, wanted)| match own(key) {
            Some(value) if value == wanted => None,
            Some(value) => Some(format!("its label `{key}` is `{value}`, not `{wanted}`")),
            None => Some(format!("it has no label `{key}`")),
        })
    }
}

/// The most evaluations that are named one by one where they don't count.
const NAMED: usize = 20;

/// What a criterion that is relative to a baseline comes to where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WithoutBaseline {
    /// It is met, as in Keptn: a first evaluation has nothing to be compared with.
    #[default]
    Met,
    /// Nobody knows: there is no verdict.
    Undecided,
}

/// The earlier evaluations that count. It may be empty: "no baseline" is not 0.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Baseline {
    /// The evaluations, newest first.
    compared: Vec<PastEvaluation>,
    /// What was passed over on the way; the first few.
    left_out: Vec<LeftOut>,
    /// How many more were passed over.
    left_out_more: usize,
    /// What chose the evaluations.
    reference: Reference,
    /// What the lack of a value means.
    without: WithoutBaseline,
}

impl Baseline {
    /// Takes evaluations that are known to count, newest first.
    #[must_use]
    pub fn new(compared: Vec<PastEvaluation>) -> Self {
        Self {
            compared,
            ..Self::default()
        }
    }

    /// Returns the baseline, chosen by something else.
    #[must_use]
    pub fn by(self, reference: Reference) -> Self {
        Self { reference, ..self }
    }

    /// Returns the baseline, with what the lack of a value in it means.
    #[must_use]
    pub fn with_lack(self, without: WithoutBaseline) -> Self {
        Self { without, ..self }
    }

    /// Returns what the lack of a value means.
    #[must_use]
    pub fn without(&self) -> WithoutBaseline {
        self.without
    }

    /// Takes the newest events that count, out of all of them.
    #[must_use]
    pub fn from_events<'a>(
        comparison: &Comparison,
        newest_first: impl IntoIterator<Item = &'a CloudEvent>,
    ) -> Self {
        let selection = Selection {
            comparison,
            steering: &Steering::default(),
            labels: &BTreeMap::new(),
        };
        let mut baseline = Self::default();
        for event in newest_first {
            if baseline.is_complete(comparison) {
                break;
            }
            baseline.offer(&selection, event);
        }
        baseline
    }

    /// Tells whether as many evaluations are found as the SLO asks for.
    #[must_use]
    pub fn is_complete(&self, comparison: &Comparison) -> bool {
        self.compared.len() >= comparison.depth.get()
    }

    /// Takes the next older event, if it counts: it was evaluated, can be read, had a result that is included, was not
    /// invalidated, and carries the labels that are wanted.
    pub fn offer(&mut self, selection: &Selection<'_>, event: &CloudEvent) {
        let past = match decode_past(event) {
            Ok(past) if !selection.comparison.include.admits(past.result) => return,
            Ok(past) => past,
            Err(reason) => return self.leave_out(event, reason.to_string()),
        };
        match selection.refuses(event) {
            Some(reason) => self.leave_out(event, reason),
            None => self.compared.push(past),
        }
    }

    /// Takes an evaluation that was chosen by itself, whatever its result; one that can't be read is left out.
    pub fn take(&mut self, event: &CloudEvent) {
        match decode_past(event) {
            Ok(past) => self.compared.push(past),
            Err(reason) => self.leave_out(event, reason.to_string()),
        }
    }

    /// Remembers an evaluation that does not count.
    fn leave_out(&mut self, event: &CloudEvent, reason: String) {
        if self.left_out.len() == NAMED {
            self.left_out_more += 1;
            return;
        }
        let id = event.id.clone();
        self.left_out.push(LeftOut { id, reason });
    }

    /// Returns the evaluations that are compared with, newest first.
    #[must_use]
    pub fn compared(&self) -> &[PastEvaluation] {
        &self.compared
    }

    /// Returns the evaluations that were passed over because they can't be compared with; the first few.
    #[must_use]
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// Returns how many were passed over beyond those.
    #[must_use]
    pub fn left_out_more(&self) -> usize {
        self.left_out_more
    }

    /// Returns what chose the evaluations.
    #[must_use]
    pub fn reference(&self) -> &Reference {
        &self.reference
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
