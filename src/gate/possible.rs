//! Whether readings allow a verdict at all (DESIGN.md, configuration).

use super::evaluation::{Conclusion, Evaluation};
use super::name::IndicatorName;
use super::policy::MissingValue;
use super::reading::{FailureKind, FetchFailure, Outcome, Reading};

/// Why there can be no verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoVerdict {
    /// Backends were asked, and not one query was answered.
    NothingAnswered {
        /// The kind of failure that decides the exit code.
        kind: FailureKind,
    },
    /// A policy says that there is no verdict without this value.
    Required {
        /// The indicator.
        indicator: IndicatorName,
        /// Why it has no value.
        reason: String,
        /// The kind of failure that decides the exit code.
        kind: FailureKind,
    },
}

impl NoVerdict {
    /// Returns the kind of failure that decides the exit code.
    #[must_use]
    pub fn kind(&self) -> FailureKind {
        match self {
            Self::NothingAnswered { kind } | Self::Required { kind, .. } => *kind,
        }
    }
}

/// Returns the kind that decides where not one of the readings that backends were asked for is an answer; `None` where one
/// is, or there are none.
///
/// "No data" is an answer. Among several kinds the first in the order of [`FailureKind`] decides.
#[must_use]
pub fn nothing_answered<'a>(asked: impl IntoIterator<Item = &'a Reading>) -> Option<NoVerdict> {
    let failure = |reading: &Reading| match &reading.outcome {
        Outcome::Failed(FetchFailure { kind, .. }) => Some(*kind),
        Outcome::Value(_) | Outcome::NoData(_) => None,
    };
    let kinds: Option<Vec<FailureKind>> = asked.into_iter().map(failure).collect();
    kinds?
        .into_iter()
        .min()
        .map(|kind| NoVerdict::NothingAnswered { kind })
}

/// Returns the first scored objective that has no value, under a policy that allows no verdict without one.
#[must_use]
pub fn required_value(evaluation: &Evaluation, readings: &[Reading]) -> Option<NoVerdict> {
    if evaluation.conclusion == Conclusion::RetrievalErrored {
        return None;
    }
    evaluation.objectives().iter().find_map(|objective| {
        let policy = objective.policy.as_ref()?;
        let kind = readings
            .iter()
            .find(|reading| reading.indicator == objective.indicator)
            .and_then(|reading| match &reading.outcome {
                Outcome::Failed(failure) => Some(failure.kind),
                Outcome::Value(_) | Outcome::NoData(_) => None,
            });
        (policy.action == MissingValue::Error).then(|| NoVerdict::Required {
            indicator: objective.indicator.clone(),
            reason: policy.reason.clone(),
            kind: kind.unwrap_or(FailureKind::Unavailable),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(kind: FailureKind) -> Reading {
        let failure = FetchFailure {
            kind,
            message: String::new(),
        };
        Reading::new(IndicatorName::new("a").unwrap(), Outcome::Failed(failure))
    }

    #[test]
    fn one_answer_of_any_kind_allows_a_verdict() {
        let empty = Reading::new(
            IndicatorName::new("b").unwrap(),
            Outcome::NoData(String::new()),
        );
        assert_eq!(
            nothing_answered(&[failed(FailureKind::Unavailable), empty]),
            None
        );
        assert_eq!(nothing_answered(&Vec::new()), None);
    }

    #[test]
    fn credentials_decide_before_outages_before_throttling_before_nonsense_before_wrong_queries() {
        let order = [
            FailureKind::NotAuthorised,
            FailureKind::Unavailable,
            FailureKind::Throttled,
            FailureKind::BadAnswer,
            FailureKind::BadQuery,
        ];
        for (at, kind) in order.into_iter().enumerate() {
            let readings: Vec<_> = order[at..].iter().rev().copied().map(failed).collect();
            assert_eq!(
                nothing_answered(&readings),
                Some(NoVerdict::NothingAnswered { kind })
            );
        }
    }
}
