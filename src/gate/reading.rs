//! Readings: what a provider answered to one query. A provider never judges; a reading never holds a NaN or an infinity.

use std::collections::BTreeMap;
use std::time::Duration;

use super::name::IndicatorName;
use super::number::Finite;
use super::policy::Policies;

/// What one query came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// A number.
    Value(Finite),
    /// The backend answered, but has no number: nothing matched, or NaN. Never 0, never a pass.
    NoData(String),
    /// The backend did not answer, or not in a way that can be used.
    Failed(FetchFailure),
}

/// Why a query has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FetchFailure {
    /// The kind, which decides the exit code when no query at all was answered.
    pub kind: FailureKind,
    /// What happened, in one line, without secrets.
    pub message: String,
}

/// The kinds of failure, the one that decides the exit code first (`DESIGN.md`, exit codes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FailureKind {
    /// The backend refused the credentials (401, 403).
    NotAuthorised,
    /// The backend could not be reached, or answered 5xx after all retries, or too late.
    Unavailable,
    /// The backend asked to slow down (429), also after all retries.
    Throttled,
    /// The backend's answer could not be understood.
    BadAnswer,
    /// The backend calls the query wrong, or it yields several series.
    BadQuery,
    /// The caller itself reported the SLI as failed (`success: false` in `--values`).
    Reported,
}

impl FailureKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::NotAuthorised,
        Self::Unavailable,
        Self::Throttled,
        Self::BadAnswer,
        Self::BadQuery,
        Self::Reported,
    ];

    /// Returns the word under which it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotAuthorised => "not-authorised",
            Self::Unavailable => "unavailable",
            Self::Throttled => "throttled",
            Self::BadAnswer => "bad-answer",
            Self::BadQuery => "bad-query",
            Self::Reported => "reported",
        }
    }
}

/// The answer to one query, with all that is needed to ask it again by hand.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The indicator that was asked for.
    pub indicator: IndicatorName,
    /// What came back.
    pub outcome: Outcome,
    /// The number and the compared value that came along with a failed SLI in `--values`. Keptn echoes both.
    pub reported: Option<Reported>,
    /// The provider's name.
    pub provider: Option<String>,
    /// The query as it was sent, with every placeholder filled.
    pub query: Option<String>,
    /// Where it was sent, without credentials.
    pub endpoint: Option<String>,
    /// How many samples or series stand behind the value, where the provider knows.
    pub samples: Option<u64>,
    /// How several numbers became the value: `max of 4 numbers`.
    pub reduced: Option<String>,
    /// The unit of the value, as the SLI file or the provider states it.
    pub unit: Option<String>,
    /// What the provider wants the user to know.
    pub warnings: Vec<String>,
    /// How often the query was sent; 0 where nothing had to be sent.
    pub attempts: u32,
    /// How long it took, all attempts together.
    pub elapsed: Option<Duration>,
}

/// Numbers that a caller reported for an SLI it calls failed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reported {
    /// The value beside `success: false`.
    pub value: f64,
    /// The `comparedValue` beside it.
    pub compared_value: f64,
}

impl Reading {
    /// Starts a reading that says nothing but the outcome.
    #[must_use]
    pub fn new(indicator: IndicatorName, outcome: Outcome) -> Self {
        Self {
            indicator,
            outcome,
            reported: None,
            provider: None,
            query: None,
            endpoint: None,
            samples: None,
            reduced: None,
            unit: None,
            warnings: Vec::new(),
            attempts: 0,
            elapsed: None,
        }
    }

    /// Returns a reading with a value, or with "no data" where the value is NaN or infinite.
    ///
    /// ```
    /// use tidegate::gate::{IndicatorName, Outcome, Reading};
    /// let name = IndicatorName::new("error_rate").unwrap();
    /// assert!(matches!(Reading::of(name, f64::NAN).outcome, Outcome::NoData(_)));
    /// ```
    #[must_use]
    pub fn of(indicator: IndicatorName, value: f64) -> Self {
        let outcome = match Finite::new(value) {
            Some(value) => Outcome::Value(value),
            None => Outcome::NoData(format!(
                "the value is {value}, which is not a number to compare"
            )),
        };
        Self::new(indicator, outcome)
    }
}

/// The readings of one evaluation, in the order in which they were asked for or handed over.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Readings {
    /// Every reading. Where two name the same indicator the first one counts.
    pub readings: Vec<Reading>,
    /// What the party that fetched them says of the whole (`get-sli.finished` in Keptn).
    pub retrieval: Retrieval,
    /// What to do where an indicator has no value; [`Policies::default`] for those that are not listed.
    pub policies: BTreeMap<IndicatorName, Policies>,
}

impl Readings {
    /// Wraps readings whose retrieval went well, under the default policies.
    #[must_use]
    pub fn new(readings: Vec<Reading>) -> Self {
        Self {
            readings,
            ..Self::default()
        }
    }
}

impl FromIterator<Reading> for Readings {
    fn from_iter<I: IntoIterator<Item = Reading>>(readings: I) -> Self {
        Self::new(readings.into_iter().collect())
    }
}

/// How the retrieval of all values together went (lighthouse.md 5.6 and 9).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Retrieval {
    /// The values count.
    #[default]
    Succeeded,
    /// The values count, but the result is `fail` all the same.
    Failed(String),
    /// No value counts: status `errored`, result `fail`.
    Errored(String),
    /// No value counts: the retrieval was aborted, status `errored`, result `fail`.
    Aborted,
}
