//! One criterion, such as `<=+10%`: how it is read, printed, and applied (lighthouse.md 3).

use std::fmt;
use std::str::FromStr;

use super::number::parse_go_float;

/// A comparison with a fixed number or with the baseline.
///
/// ```
/// use tidegate::gate::{Criterion, Operator};
/// let criterion: Criterion = "<=+10%".parse().unwrap();
/// assert_eq!(criterion.operator, Operator::LessOrEqual);
/// assert_eq!(criterion.target_value(Some(100.0)), Some(110.0));
/// assert!(criterion.is_met(110.0, Some(100.0)));
/// assert!(criterion.is_met(999.0, None), "without history a relative criterion is met, as in Keptn");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Criterion {
    /// How value and target are compared.
    pub operator: Operator,
    /// What the value is compared with.
    pub target: Target,
}

/// The five operators. There is no `==`, `!=`, `=<`, or `=>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `=`: exactly equal, no tolerance.
    Equal,
    /// `>=`
    GreaterOrEqual,
    /// `>`
    Greater,
}

/// What a value is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// A fixed number. It can't be negative: `<-5` means "less than the baseline minus 5".
    Fixed(f64),
    /// The baseline, moved by an amount.
    Relative(Direction, Amount),
}

/// Which way the baseline is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Up: `+10`, `+10%`, and `10%` too.
    Increase,
    /// Down: `-10`, `-10%`.
    Decrease,
}

/// How far the baseline is moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount {
    /// By this much.
    Absolute(f64),
    /// By this many hundredths of itself.
    Percent(f64),
}

/// A text that is no criterion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CriterionError {
    /// The first character is not an operator.
    #[error("invalid criteria string")]
    Operator,
    /// What follows the operator is not a number, or is too large for one.
    #[error("could not parse criteria target value")]
    Value,
    /// The number is infinite or NaN. Keptn accepts it and then loses the whole result.
    #[error("a criteria target value must be finite")]
    NotFinite,
}

impl Criterion {
    /// Returns the number that a value is compared with; `None` for a relative criterion without a baseline.
    ///
    /// The order of operations is Keptn's, to the last bit: `(b * (100 + v)) / 100`.
    #[must_use]
    pub fn target_value(&self, baseline: Option<f64>) -> Option<f64> {
        match self.target {
            Target::Fixed(value) => Some(value),
            Target::Relative(direction, amount) => baseline.map(|b| match (amount, direction) {
                (Amount::Percent(v), Direction::Increase) => (b * (100.0 + v)) / 100.0,
                (Amount::Percent(v), Direction::Decrease) => (b * (100.0 - v)) / 100.0,
                (Amount::Absolute(v), Direction::Increase) => b + v,
                (Amount::Absolute(v), Direction::Decrease) => b - v,
            }),
        }
    }

    /// Tells whether the value meets the criterion. Plain IEEE comparison, no tolerance.
    ///
    /// A target that leaves the range of numbers is not met: an overflow must not pass a release.
    #[must_use]
    pub fn is_met(&self, value: f64, baseline: Option<f64>) -> bool {
        match self.target_value(baseline) {
            None => true,
            Some(target) => target.is_finite() && self.operator.compare(value, target),
        }
    }

    /// Tells whether the target depends on earlier evaluations.
    #[must_use]
    pub fn is_relative(&self) -> bool {
        matches!(self.target, Target::Relative(..))
    }
}

impl Operator {
    /// The operators in the order in which Keptn tries them, longest first.
    const IN_ORDER: [(&'static str, Self); 5] = [
        ("<=", Self::LessOrEqual),
        ("<", Self::Less),
        ("=", Self::Equal),
        (">=", Self::GreaterOrEqual),
        (">", Self::Greater),
    ];

    /// Returns the operator as it is written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Equal => "=",
            Self::GreaterOrEqual => ">=",
            Self::Greater => ">",
        }
    }

    /// Compares a value with a target.
    #[expect(clippy::float_cmp, reason = "`=` is exact in Keptn")]
    fn compare(self, value: f64, target: f64) -> bool {
        match self {
            Self::Less => value < target,
            Self::LessOrEqual => value <= target,
            Self::Equal => value == target,
            Self::GreaterOrEqual => value >= target,
            Self::Greater => value > target,
        }
    }
}

impl FromStr for Criterion {
    type Err = CriterionError;

    /// Reads a criterion exactly as Keptn does (lighthouse.md 3.1), but refuses infinite targets and NaN.
    fn from_str(text: &str) -> Result<Self, CriterionError> {
        let compact: String = text.chars().filter(|c| *c != ' ').collect();
        if !compact.starts_with(['<', '=', '>', '|']) {
            return Err(CriterionError::Operator);
        }
        let (operator, rest) = Operator::IN_ORDER
            .iter()
            .find_map(|(symbol, operator)| Some((*operator, compact.strip_prefix(symbol)?)))
            .ok_or(CriterionError::Value)?;
        Ok(Self {
            operator,
            target: parse_target(rest)?,
        })
    }
}

