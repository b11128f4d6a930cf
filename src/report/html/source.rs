//! The SLO as it was judged by, with the lines marked that were missed.

use std::collections::BTreeMap;

use super::limit::Limit;
use super::markup::{Element, Markup, el, isolated};
use crate::gate::{ObjectiveResult, Record, Status};
use crate::report::printable;
use crate::report::slo_lines::line_of;

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
    let objectives = record.evaluation.objectives();
    let starts: Vec<usize> = objectives
        .iter()
        .map(|objective| line_of(record, objective))
        .collect();
    let mut marks: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let lost = objectives.iter().zip(&starts).filter(|(objective, _)| {
        matches!(objective.status, Status::Fail | Status::Warning)
    });
    for (objective, start) in lost {
        let later = starts.iter().filter(|other| *other > start);
        let end = later.min().copied().unwrap_or(usize::MAX);
        for (number, note) in notes(record, objective, *start, end) {
            let notes = marks.entry(number).or_default();
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
    }
    marks
}

/// Returns what one objective missed, each with its line; what has none of its own goes to the line of the objective.
fn notes(
    record: &Record,
    objective: &ObjectiveResult,
    start: usize,
    end: usize,
) -> Vec<(usize, String)> {
    let missed: Vec<Limit<'_>> = Limit::of(objective).filter(Limit::is_missed).collect();
    if missed.is_empty() {
        let name = printable(objective.shown_name());
        return vec![(start, format!("{name} has no value"))];
    }
    let lines = record.slo_file.content.lines().enumerate();
    let lines: Vec<(usize, &str)> = lines
        .map(|(index, line)| (index + 1, line))
        .filter(|(number, _)| (start..end).contains(number))
        .collect();
    let mut used: BTreeMap<&str, usize> = BTreeMap::new();
    let each = missed.iter().map(|limit| {
        let written = limit.target.criteria.trim();
        let places = || lines.iter().filter(|(_, line)| holds(line, written));
        // The same criterion may stand there twice: to pass, and to be a warning.
        let times = used.entry(written).or_default();
        let found = places().nth(*times).or_else(|| places().last());
        *times += 1;
        let number = found.map_or(start, |(number, _)| *number);
        (number, limit.sentence())
    });
    each.collect()
}

/// Tells whether a line holds a criterion, and not a longer one that contains it, nor a comment on it.
fn holds(line: &str, written: &str) -> bool {
    let line = line.split(" #").next().unwrap_or_default();
    let ends = |character: Option<char>| {
        character.is_none_or(|c| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '[' | ']' | '}'))
    };
    !written.is_empty()
        && line.match_indices(written).any(|(at, _)| {
            let before = line.get(..at).and_then(|before| before.chars().next_back());
            let after = line.get(at + written.len()..);
            ends(before) && ends(after.and_then(|after| after.chars().next()))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_criterion_is_found_whole_and_outside_of_comments() {
        assert!(holds("      - \"<600\"   # ms", "<600"));
        assert!(holds("  pass: [{criteria: [<600, <=+10%]}]", "<=+10%"));
        assert!(!holds("      - \"<6000\"", "<600"));
        assert!(!holds("      - \"<=5\"  # was \"<600\"", "<600"));
        assert!(!holds("anything", ""));
    }
}
