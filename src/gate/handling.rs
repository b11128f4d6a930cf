//! How a raw answer of a backend becomes a reading: reduce, scale, unit, samples, patience.

use std::time::Duration;

use super::number::Finite;
use super::reduce::Reduce;

/// What to do with a NaN or an infinity, which is never a value.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum OnNan {
    /// It is no data: 0/0, because there was no traffic.
    #[default]
    NoData,
    /// It is an error.
    Error,
    /// This number stands in for it.
    Value(Finite),
}

impl std::str::FromStr for OnNan {
    type Err = OnNanError;

    /// Reads `no_data`, `error`, or `value: N`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim() {
            "no_data" => Ok(Self::NoData),
            "error" => Ok(Self::Error),
            other => super::policy::stand_in(other)
                .map(Self::Value)
                .ok_or_else(|| OnNanError {
                    text: text.to_owned(),
                }),
        }
    }
}

impl std::fmt::Display for OnNan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoData => f.write_str("no_data"),
            Self::Error => f.write_str("error"),
            Self::Value(value) => write!(f, "value: {}", value.get()),
        }
    }
}

/// A policy for NaN that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a policy: no_data, error, or `value: N`")]
pub struct OnNanError {
    /// What was written.
    pub text: String,
}

/// How often to ask again, where somebody says so; everything else is the provider's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RetryLayer {
    /// How often to ask in all, from 1 on.
    pub attempts: Option<u32>,
    /// The first wait.
    pub base: Option<Duration>,
    /// The longest wait.
    pub max: Option<Duration>,
}

impl RetryLayer {
    /// Returns these wishes with those of `below` where these say nothing.
    #[must_use]
    pub fn over(self, below: Self) -> Self {
        Self {
            attempts: self.attempts.or(below.attempts),
            base: self.base.or(below.base),
            max: self.max.or(below.max),
        }
    }
}

/// How the answer to one query is handled, all layers of policies resolved.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Handling {
    /// What a NaN or an infinity means.
    pub on_nan: OnNan,
    /// How several numbers become one.
    pub reduce: Reduce,
    /// How many samples must stand behind the value; fewer are no data.
    pub min_samples: Option<u64>,
    /// What the number is multiplied with.
    pub scale: Option<Finite>,
    /// The unit of the scaled number; else the provider's.
    pub unit: Option<String>,
    /// How long after the end of the window the backend has all data; else what the provider knows of itself.
    pub delay: Option<Duration>,
    /// How long one attempt may take; else the provider's.
    pub timeout: Option<Duration>,
    /// How often to ask again; else the provider's.
    pub retry: RetryLayer,
}
