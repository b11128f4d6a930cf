//! Policies: what a missing value means. The default is Keptn's: the objective fails.

use std::time::Duration;

use super::handling::{Handling, OnNan, RetryLayer};
use super::number::Finite;
use super::reduce::Reduce;

/// What to do where an indicator has no value.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum MissingValue {
    /// The objective fails, as in Keptn.
    #[default]
    Fail,
    /// The objective counts as a warning: half its points.
    Warning,
    /// The objective is left out of the score.
    Ignore,
    /// The whole evaluation is inconclusive.
    Inconclusive,
    /// There is no verdict; the run ends with the error.
    Error,
    /// This number stands in for the value.
    Value(Finite),
}

/// The policies of one indicator.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Policies {
    /// The backend answered, but has no number.
    pub on_no_data: MissingValue,
    /// The backend did not answer in a way that can be used.
    pub on_error: MissingValue,
}

/// Policies of which any may be unset; layers of them are laid over each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyLayer {
    /// The backend answered, but has no number.
    pub on_no_data: Option<MissingValue>,
    /// The backend did not answer in a way that can be used.
    pub on_error: Option<MissingValue>,
    /// The number is NaN or infinite.
    pub on_nan: Option<OnNan>,
    /// How several numbers become one.
    pub reduce: Option<Reduce>,
    /// How many samples must stand behind a value.
    pub min_samples: Option<u64>,
    /// What the number is multiplied with.
    pub scale: Option<Finite>,
    /// The unit of the value.
    pub unit: Option<String>,
    /// How long after the end of the window the backend has all data.
    pub delay: Option<Duration>,
    /// How long one attempt may take.
    pub timeout: Option<Duration>,
    /// How often to ask again.
    pub retry: RetryLayer,
}

impl PolicyLayer {
    /// Returns these policies with those of `below` where these say nothing.
    #[must_use]
    pub fn over(&self, below: &Self) -> Self {
        Self {
            on_no_data: self.on_no_data.or(below.on_no_data),
            on_error: self.on_error.or(below.on_error),
            on_nan: self.on_nan.or(below.on_nan),
            reduce: self.reduce.or(below.reduce),
            min_samples: self.min_samples.or(below.min_samples),
            scale: self.scale.or(below.scale),
            unit: self.unit.clone().or_else(|| below.unit.clone()),
            delay: self.delay.or(below.delay),
            timeout: self.timeout.or(below.timeout),
            retry: self.retry.over(below.retry),
        }
    }

    /// Returns what a missing value means: what no layer sets is the default.
    #[must_use]
    pub fn resolve(&self) -> Policies {
        Policies {
            on_no_data: self.on_no_data.unwrap_or_default(),
            on_error: self.on_error.unwrap_or_default(),
        }
    }

    /// Returns how an answer is handled: what no layer sets is the default.
    #[must_use]
    pub fn handling(&self) -> Handling {
        Handling {
            on_nan: self.on_nan.unwrap_or_default(),
            reduce: self.reduce.unwrap_or_default(),
            min_samples: self.min_samples,
            scale: self.scale,
            unit: self.unit.clone(),
            delay: self.delay,
            timeout: self.timeout,
            retry: self.retry,
        }
    }
}

/// Reads the number of `value: N`.
pub(super) fn stand_in(text: &str) -> Option<Finite> {
    let rest = text.strip_prefix("value")?;
    let number = rest.trim().trim_start_matches([':', '=']).trim();
    number.parse().ok().and_then(Finite::new)
}

impl std::str::FromStr for MissingValue {
    type Err = MissingValueError;

    /// Reads `fail`, `warning`, `ignore`, `inconclusive`, `error`, or `value: N`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim() {
            "fail" => Ok(Self::Fail),
            "warning" => Ok(Self::Warning),
            "ignore" => Ok(Self::Ignore),
            "inconclusive" => Ok(Self::Inconclusive),
            "error" => Ok(Self::Error),
            other => stand_in(other)
                .map(Self::Value)
                .ok_or_else(|| MissingValueError {
                    text: text.to_owned(),
                }),
        }
    }
}

impl std::fmt::Display for MissingValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fail => f.write_str("fail"),
            Self::Warning => f.write_str("warning"),
            Self::Ignore => f.write_str("ignore"),
            Self::Inconclusive => f.write_str("inconclusive"),
            Self::Error => f.write_str("error"),
            Self::Value(value) => write!(f, "value: {}", value.get()),
        }
    }
}

/// A policy that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a policy: fail, warning, ignore, inconclusive, error, or `value: N`")]
pub struct MissingValueError {
    /// What was written.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_policy_prints_and_parses_back() {
        for text in [
            "fail",
            "warning",
            "ignore",
            "inconclusive",
            "error",
            "value: 0",
            "value: -1.5",
        ] {
            let policy: MissingValue = text.parse().unwrap();
            assert_eq!(policy.to_string(), text);
        }
    }

    #[test]
    fn an_unknown_policy_and_a_value_that_is_no_number_are_refused() {
        for text in [
            "skip",
            "value",
            "value: NaN",
            "value: inf",
            "valuefoo",
            "Fail",
        ] {
            assert!(text.parse::<MissingValue>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_upper_layer_wins_and_the_default_is_fail() {
        let upper = PolicyLayer {
            on_no_data: Some(MissingValue::Ignore),
            ..PolicyLayer::default()
        };
        let lower = PolicyLayer {
            on_no_data: Some(MissingValue::Error),
            ..PolicyLayer::default()
        };
        let policies = upper.over(&lower).resolve();
        assert_eq!(policies.on_no_data, MissingValue::Ignore);
        assert_eq!(policies.on_error, MissingValue::Fail);
    }
}
