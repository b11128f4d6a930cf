//! What a question to a document came to: documents whose figures have no names are asked one question an indicator.

use super::failure::FileError;
use super::openmetrics::SelectorError;
use super::results::Unit;

/// The numbers that a question found. None is "no data"; several wait for a policy that reduces or refuses them.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The numbers, in the order of the document. NaN where the document has one, or there is nothing to divide by.
    pub values: Vec<f64>,
    /// Their unit.
    pub unit: Unit,
    /// How many samples, rows, or series stand behind them.
    pub samples: Option<u64>,
    /// What is odd about them.
    pub warnings: Vec<String>,
    /// What a reader should know of them, such as `nearest rank`.
    pub note: Option<String>,
}

impl Found {
    /// Numbers of unknown unit.
    pub(super) fn new(values: Vec<f64>) -> Self {
        Self {
            values,
            unit: Unit::Unknown,
            samples: None,
            warnings: Vec::new(),
            note: None,
        }
    }

    /// Says how many samples stand behind the numbers.
    pub(super) fn of_samples(self, samples: usize) -> Self {
        Self {
            samples: u64::try_from(samples).ok(),
            ..self
        }
    }

    /// Says what is odd about the numbers.
    pub(super) fn with_warnings(self, warnings: Vec<String>) -> Self {
        Self { warnings, ..self }
    }
}

/// Why a question to a document has no answer. That nothing was found is an answer.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The document cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A selector of metrics cannot be read.
    #[error(transparent)]
    Selector(#[from] SelectorError),
    /// The question itself is wrong.
    #[error("{problem}")]
    Wrong {
        /// What is wrong with it, and what would be right.
        problem: String,
    },
    /// What was found is no number.
    #[error("{place} is {found}, not a number; {advice}")]
    NotANumber {
        /// Where it was found.
        place: String,
        /// What was found.
        found: String,
        /// What to do.
        advice: String,
    },
}

impl QueryError {
    /// The question is wrong.
    pub(super) fn wrong(problem: impl Into<String>) -> Self {
        Self::Wrong {
            problem: problem.into(),
        }
    }
}
