//! Several numbers to one: what a user may choose where a backend answers with more than one.

use std::fmt;
use std::str::FromStr;

/// How several numbers become one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Reduce {
    /// Not at all: there must be one number. Nobody's choice is made for them.
    #[default]
    Single,
    /// The first, in the order of the answer.
    First,
    /// The last, in the order of the answer.
    Last,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// The arithmetic mean.
    Mean,
    /// The sum.
    Sum,
    /// The middle one; of an even number, the mean of the two in the middle.
    Median,
    /// The nearest-rank percentile: the smallest number that at least so many per cent do not exceed.
    Percentile(Rank),
    /// How many there are.
    Count,
}

/// The rank of a percentile: above 0, at most 100.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Rank(f64);

impl Rank {
    /// Takes a rank above 0 and up to 100.
    #[must_use]
    pub fn new(rank: f64) -> Option<Self> {
        (rank > 0.0 && rank <= 100.0).then_some(Self(rank))
    }

    /// Reads the digits behind a `p`: `95`, `99.9`, `99_9`, and `999` for 99.9.
    #[must_use]
    pub fn parse(digits: &str) -> Option<Self> {
        let digits = digits.replacen('_', ".", 1);
        let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        if !plain || digits.starts_with('.') || digits.ends_with('.') {
            return None;
        }
        let text = match digits.split_at_checked(2) {
            Some((whole, rest))
                if !rest.is_empty() && whole.starts_with('9') && !digits.contains('.') =>
            {
                format!("{whole}.{rest}")
            }
            Some(_) | None => digits,
        };
        text.parse().ok().and_then(Self::new)
    }

    /// Returns the rank, in per cent.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl Reduce {
    /// What can be written, for messages.
    pub const WORDS: [&'static str; 10] = [
        "single", "first", "last", "min", "max", "mean", "sum", "median", "p95", "count",
    ];

    /// Makes one number of several; `None` where there is none to choose from, or more than one for `single`.
    #[must_use]
    pub fn apply(self, numbers: &[f64]) -> Option<f64> {
        let count = numbers.len();
        let (first, last) = (*numbers.first()?, *numbers.last()?);
        #[expect(clippy::cast_precision_loss, reason = "nobody has 2^53 numbers")]
        let total = count as f64;
        Some(match self {
            Self::Single => return (count == 1).then_some(first),
            Self::First => first,
            Self::Last => last,
            Self::Min => numbers.iter().copied().fold(first, f64::min),
            Self::Max => numbers.iter().copied().fold(first, f64::max),
            Self::Sum => numbers.iter().sum(),
            Self::Mean => numbers.iter().map(|number| number / total).sum(),
            Self::Count => total,
            Self::Median => median(&sorted(numbers))?,
            Self::Percentile(rank) => *sorted(numbers).get(place(rank, total, count))?,
        })
    }
}

/// Returns the numbers in order.
fn sorted(numbers: &[f64]) -> Vec<f64> {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// Returns the middle of numbers in order.
fn median(sorted: &[f64]) -> Option<f64> {
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *sorted.get(middle.checked_sub(1)?)?;
    Some(f64::midpoint(lower, upper))
}

/// Returns the place of a nearest rank, counted from 0.
fn place(rank: Rank, total: f64, count: usize) -> usize {
    // 99.9 % of 1000 must be 999, not 1000, whatever the last bit of the product says.
    let exact = rank.get() * total / 100.0;
    let nearest = exact.round();
    let place = if (exact - nearest).abs() < 1e-9 * total.max(1.0) {
        nearest
    } else {
        exact.ceil()
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the number of elements"
    )]
    let place = place as usize;
    place.clamp(1, count) - 1
}

