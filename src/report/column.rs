//! The columns of the table: which are shown, and what stands in them.

use unicode_width::UnicodeWidthStr;

use super::change::{change, number};
use super::sparkline::sparkline;
use super::text::{Charset, Mark, TextStyle, printable};
use crate::gate::{Criterion, ObjectiveResult, TargetResult, Trend};

/// The columns of the table.
#[derive(Clone, Copy, PartialEq, Eq)]
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
    /// The criteria to be a warning by.
    WarningCriteria,
    /// The points.
    Points,
    /// The values of earlier evaluations, and this one.
    Trend,
}

/// What the columns are drawn from.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The objectives.
    pub objectives: &'a [ObjectiveResult],
    /// The evaluations before, where they are known.
    pub trend: Option<&'a Trend>,
    /// How text is drawn.
    pub style: TextStyle,
}

impl Column {
    /// How many columns of text the comparison needs at least.
    const WIDE: u16 = 76;
    /// What stands around the text of a column.
    const FRAME: usize = 3;
    /// The least room that names need.
    const LEAST_NAME: usize = 12;
    /// The widest word of a name that is kept in one piece.
    const WIDEST_WORD: usize = 24;
    /// How many columns of text everything needs at least.
    const WIDEST: u16 = 120;

    /// Returns the columns that are shown: those that decide, and, where there is room, those that tell more. A column
    /// that would be empty is none.
    pub fn shown(view: View<'_>) -> Vec<Self> {
        let View {
            objectives,
            trend,
            style,
        } = view;
        let is_wide = style.width >= Self::WIDE;
        let is_widest = style.width >= Self::WIDEST;
        let is_compared = objectives.iter().any(|one| one.baseline.is_some());
        let mut warning_targets = objectives.iter().flat_map(|one| &one.warning_targets);
        let can_warn = warning_targets.any(|targets| !targets.is_empty());
        let has_trend = trend.is_some_and(|trend| !trend.points.is_empty());
        let all = [
            (Self::Status, true),
            (Self::Sli, true),
            (Self::Value, true),
            (Self::Baseline, is_wide && is_compared),
            (Self::Change, is_wide && is_compared),
            (Self::Criteria, true),
            (Self::WarningCriteria, is_widest && can_warn),
            (Self::Points, true),
            (Self::Trend, is_widest && has_trend),
        ];
        let shown = all.into_iter().filter(|(_, is_shown)| *is_shown);
        let mut shown: Vec<Self> = shown.map(|(column, _)| column).collect();
        // What tells more gives way to what decides: no number is ever broken.
        for optional in [
            Self::Trend,
            Self::WarningCriteria,
            Self::Baseline,
            Self::Change,
        ] {
            if !Self::fit(&shown, view) {
                shown.retain(|column| *column != optional);
            }
        }
        shown
    }

    /// Tells whether columns fit without breaking a number.
    pub fn fit(columns: &[Self], view: View<'_>) -> bool {
        let widths = columns
            .iter()
            .map(|column| column.least(view) + Self::FRAME);
        // Nothing stands behind the last one.
        widths.sum::<usize>() <= usize::from(view.style.width) + 1
    }

    /// Returns how wide the column must be at least, so that no number breaks.
    pub fn least(self, view: View<'_>) -> usize {
        let texts = view.objectives.iter().map(|one| self.text(one, view));
        match self {
            Self::Sli => {
                let names: Vec<String> = texts.collect();
                let widest = names.iter().map(|name| name.width()).max();
                let words = names.iter().flat_map(|name| name.split(' '));
                let word = words.map(UnicodeWidthStr::width).max();
                let word = word.unwrap_or_default().min(Self::WIDEST_WORD);
                widest.unwrap_or_default().min(Self::LEAST_NAME).max(word)
            }
            Self::Criteria | Self::WarningCriteria => {
                let pieces = texts.filter_map(|text| {
                    let pieces = text.split(' ').map(UnicodeWidthStr::width);
                    pieces.max()
                });
                pieces.max().unwrap_or_default().max(self.title().len())
            }
            Self::Status
            | Self::Value
            | Self::Baseline
            | Self::Change
            | Self::Points
            | Self::Trend => {
                let widest = texts.map(|text| text.width()).max().unwrap_or_default();
                widest.max(self.title().len())
            }
        }
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
            Self::WarningCriteria => "Warns if",
            Self::Points => "Points",
            Self::Trend => "Trend",
        }
    }

    /// Returns the text of one objective in the column.
    pub fn text(self, objective: &ObjectiveResult, view: View<'_>) -> String {
        let style = view.style;
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
            Self::Criteria => firm_criteria(&objective.pass_targets, objective.baseline),
            Self::WarningCriteria => {
                let targets = objective.warning_targets.as_deref();
                firm_criteria(targets.unwrap_or_default(), objective.baseline)
            }
            Self::Trend => trend(objective, view),
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

/// How many values a trend shows.
const MOST_VALUES: usize = 24;

/// Draws the values of earlier evaluations, the oldest first, and this one.
fn trend(objective: &ObjectiveResult, view: View<'_>) -> String {
    let points = view.trend.iter().flat_map(|trend| &trend.points);
    let name = objective.indicator.as_str();
    let earlier = points.map(|point| point.values.get(name)?.value);
    let newest_first = [objective.judged_value()].into_iter().chain(earlier);
    let mut values: Vec<Option<f64>> = newest_first.take(MOST_VALUES).collect();
    values.reverse();
    sparkline(&values, view.style.charset)
}

/// A blank that does not end a line: a criterion stays in one piece as long as it fits.
pub const FIRM_BLANK: char = '\u{a0}';

/// Returns each criterion with the target that it came to.
fn each_criterion(targets: &[TargetResult], baseline: Option<f64>) -> Vec<String> {
    let each = targets.iter().map(|target| {
        let text = printable(target.criteria.trim());
        match (target.criteria.parse::<Criterion>(), baseline) {
            (Ok(criterion), Some(_)) if criterion.is_relative() => {
                format!("{text} ({})", number(target.target_value, &[]))
            }
            (Ok(_) | Err(_), _) => text,
        }
    });
    each.collect()
}

/// Returns criteria in one line, as files hold them.
pub(super) fn criteria(targets: &[TargetResult], baseline: Option<f64>) -> String {
    each_criterion(targets, baseline).join(", ")
}

/// Returns criteria in one line that breaks between two of them only.
fn firm_criteria(targets: &[TargetResult], baseline: Option<f64>) -> String {
    let each = each_criterion(targets, baseline).into_iter();
    let firm = each.map(|text| text.replace(' ', &FIRM_BLANK.to_string()));
    firm.collect::<Vec<_>>().join(", ")
}
