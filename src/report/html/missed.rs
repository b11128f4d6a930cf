//! What failed: every criterion that was missed, and by how much.

use super::limit::{Limit, Purpose};
use super::markup::{Element, Markup, el, isolated};
use super::quantity::{key_mark, value};
use super::tone::Tone;
use crate::gate::{ObjectiveResult, Status};
use crate::report::printable;

/// Writes the section; nothing where no objective lost points.
pub(super) fn missed(objectives: &[&ObjectiveResult]) -> Option<Element> {
    let lost =
        |objective: &&&ObjectiveResult| matches!(objective.status, Status::Fail | Status::Warning);
    let rows: Vec<Markup> = objectives.iter().filter(lost).map(|o| rows(o)).collect();
    if rows.is_empty() {
        return None;
    }
    let heads = ["Status", "SLI", "Value", "Must be", "Missed by"];
    let heads = heads.map(|head| {
        let cell = el("th").set("scope", "col").text(head);
        if head == "Value" {
            cell.class("n")
        } else {
            cell
        }
    });
    let table = el("table")
        .class("missed")
        .add(el("caption").text("Criteria that were missed, the worst first"))
        .add(el("thead").add(el("tr").all(heads)))
        .add(el("tbody").all(rows));
    Some(
        el("section")
            .set("aria-labelledby", "missed")
            .add(el("h2").set("id", "missed").text(title(objectives)))
            .add(region("Criteria that were missed", table)),
    )
}

/// Returns what the section is called.
pub(super) fn title(objectives: &[&ObjectiveResult]) -> &'static str {
    let failed = |objective: &&ObjectiveResult| objective.status == Status::Fail;
    if objectives.iter().any(failed) {
        "What failed"
    } else {
        "What was missed"
    }
}

/// Lets a wide table be scrolled by itself, with the keyboard too.
pub(super) fn region(name: &str, table: Element) -> Element {
    el("div")
        .class("scroll")
        .set("role", "region")
        .set("aria-label", name)
        .set("tabindex", "0")
        .add(table)
}

/// Writes the rows of one objective: one for each criterion that it missed.
fn rows(objective: &ObjectiveResult) -> Markup {
    let limits: Vec<Limit<'_>> = Limit::of(objective).filter(Limit::is_missed).collect();
    let cells: Vec<Markup> = if limits.is_empty() {
        vec![without_limits(objective)]
    } else {
        limits.iter().map(cells).collect()
    };
    let height = cells.len().to_string();
    let tall = |cell: Element| {
        if height == "1" {
            cell
        } else {
            cell.set("rowspan", &height)
        }
    };
    let name = el("th")
        .set("scope", "row")
        .name(objective.shown_name())
        .text(" ")
        .add(key_mark(objective));
    let mark = Tone::of_status(objective.status).mark();
    let head = Markup::from(tall(el("td").add(mark)))
        .and(tall(name))
        .and(tall(el("td").class("n strong").add(value(objective))));
    let mut cells = cells.into_iter();
    let first = cells.next().unwrap_or_default();
    let first = el("tr").class("first").add(head.and(first));
    let rest = cells.map(|cells| el("tr").add(cells));
    Markup::from(first).and(rest.collect::<Markup>())
}

/// Writes what a criterion asked for, and by how much it was missed.
fn cells(limit: &Limit<'_>) -> Markup {
    let purpose = match limit.purpose {
        Purpose::Pass => "to pass",
        Purpose::Warning => "for a warning",
    };
    let words = el("td")
        .name(&limit.words())
        .text(" ")
        .add(el("span").class("aside").text(purpose));
    let words = match limit.origin() {
        Some(origin) => words
            .add(el("br"))
            .add(el("span").class("aside").text(&origin)),
        None => words,
    };
    let Some((gap, share)) = limit.gap() else {
        return Markup::from(words).and(el("td"));
    };
    let gap_cell = el("td").add(isolated(&gap).class("gap"));
    let gap_cell = match share {
        Some(share) => {
            let share = el("span")
                .class("aside")
                .text(&format!("{share} of the limit"));
            gap_cell.add(el("br")).add(share)
        }
        None => gap_cell,
    };
    Markup::from(words).and(gap_cell)
}

/// Says why an objective lost points where no criterion tells: it had no value.
fn without_limits(objective: &ObjectiveResult) -> Markup {
    let value = objective.value.as_ref();
    let message = value.map_or("", |value| value.message.as_str());
    let message = if message.is_empty() {
        "no reason was given"
    } else {
        message
    };
    let reason = format!("There is no value: {}", printable(message));
    el("td").set("colspan", "2").name(&reason).into()
}
