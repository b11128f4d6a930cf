//! One card for each SLI: its value, its course, and where the number comes from.

use super::chart::Chart;
use super::markup::{Element, Markup, el};
use super::quantity::{count, key_mark, value};
use super::reading::reading;
use super::runs::Runs;
use super::tone::Tone;
use crate::gate::{ObjectiveResult, Reading, Record};
use crate::report::change::{change, number};
use crate::report::explain;

/// Writes the section of all cards; nothing where there is nothing to tell of any SLI.
pub(super) fn cards(record: &Record, ordered: &[&ObjectiveResult], runs: &Runs) -> Option<Element> {
    let cards = ordered.iter().enumerate();
    let cards: Markup = cards
        .map(|(index, objective)| card(record, objective, index, runs))
        .collect();
    let others = others(record);
    if cards.is_empty() && others.is_none() {
        return None;
    }
    let key = "Each on an axis of its own, over the last evaluations. ● pass, ■ warning, ✕ fail; the ring is this \
               evaluation; a gap has no value. Dashed: the limit to pass; dotted: the limit for a warning; thin: the baseline, all three as \
               they are in this evaluation. Shaded: beyond every limit.";
    let key = (!ordered.is_empty()).then(|| el("p").class("key-to").text(key));
    Some(
        el("section")
            .set("aria-labelledby", "slis")
            .add(el("h2").set("id", "slis").text("Each SLI"))
            .add(key)
            .add(el("div").class("cards").add(cards))
            .add(others),
    )
}

/// Writes the card of one objective.
fn card(record: &Record, objective: &ObjectiveResult, index: usize, runs: &Runs) -> Element {
    let tone = Tone::of_status(objective.status);
    let title = el("h3")
        .name(objective.shown_name())
        .text(" ")
        .add(key_mark(objective));
    let shown_name = objective.shown_name();
    let indicator = objective.indicator.as_str();
    let indicator = (shown_name != indicator).then(|| el("code").class("aside").text(indicator));
    let now = el("p")
        .class("current")
        .add(tone.mark())
        .text(" ")
        .add(el("b").add(value(objective)))
        .text(" ")
        .add(el("span").class("aside").text(&against(objective)));
    let policy = objective.policy.is_some().then(|| {
        let text = explain::policy(objective);
        el("p").class("note").name(&text)
    });
    let chart = Chart::of(objective, runs);
    let caption = el("p")
        .class("aside")
        .add(caption(objective, chart.as_ref(), runs));
    let mut readings = record.readings.iter();
    let found = readings.find(|reading| reading.indicator == objective.indicator);
    el("article")
        .set("class", &format!("card {}", tone.class()))
        .set("id", &format!("s{index}"))
        .add(title)
        .add(indicator)
        .add(now)
        .add(policy)
        .add(chart.as_ref().map(Chart::draw))
        .add(caption)
        .add(found.map(reading))
}

/// Says how the value stands against the baseline.
fn against(objective: &ObjectiveResult) -> String {
    let Some(baseline) = objective.baseline else {
        return String::new();
    };
    let baseline = number(baseline, &[]);
    match change(objective).as_str() {
        "" => format!("baseline {baseline}"),
        change => format!("{change} against the baseline of {baseline}"),
    }
}

/// Says what the drawing shows.
fn caption(objective: &ObjectiveResult, chart: Option<&Chart<'_>>, runs: &Runs) -> Markup {
    let course = runs.course(objective.indicator.as_str());
    let without = course
        .iter()
        .flatten()
        .filter(|value| value.value.is_none());
    let without = without.count();
    let gaps = match without {
        0 => String::new(),
        number => format!(
            " {} without a value.",
            count(number, "evaluation", "evaluations")
        ),
    };
    let Some(chart) = chart else {
        return Markup::text("There is no value to draw.");
    };
    if !runs.has_earlier() {
        return Markup::text("There are no earlier values to draw.");
    }
    let text = format!("{}{gaps}", chart.summary());
    super::markup::isolated(&text).into()
}

/// Writes the readings that no objective uses.
fn others(record: &Record) -> Option<Element> {
    let objectives = record.evaluation.objectives();
    let unused = |reading: &&Reading| {
        let uses = |objective: &ObjectiveResult| objective.indicator == reading.indicator;
        !objectives.iter().any(uses)
    };
    let each: Vec<Element> = record
        .readings
        .iter()
        .filter(unused)
        .map(|other| {
            el("article")
                .class("card")
                .add(el("h4").name(other.indicator.as_str()))
                .add(reading(other))
        })
        .collect();
    (!each.is_empty()).then(|| {
        el("div")
            .add(el("h3").text("SLIs that no objective uses"))
            .add(el("div").class("cards").all(each))
    })
}