/// Reads what follows the operator: sign, number, percent sign.
fn parse_target(text: &str) -> Result<Target, CriterionError> {
    let (text, percent) = match text.strip_suffix('%') {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let (direction, number) = match (text.strip_prefix('-'), text.strip_prefix('+')) {
        (Some(rest), _) => (Some(Direction::Decrease), rest),
        (None, Some(rest)) => (Some(Direction::Increase), rest),
        (None, None) => (percent.then_some(Direction::Increase), text),
    };
    let value = parse_number(number)?;
    let amount = if percent {
        Amount::Percent(value)
    } else {
        Amount::Absolute(value)
    };
    Ok(direction.map_or(Target::Fixed(value), |direction| {
        Target::Relative(direction, amount)
    }))
}

/// Reads the number of a target; infinities and NaN are told apart from nonsense.
fn parse_number(text: &str) -> Result<f64, CriterionError> {
    let unsigned = text
        .strip_prefix(['+', '-'])
        .unwrap_or(text)
        .to_ascii_lowercase();
    if matches!(unsigned.as_str(), "inf" | "infinity") || text.eq_ignore_ascii_case("nan") {
        return Err(CriterionError::NotFinite);
    }
    parse_go_float(text).ok_or(CriterionError::Value)
}

impl fmt::Display for Criterion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.operator.symbol())?;
        match self.target {
            Target::Fixed(value) => write!(f, "{value}"),
            Target::Relative(direction, amount) => {
                f.write_str(match direction {
                    Direction::Increase => "+",
                    Direction::Decrease => "-",
                })?;
                match amount {
                    Amount::Absolute(value) => write!(f, "{value}"),
                    Amount::Percent(value) => write!(f, "{value}%"),
                }
            }
        }
    }
}

/// A criterion together with the text that stands in the file, blanks included: reports echo it.
#[derive(Clone, Debug, PartialEq)]
pub struct WrittenCriterion {
    /// The text.
    text: String,
    /// What it means.
    criterion: Criterion,
}

impl WrittenCriterion {
    /// Returns the text as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns what the text means.
    #[must_use]
    pub fn criterion(&self) -> Criterion {
        self.criterion
    }
}

impl FromStr for WrittenCriterion {
    type Err = CriterionError;

    fn from_str(text: &str) -> Result<Self, CriterionError> {
        Ok(Self {
            text: text.to_owned(),
            criterion: text.parse()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Makes any criterion that a file can hold.
    fn criteria() -> impl Strategy<Value = Criterion> {
        let operator =
            prop::sample::select(Operator::IN_ORDER.map(|(_, operator)| operator).to_vec());
        let finite = prop::num::f64::NORMAL | prop::num::f64::ZERO | prop::num::f64::SUBNORMAL;
        let direction = prop::sample::select(vec![Direction::Increase, Direction::Decrease]);
        (operator, finite, direction, 0..3).prop_map(|(operator, value, direction, kind)| {
            Criterion {
                operator,
                target: match kind {
                    0 => Target::Fixed(value.abs()),
                    1 => Target::Relative(direction, Amount::Absolute(value)),
                    _ => Target::Relative(direction, Amount::Percent(value)),
                },
            }
        })
    }

    proptest! {
        #[test]
        fn a_criterion_prints_and_parses_back(criterion in criteria()) {
            prop_assert_eq!(criterion.to_string().parse::<Criterion>(), Ok(criterion));
        }

        #[test]
        fn no_text_panics(text in ".*") {
            let _parsed = text.parse::<Criterion>();
        }

        #[test]
        fn no_text_that_looks_like_a_criterion_panics(text in "[<>=|]{0,2}[-+ 0-9.exp_%infaINFA]{0,12}") {
            if let Ok(criterion) = text.parse::<Criterion>() {
                prop_assert_eq!(criterion.to_string().parse::<Criterion>(), Ok(criterion));
            }
        }
    }

    #[test]
    fn a_target_beyond_all_numbers_is_not_met() {
        let criterion: Criterion = "<=+100%".parse().unwrap();
        assert!(!criterion.is_met(1.0, Some(1e308)));
    }

    #[test]
    fn infinities_and_nan_are_refused_as_such() {
        for text in ["<Inf", "<+inf", "<-Infinity", "=NaN", "<nan%", "<--inf"] {
            assert_eq!(
                text.parse::<Criterion>(),
                Err(CriterionError::NotFinite),
                "{text}"
            );
        }
        assert_eq!("<++NaN".parse::<Criterion>(), Err(CriterionError::Value));
    }
}
