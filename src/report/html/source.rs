//! The SLO as it was judged by, with the lines marked that were missed.

use std::collections::BTreeMap;

use super::limit::Limit;
use super::markup::{Element, Markup, el, isolated};
use crate::gate::{ObjectiveResult, Record, Status};
use crate::report::slo_lines::SloLines;

/// Writes the section.
pub(super) fn source(record: &Record) -> Element {
    let section = el("section")
        .set("aria-labelledby", "slo")
        .add(el("h2").set("id", "slo").text("SLO"));
    let file = &record.slo_file;
    if file.content.is_empty() {
        return section.add(el("p").text("The SLO file was not stored with this evaluation."));
    }
    let path = (!file.path.is_empty()).then(|| el("p").class("aside").name(&file.path));
    let marks = marks(record);
    let lines: Vec<&str> = file.content.lines().collect();
    let width = lines.len().to_string().len();
    let lines = lines.into_iter().enumerate().map(|(index, text)| {
        let number = index + 1;
        line(text, &format!("{number:>width$}"), marks.get(&number))
    });
    let code = el("code").all(lines);
    let pre = el("pre")
        .class("slo")
        .set("id", "c")
        .set("tabindex", "0")
        .add(code);
    section.add(path).add(pre)
}

/// Writes one line; what was missed there follows it.
fn line(text: &str, number: &str, mark: Option<&Vec<String>>) -> Markup {
    let number = el("span").class("no").text(number);
    let text = el("span").class("t").add(Markup::preformatted(text));
    let line = Markup::from(number).then("  ").and(text);
    let Some(notes) = mark else {
        return line.and(Markup::preformatted("\n"));
    };
    let notes = isolated(&format!("   ← {}", notes.join("; "))).class("why");
    Markup::from(el("mark").add(line.and(notes))).and(Markup::preformatted("\n"))
}

/// Returns what was missed, by the number of the line that asks for it.
fn marks(record: &Record) -> BTreeMap<usize, Vec<String>> {
    let lines = SloLines::of(record);
    let objectives = record.evaluation.objectives().iter();
    let lost = objectives.filter(|o| matches!(o.status, Status::Fail | Status::Warning));
    let mut marks: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (number, note) in lost.flat_map(|objective| notes(objective, &lines)) {
        let notes = marks.entry(number).or_default();
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    marks
}

/// Returns what one objective missed, each with its line.
fn notes(objective: &ObjectiveResult, lines: &SloLines) -> Vec<(usize, String)> {
    let missed = Limit::of(objective).filter(Limit::is_missed);
    let missed = missed.map(|limit| (lines.target(objective, limit.target), limit.sentence()));
    let missed: Vec<(usize, String)> = missed.collect();
    if missed.is_empty() {
        return vec![(lines.objective(objective), "has no value".to_owned())];
    }
    missed
}
