//! The table of all objectives.

use super::limit::{Limit, Purpose};
use super::markup::{Element, Markup, el, isolated};
use super::missed::region;
use super::quantity::{key_mark, value};
use super::runs::Runs;
use super::spark::sparkline;
use super::tone::Tone;
use crate::gate::{ObjectiveResult, Status};
use crate::report::change::{change, number};

/// The heads of the columns, and whether numbers stand in them.
const HEADS: [(&str, &str); 10] = [
    ("Status", ""),
    ("SLI", ""),
    ("Value", "n"),
    ("Baseline", "n"),
    ("Change", "n"),
    ("Passes if", ""),
    ("Warning if", ""),
    ("Share", "n"),
    ("Points", "n"),
    ("Course", ""),
];

/// Returns objectives, those that lost points and those that decide alone first, else in the order of the SLO. Each has
/// its number in that order.
pub(super) fn ordered(objectives: &[ObjectiveResult]) -> Vec<&ObjectiveResult> {
    let mut ordered: Vec<&ObjectiveResult> = objectives.iter().collect();
    ordered.sort_by_key(|objective| {
        let severity = match objective.status {
            Status::Fail => 0,
            Status::Warning => 1,
            Status::Pass => 2,
            Status::Info => 3,
        };
        (severity, !objective.key)
    });
    ordered
}

/// Writes the section; nothing where nothing was evaluated.
pub(super) fn objectives(ordered: &[&ObjectiveResult], runs: &Runs) -> Option<Element> {
    if ordered.is_empty() {
        return None;
    }
    let heads = HEADS.map(|(head, class)| {
        let cell = el("th").set("scope", "col").text(head);
        if class.is_empty() {
            cell
        } else {
            cell.class(class)
        }
    });
    let total = total(ordered);
    let rows = ordered.iter().enumerate();
    let rows = rows.map(|(index, objective)| row(objective, index, total, runs));
    let caption = "Every objective, with what it was compared with and the points that it earned";
    let table = el("table")
        .class("objectives")
        .set("id", "t")
        .add(el("caption").text(caption))
        .add(el("thead").add(el("tr").all(heads)))
        .add(el("tbody").all(rows));
    Some(
        el("section")
            .set("aria-labelledby", "objectives")
            .add(el("h2").set("id", "objectives").text("Objectives"))
            .add(region("Every objective", table)),
    )
}

/// Returns how many points can be earned by all; `None` where that is not known.
fn total(objectives: &[&ObjectiveResult]) -> Option<f64> {
    let mut points = objectives.iter().map(|objective| objective.maximum);
    points.try_fold(0.0, |sum, points| Some(sum + points?))
}

/// Writes the row of one objective.
fn row(objective: &ObjectiveResult, index: usize, total: Option<f64>, runs: &Runs) -> Element {
    let tone = Tone::of_status(objective.status);
    let name = el("a")
        .set("href", &format!("#s{index}"))
        .name(objective.shown_name());
    let name = el("th")
        .set("scope", "row")
        .add(name)
        .text(" ")
        .add(key_mark(objective));
    let baseline = objective.baseline.map(|baseline| number(baseline, &[]));
    let numbers = |text: Option<String>| el("td").class("n").text(&text.unwrap_or_default());
    el("tr")
        .class(tone.class())
        .add(el("td").add(tone.mark()))
        .add(name)
        .add(el("td").class("n strong").add(value(objective)))
        .add(numbers(baseline))
        .add(numbers(Some(change(objective))))
        .add(el("td").add(criteria(objective, Purpose::Pass)))
        .add(el("td").add(criteria(objective, Purpose::Warning)))
        .add(numbers(share(objective, total)))
        .add(el("td").class("n").add(points(objective)))
        .add(el("td").add(sparkline(objective, runs)))
}

/// Lists the criteria of one purpose, each with what it came to.
fn criteria(objective: &ObjectiveResult, purpose: Purpose) -> Markup {
    let limits = Limit::of(objective).filter(|limit| limit.purpose == purpose);
    let each = limits.map(|limit| {
        let written = el("code").text(limit.target.criteria.trim());
        let item = el("li").add(written);
        let item = match limit.number() {
            Some(limited) if limit.is_relative() => {
                let here = format!("limit {}", number(limited, &[]));
                item.text(" ").add(el("span").class("aside").text(&here))
            }
            None => {
                let note = el("span").class("aside").text("no baseline, so it is met");
                item.text(" ").add(note)
            }
            Some(_) => item,
        };
        if limit.is_missed() {
            item.text(" ").add(el("span").class("x").text("missed"))
        } else {
            item
        }
    });
    let each: Vec<Element> = each.collect();
    if each.is_empty() {
        return Markup::default();
    }
    el("ul").class("criteria").all(each).into()
}

/// Returns the part of the whole score that an objective can earn.
fn share(objective: &ObjectiveResult, total: Option<f64>) -> Option<String> {
    let (maximum, total) = (objective.maximum?, total?);
    if maximum == 0.0 || total == 0.0 {
        return None;
    }
    let percent = maximum / total * 100.0;
    Some(format!("{} %", crate::report::change::rounded(percent, 3)))
}

/// Returns the points that an objective earned of those that it could.
fn points(objective: &ObjectiveResult) -> Markup {
    match objective.maximum {
        Some(0.0) => el("span").class("none").text("not scored").into(),
        Some(maximum) => {
            let points = format!(
                "{} of {}",
                number(objective.score, &[]),
                number(maximum, &[])
            );
            isolated(&points).into()
        }
        None => {
            let points = format!("{} of an unknown number", number(objective.score, &[]));
            Markup::text(&points)
        }
    }
}
