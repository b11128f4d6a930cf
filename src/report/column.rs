//! The columns of the table: which are shown, and what stands in them.

use super::change::{change, number};
use super::text::{Charset, Mark, TextStyle, printable};
use crate::gate::{Criterion, ObjectiveResult, TargetResult};

/// The columns of the table.
#[derive(Clone, Copy)]
pub enum Column {
    /// What the objective came to.
    Status,
    /// Its name.
    Sli,
    /// The value.
    Value,
    /// The baseline.
    Baseline,
    /// The change against the baseline.
    Change,
    /// The criteria to pass by.
    Criteria,
    /// The points.
    Points,
}

impl Column {
    /// How many columns of text the whole table needs at least.
    const WIDE: u16 = 76;

    /// Returns the columns that are shown: on a narrow terminal those that decide.
    pub fn shown(width: u16) -> Vec<Self> {
        let all = [
            Self::Status,
            Self::Sli,
            Self::Value,
            Self::Baseline,
            Self::Change,
            Self::Criteria,
            Self::Points,
        ];
        let decides = |column: &Self| !matches!(column, Self::Baseline | Self::Change);
        all.into_iter()
            .filter(|column| width >= Self::WIDE || decides(column))
            .collect()
    }

    /// Returns the head of the column.
    pub fn title(self) -> &'static str {
        match self {
            Self::Status => "",
            Self::Sli => "SLI",
            Self::Value => "Value",
            Self::Baseline => "Baseline",
            Self::Change => "Change",
            Self::Criteria => "Passes if",
            Self::Points => "Points",
        }
    }

    /// Returns the text of one objective in the column.
    pub fn text(self, objective: &ObjectiveResult, style: TextStyle) -> String {
        match self {
            Self::Status => Mark::of_status(objective.status).plain(style),
            Self::Sli => {
                let key = if objective.key { " (key)" } else { "" };
                printable(objective.shown_name()) + key
            }
            Self::Value => value(objective),
            Self::Baseline => objective
                .baseline
                .map_or_else(String::new, |b| number(b, &[])),
            Self::Change => ascii(&change(objective), style),
            Self::Criteria => criteria(&objective.pass_targets, objective.baseline),
            Self::Points if objective.maximum == Some(0.0) => String::new(),
            Self::Points => {
                format!(
                    "{}/{}",
                    number(objective.score, &[]),
                    objective
                        .maximum
                        .map_or_else(|| "?".to_owned(), |maximum| number(maximum, &[]))
                )
            }
        }
    }
}

/// Returns the value with its unit.
fn value(objective: &ObjectiveResult) -> String {
    let unit = objective
        .unit
        .as_deref()
        .map(|unit| format!(" {}", printable(unit)));
    match objective.judged_value() {
        Some(value) => number(value, &objective.pass_targets) + &unit.unwrap_or_default(),
        None => "no value".to_owned(),
    }
}

/// Replaces what ASCII has no character for.
fn ascii(text: &str, style: TextStyle) -> String {
    match style.charset {
        Charset::Unicode => text.to_owned(),
        Charset::Ascii => text.replace('±', "+/-"),
    }
}

/// Lists criteria with the targets that they came to.
pub(super) fn criteria(targets: &[TargetResult], baseline: Option<f64>) -> String {
    let each = targets.iter().map(|target| {
        let text = printable(target.criteria.trim());
        match (target.criteria.parse::<Criterion>(), baseline) {
            (Ok(criterion), Some(_)) if criterion.is_relative() => {
                format!("{text} ({})", number(target.target_value, &[]))
            }
            (Ok(_) | Err(_), _) => text,
        }
    });
    each.collect::<Vec<_>>().join(", ")
}
