//! Numbers with their units.

use super::markup::{Element, Markup, el};
use crate::gate::ObjectiveResult;
use crate::report::change::number;
use crate::report::printable;

/// Returns a number with its unit, as an element.
pub(super) fn quantity(shown: &str, unit: Option<&str>) -> Markup {
    let unit = unit.map(|unit| el("bdi").class("unit").text(unit));
    let gap = if unit.is_some() { "\u{a0}" } else { "" };
    Markup::text(shown).then(gap).and(unit)
}

/// Returns a number with its unit, as a text.
pub(super) fn quantity_text(shown: &str, unit: Option<&str>) -> String {
    unit.map_or_else(
        || shown.to_owned(),
        |unit| format!("{shown} {}", printable(unit)),
    )
}

/// Returns the number that an objective was judged by, in as many digits as its criteria need.
pub(super) fn judged(objective: &ObjectiveResult) -> Option<String> {
    let value = objective.judged_value()?;
    let warning = objective.warning_targets.iter().flatten();
    let targets: Vec<_> = objective.pass_targets.iter().chain(warning).collect();
    let targets: Vec<_> = targets.into_iter().cloned().collect();
    Some(number(value, &targets))
}

/// Returns the value of an objective with its unit, or that there is none.
pub(super) fn value(objective: &ObjectiveResult) -> Markup {
    match judged(objective) {
        Some(shown) => quantity(&shown, objective.unit.as_deref()),
        None => Markup::from(el("span").class("none").text("no value")),
    }
}

/// Returns the mark of an objective that decides alone.
pub(super) fn key_mark(objective: &ObjectiveResult) -> Option<Element> {
    objective
        .key
        .then(|| el("span").class("key").text("key SLI"))
}

/// Returns a count with its noun.
pub(super) fn count(number: usize, one: &str, several: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        number => format!("{number} {several}"),
    }
}
