//! Which earlier evaluations an objective is compared with, and how they become one number (lighthouse.md 6).

use std::num::NonZeroU8;
use std::str::FromStr;

use super::verdict::{UnknownWord, Verdict};

/// The `comparison` block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// How many of the newest evaluations are taken.
    pub depth: Depth,
    /// Which results they must have had.
    pub include: IncludedResults,
    /// How their values become one.
    pub aggregate: AggregateFunction,
}

impl Default for Comparison {
    /// Returns what a missing block means: the newest evaluation, whatever its result.
    fn default() -> Self {
        Self {
            depth: Depth::SINGLE,
            include: IncludedResults::All,
            aggregate: AggregateFunction::Average,
        }
    }
}

/// How many earlier evaluations are compared with: 1 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depth(NonZeroU8);

impl Depth {
    /// `single_result`.
    pub const SINGLE: Self = Self(NonZeroU8::MIN);
    /// A block that does not say `compare_with`, and `several_results` without a number.
    pub const THREE: Self = match NonZeroU8::new(3) {
        Some(three) => Self(three),
        None => Self::SINGLE,
    };

    /// Takes a number from 1 to 100.
    #[must_use]
    pub fn new(number: i64) -> Option<Self> {
        let number = u8::try_from(number).ok().filter(|n| *n <= 100)?;
        NonZeroU8::new(number).map(Self)
    }

    /// Returns the number.
    #[must_use]
    pub fn get(self) -> usize {
        usize::from(self.0.get())
    }
}

/// Which earlier evaluations count, by their result (`include_result_with_score`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IncludedResults {
    /// Only `pass`.
    Pass,
    /// `pass` and `warning`.
    PassOrWarning,
    /// Any.
    All,
}

impl IncludedResults {
    /// What a file may say, in any case of letters.
    pub const NAMES: [&'static str; 3] = ["pass", "pass_or_warn", "all"];

    /// Returns the name as a file has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::PassOrWarning => "pass_or_warn",
            Self::All => "all",
        }
    }

    /// Returns the results that count, for a filter; none stands for any.
    #[must_use]
    pub fn verdicts(self) -> Vec<Verdict> {
        match self {
            Self::Pass => vec![Verdict::Pass],
            Self::PassOrWarning => vec![Verdict::Pass, Verdict::Warning],
            Self::All => Vec::new(),
        }
    }

    /// Tells whether an evaluation with this result counts. An event without a result counts only under `all`.
    #[must_use]
    pub fn admits(self, result: Option<Verdict>) -> bool {
        match self {
            Self::All => true,
            Self::PassOrWarning => matches!(result, Some(Verdict::Pass | Verdict::Warning)),
            Self::Pass => result == Some(Verdict::Pass),
        }
    }
}

impl FromStr for IncludedResults {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        match text.to_ascii_lowercase().as_str() {
            "pass" => Ok(Self::Pass),
            "pass_or_warn" => Ok(Self::PassOrWarning),
            "all" => Ok(Self::All),
            _ => Err(UnknownWord),
        }
    }
}

/// How several values become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AggregateFunction {
    /// The mean.
    Average,
    /// The median.
    P50,
    /// The 90th percentile.
    P90,
    /// The 95th percentile.
    P95,
}

impl AggregateFunction {
    /// What a file may say; case matters, as in Keptn.
    pub const NAMES: [&'static str; 4] = ["avg", "p50", "p90", "p95"];

    /// Returns the name as a file has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Average => "avg",
            Self::P50 => "p50",
            Self::P90 => "p90",
            Self::P95 => "p95",
        }
    }

    /// Returns the aggregate of the values, newest first; `None` where there are none.
    ///
    /// The mean is summed in the order given, because Keptn does, and the last bit depends on it. Percentiles
    /// interpolate at `p * (n + 1)` (lighthouse.md 6.5). The result is finite where the values are.
    ///
    /// ```
    /// use tidegate::gate::AggregateFunction;
    /// assert_eq!(AggregateFunction::P90.of(&[1.0, 2.0, 3.0]), Some(3.0));
    /// assert_eq!(AggregateFunction::Average.of(&[]), None);
    /// ```
    #[must_use]
    pub fn of(self, values: &[f64]) -> Option<f64> {
        if values.is_empty() {
            return None;
        }
        Some(match self {
            Self::Average => average(values),
            Self::P50 => percentile(values, 0.5),
            Self::P90 => percentile(values, 0.9),
            Self::P95 => percentile(values, 0.95),
        })
    }
}

impl FromStr for AggregateFunction {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        match text {
            "avg" => Ok(Self::Average),
            "p50" => Ok(Self::P50),
            "p90" => Ok(Self::P90),
            "p95" => Ok(Self::P95),
            _ => Err(UnknownWord),
        }
    }
}

/// Returns the mean of at least one value.
#[expect(
    clippy::cast_precision_loss,
    reason = "a history has at most a few thousand values"
)]
fn average(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let sum: f64 = values.iter().fold(0.0, |sum, value| sum + value);
    if sum.is_finite() {
        return sum / count;
    }
    let mean = values.iter().fold(0.0, |sum, value| sum + value / count);
    mean.clamp(-f64::MAX, f64::MAX)
}

/// Returns a percentile of at least one value.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "positions in a short list: small, positive and exact"
)]
fn percentile(values: &[f64], fraction: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let first = sorted.first().copied().unwrap_or_default();
    let last = sorted.last().copied().unwrap_or_default();
    let position = fraction * (sorted.len() as f64 + 1.0);
    if position < 1.0 {
        return first;
    }
    if position >= sorted.len() as f64 {
        return last;
    }
    let below = position.floor();
    let (Some(low), Some(high)) = (sorted.get(below as usize - 1), sorted.get(below as usize))
    else {
        return last;
    };
    let share = position - below;
    let step = high - low;
    if step.is_finite() {
        low + share * step
    } else {
        low * (1.0 - share) + high * share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn huge_values_do_not_leave_the_range_of_numbers() {
        for count in 1..50 {
            let mean = AggregateFunction::Average.of(&vec![f64::MAX; count]);
            assert!(
                mean.is_some_and(|mean| mean.is_finite() && mean > 1e308),
                "{count}"
            );
        }
        let values = [f64::MAX, f64::MAX, -f64::MAX];
        for function in [
            AggregateFunction::Average,
            AggregateFunction::P50,
            AggregateFunction::P90,
            AggregateFunction::P95,
        ] {
            assert!(function.of(&values).unwrap().is_finite(), "{function:?}");
        }
        assert!(
            AggregateFunction::P50
                .of(&[-f64::MAX, f64::MAX])
                .unwrap()
                .is_finite()
        );
    }

    #[test]
    fn a_depth_is_from_1_to_100() {
        assert_eq!(Depth::new(0), None);
        assert_eq!(Depth::new(101), None);
        assert_eq!(Depth::new(100).map(Depth::get), Some(100));
        assert_eq!(Depth::THREE.get(), 3);
    }
}