impl FromStr for Reduce {
    type Err = UnknownReduce;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownReduce {
            text: text.to_owned(),
        };
        Ok(match text {
            "single" => Self::Single,
            "first" => Self::First,
            "last" => Self::Last,
            "min" => Self::Min,
            "max" => Self::Max,
            "mean" | "avg" => Self::Mean,
            "sum" => Self::Sum,
            "median" => Self::Median,
            "count" => Self::Count,
            other => {
                let digits = other.strip_prefix('p').ok_or_else(unknown)?;
                Self::Percentile(Rank::parse(digits).ok_or_else(unknown)?)
            }
        })
    }
}

impl fmt::Display for Reduce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Single => f.write_str("single"),
            Self::First => f.write_str("first"),
            Self::Last => f.write_str("last"),
            Self::Min => f.write_str("min"),
            Self::Max => f.write_str("max"),
            Self::Mean => f.write_str("mean"),
            Self::Sum => f.write_str("sum"),
            Self::Median => f.write_str("median"),
            Self::Count => f.write_str("count"),
            Self::Percentile(rank) => write!(f, "p{}", rank.get()),
        }
    }
}

/// A word that names no way to reduce.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no way to make one number of several")]
pub struct UnknownReduce {
    /// What was written.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reduce(text: &str, numbers: &[f64]) -> Option<f64> {
        text.parse::<Reduce>().unwrap().apply(numbers)
    }

    #[test]
    fn each_way_does_what_its_name_says() {
        let numbers = [4.0, 1.0, 3.0, 2.0];
        for (text, expected) in [
            ("first", 4.0),
            ("last", 2.0),
            ("min", 1.0),
            ("max", 4.0),
            ("mean", 2.5),
            ("avg", 2.5),
            ("sum", 10.0),
            ("median", 2.5),
            ("p50", 2.0),
            ("p75", 3.0),
            ("p100", 4.0),
            ("count", 4.0),
        ] {
            assert_eq!(reduce(text, &numbers), Some(expected), "{text}");
        }
    }

    #[test]
    fn single_takes_one_number_and_no_more() {
        assert_eq!(reduce("single", &[7.0]), Some(7.0));
        assert_eq!(reduce("single", &[7.0, 7.0]), None);
    }

    #[test]
    fn of_no_numbers_there_is_none_not_even_a_count() {
        for text in Reduce::WORDS {
            assert_eq!(reduce(text, &[]), None, "{text}");
        }
    }

    #[test]
    fn a_rank_may_be_written_with_or_without_its_point() {
        for text in ["p99.9", "p999", "p99_9"] {
            assert_eq!(text.parse::<Reduce>().unwrap().to_string(), "p99.9");
        }
        let numbers: Vec<f64> = (1..=1000).map(f64::from).collect();
        assert_eq!(reduce("p999", &numbers), Some(999.0));
        for text in [
            "p", "p0", "p101", "p-5", "p1e1", "p.5", "p5.", "pp", "average",
        ] {
            assert!(text.parse::<Reduce>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_percentile_is_the_smallest_number_that_so_many_do_not_exceed(
            numbers in prop::collection::vec(-1e9..1e9_f64, 1..60),
            rank in 1..=100_u32,
        ) {
            let value = reduce(&format!("p{rank}"), &numbers).unwrap();
            let share = |limit: f64| {
                let below = numbers.iter().filter(|number| **number <= limit).count();
                below * 100 >= usize::try_from(rank).unwrap() * numbers.len()
            };
            prop_assert!(share(value));
            let smaller = numbers.iter().copied().filter(|number| *number < value);
            for limit in smaller {
                prop_assert!(!share(limit));
            }
        }

        #[test]
        fn no_way_leaves_the_range_of_the_numbers(numbers in prop::collection::vec(-1e9..1e9_f64, 1..60)) {
            let (min, max) = (reduce("min", &numbers).unwrap(), reduce("max", &numbers).unwrap());
            for text in ["first", "last", "mean", "median", "p95"] {
                let value = reduce(text, &numbers).unwrap();
                prop_assert!(value >= min - 1e-3 && value <= max + 1e-3, "{text}: {value}");
            }
        }
    }
}
