//! The last evaluations at a glance: a row for the score and for each objective, a column for each evaluation.

use super::markup::{Element, Markup, el, isolated};
use super::quantity::quantity_text;
use super::runs::{Run, Runs};
use super::tone::Tone;
use crate::gate::{ObjectiveResult, TrendValue};
use crate::report::Account;
use crate::report::change::{rounded, score};

/// How many digits a number in a cell has at most.
const DIGITS: usize = 5;

/// Writes the section. Where there is no earlier evaluation it says so.
pub(super) fn heatmap(account: &Account<'_>, ordered: &[&ObjectiveResult], runs: &Runs) -> Element {
    let section = el("section")
        .set("aria-labelledby", "runs")
        .add(el("h2").set("id", "runs").text("Last evaluations"));
    if !runs.has_earlier() {
        let text = match account.trend {
            Some(_) => "There is no earlier evaluation of this series to show.",
            None => "The earlier evaluations of this series were not read.",
        };
        return section.add(el("p").text(text));
    }
    let earlier = runs.0.len().saturating_sub(1);
    let heads = runs.0.iter().enumerate().map(|(index, run)| {
        let (class, note) = match (&run.point.invalidated, run.compared) {
            _ if index == earlier => ("now", "this evaluation"),
            (Some(_), _) => ("gone", "invalidated"),
            (None, true) => ("base", "compared with"),
            (None, false) => ("", ""),
        };
        head(run, class, note)
    });
    let corner = el("td").text("oldest first, this one last");
    let rows = ordered.iter().enumerate();
    let rows = rows.map(|(index, objective)| row(objective, index, runs));
    let table = el("table")
        .class("heat")
        .set("id", "h")
        .add(el("caption").text("What the score and each SLI were in the last evaluations"))
        .add(el("thead").add(el("tr").add(corner).all(heads)))
        .add(el("tbody").add(scores(runs)).all(rows));
    section.add(legend()).add(super::missed::region(
        "Table of the last evaluations",
        table,
    ))
}

/// Writes the head of the column of one evaluation, and what there is to note of it.
fn head(run: &Run, class: &'static str, note: &'static str) -> Element {
    let name = match &run.link {
        Some(link) => el("a").link(link).name(&run.name),
        None => isolated(&run.name),
    };
    let cell = el("th").set("scope", "col");
    let name = el("span").add(name);
    if note.is_empty() {
        return cell.add(name);
    }
    let note = el("small").text(note);
    cell.class(class).add(name.text(" ").add(note))
}

/// Writes the row of the scores.
fn scores(runs: &Runs) -> Element {
    let cells = runs.0.iter().map(|run| {
        let tone = Tone::of_ending(run.point.ending);
        let value = run.point.score.map(score);
        let words = match &value {
            Some(value) => format!("{}, {value}", tone.word()),
            None => format!("{}, no score", tone.word()),
        };
        cell(tone, value.as_deref(), &words)
    });
    let head = el("th").set("scope", "row").text("Score");
    el("tr").class("total").add(head).all(cells)
}

/// Writes the row of one objective.
fn row(objective: &ObjectiveResult, index: usize, runs: &Runs) -> Element {
    let name = el("a")
        .set("href", &format!("#s{index}"))
        .name(objective.shown_name());
    let course = runs.course(objective.indicator.as_str());
    let unit = objective.unit.as_deref();
    let cells = course.into_iter().map(|value| match value {
        Some(value) => value_cell(value, unit),
        None => el("td").set("aria-label", "not evaluated"),
    });
    el("tr")
        .class(Tone::of_status(objective.status).class())
        .add(el("th").set("scope", "row").add(name))
        .all(cells)
}

/// Writes what one objective was in one evaluation.
fn value_cell(value: TrendValue, unit: Option<&str>) -> Element {
    let tone = Tone::of_status(value.status);
    let shown = value.value.map(|value| rounded(value, DIGITS));
    let words = match &shown {
        Some(shown) => format!("{}, {}", tone.word(), quantity_text(shown, unit)),
        None => format!("{}, no value", tone.word()),
    };
    cell(tone, shown.as_deref(), &words)
}

/// Writes a cell: a sign and a number to see, the words to hear.
fn cell(tone: Tone, shown: Option<&str>, words: &str) -> Element {
    // Without a number the tile is empty: an outline.
    let empty = if shown.is_some() { "" } else { " z" };
    let cell = el("td")
        .set("class", &format!("{}{empty}", tone.class()))
        .set("aria-label", words)
        .text(tone.sign())
        .text(" ");
    cell.add(el("i").text(shown.unwrap_or("–")))
}

/// Explains the signs.
fn legend() -> Element {
    let each = Tone::ALL.map(|tone| {
        let sign = el("span")
            .set("class", &format!("tile {}", tone.class()))
            .set("aria-hidden", "true")
            .text(tone.sign());
        el("li").add(sign).text(" ").text(tone.word())
    });
    let none = el("li").text("blank: not part of that evaluation");
    let all: Markup = each.into_iter().chain([none]).collect();
    el("ul").class("legend").add(all)
}
