//! One criterion in words: what it asks for here, where that comes from, and by how much it was missed.

use super::quantity::{judged, quantity_text};
use crate::gate::{Amount, Criterion, Direction, ObjectiveResult, Operator, Target, TargetResult};
use crate::report::change::{number, rounded};
use crate::report::printable;

/// What a criterion is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To pass.
    Pass,
    /// To be a warning.
    Warning,
}

/// A criterion of an objective, with what it came to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit<'a> {
    /// What it is for.
    pub purpose: Purpose,
    /// What it came to.
    pub target: &'a TargetResult,
    /// The criterion; `None` where another program stored one that can't be read.
    pub criterion: Option<Criterion>,
    /// Whose it is.
    objective: &'a ObjectiveResult,
}

impl<'a> Limit<'a> {
    /// Returns the limits of an objective: those to pass by, then those to be a warning by.
    pub(super) fn of(objective: &'a ObjectiveResult) -> impl Iterator<Item = Self> {
        let pass = objective.pass_targets.iter();
        let warning = objective.warning_targets.iter().flatten();
        let pass = pass.map(|target| (Purpose::Pass, target));
        let all = pass.chain(warning.map(|target| (Purpose::Warning, target)));
        all.map(move |(purpose, target)| Self {
            purpose,
            target,
            criterion: target.criteria.parse().ok(),
            objective,
        })
    }

    /// Tells whether the value missed it.
    pub(super) fn is_missed(&self) -> bool {
        self.target.violated && self.objective.judged_value().is_some()
    }

    /// Returns the number that the value was compared with; `None` for one relative to a baseline that is not there.
    pub(super) fn number(&self) -> Option<f64> {
        let lacks = self.is_relative() && self.objective.baseline.is_none();
        (!lacks).then_some(self.target.target_value)
    }

    /// Tells whether it depends on earlier evaluations.
    pub(super) fn is_relative(&self) -> bool {
        self.criterion.is_some_and(|c| c.is_relative())
    }

    /// Says what it asks for: `at most 561 ms`.
    pub(super) fn words(&self) -> String {
        let Some(limit) = self.number() else {
            return "anything, while there is no baseline".to_owned();
        };
        let shown = quantity_text(&number(limit, &[]), self.objective.unit.as_deref());
        let Some(criterion) = self.criterion else {
            return format!("{} ({shown})", printable(self.target.criteria.trim()));
        };
        let word = match criterion.operator {
            Operator::Less => "below",
            Operator::LessOrEqual => "at most",
            Operator::Equal => "exactly",
            Operator::GreaterOrEqual => "at least",
            Operator::Greater => "above",
        };
        format!("{word} {shown}")
    }

    /// Says where a relative limit comes from: `10 % above the baseline of 510`.
    pub(super) fn origin(&self) -> Option<String> {
        let Target::Relative(direction, amount) = self.criterion?.target else {
            return None;
        };
        let baseline = number(self.objective.baseline?, &[]);
        let (amount, unit) = match amount {
            Amount::Absolute(amount) => (amount, ""),
            Amount::Percent(amount) => (amount, " %"),
        };
        let side = match direction {
            Direction::Increase => "above",
            Direction::Decrease => "below",
        };
        if amount == 0.0 {
            return Some(format!("the baseline of {baseline}"));
        }
        let amount = number(amount, &[]);
        Some(format!("{amount}{unit} {side} the baseline of {baseline}"))
    }

    /// Says by how much it was missed: `40.2 ms too high`; with the share of the limit, where there is one.
    pub(super) fn gap(&self) -> Option<(String, Option<String>)> {
        let (value, limit) = (self.objective.judged_value()?, self.number()?);
        let gap = value - limit;
        if gap == 0.0 {
            return Some(("exactly on the limit".to_owned(), None));
        }
        if !gap.is_finite() {
            return None;
        }
        let side = if gap > 0.0 { "too high" } else { "too low" };
        let shown = quantity_text(&rounded(gap.abs(), 4), self.objective.unit.as_deref());
        Some((format!("{shown} {side}"), share(gap, limit)))
    }

    /// Returns the operator and the number as a drawing has room for: `≤ 561`.
    pub(super) fn short(&self) -> Option<String> {
        let operator = match self.criterion?.operator {
            Operator::Less => "<",
            Operator::LessOrEqual => "≤",
            Operator::Equal => "=",
            Operator::GreaterOrEqual => "≥",
            Operator::Greater => ">",
        };
        Some(format!("{operator} {}", rounded(self.number()?, 5)))
    }

    /// Says all in one sentence, as it follows the name of the objective.
    pub(super) fn sentence(&self) -> String {
        let value = judged(self.objective).unwrap_or_default();
        let value = quantity_text(&value, self.objective.unit.as_deref());
        format!("is {value}, must be {}", self.words())
    }
}

/// Returns a gap in per cent of a limit.
fn share(gap: f64, limit: f64) -> Option<String> {
    let percent = (gap / limit * 100.0).abs();
    match percent {
        p if !p.is_finite() => None,
        p if p < 0.05 => Some("less than 0.1 %".to_owned()),
        p if p >= 1000.0 => Some(format!("{p:.0} %")),
        p => Some(format!("{p:.1} %")),
    }
}
