//! Which earlier evaluations this one was compared with, which were left out, and by which rules.

use super::markup::{Element, Markup, el, isolated};
use super::missed::region;
use super::quantity::count;
use super::tone::Tone;
use crate::gate::{
    AggregateFunction, Compared, Comparison, Evaluation, IncludedResults, Reference,
};
use crate::report::Account;
use crate::report::table::minute;

/// Writes the section; nothing where nothing was evaluated.
pub(super) fn comparison(account: &Account<'_>) -> Option<Element> {
    let evaluation = &account.record.evaluation;
    evaluation.objectives.as_ref()?;
    let compared = match evaluation.compared.as_slice() {
        [] => Markup::from(el("p").text("It was compared with no earlier evaluation.")),
        compared => region("Evaluations that were compared with", table(compared)).into(),
    };
    Some(
        el("section")
            .set("aria-labelledby", "comparison")
            .add(el("h2").set("id", "comparison").text("Comparison"))
            .add(rules(evaluation))
            .add(compared)
            .add(left_out(evaluation)),
    )
}

/// Says by which rules earlier evaluations were chosen.
fn rules(evaluation: &Evaluation) -> Element {
    let rules = el("p");
    match &evaluation.reference {
        Reference::Newest => rules.text(&chosen(evaluation.comparison)),
        Reference::Labelled(labels) => {
            let labels = labels.iter().map(|(key, value)| {
                let label = el("code").text(&format!("{key}={value}"));
                Markup::text(" ").and(label)
            });
            rules
                .text(&chosen(evaluation.comparison))
                .text(" Only evaluations with these labels count:")
                .all(labels)
                .text(".")
        }
        Reference::Pinned { evaluation, reason } => {
            let pinned = rules
                .text("The reference is pinned to ")
                .add(el("code").text(evaluation));
            if reason.is_empty() {
                pinned.text(".")
            } else {
                pinned.text(": ").name(reason)
            }
        }
        Reference::Evaluation(id) => rules
            .text("The reference is ")
            .add(el("code").text(id))
            .text(", chosen for this call."),
        Reference::File(path) => rules
            .text("The reference is the file ")
            .name(path)
            .text("."),
    }
}

/// Says what the SLO asks for.
fn chosen(comparison: Option<Comparison>) -> String {
    let Some(rules) = comparison else {
        return "Which earlier evaluations were asked for is not known.".to_owned();
    };
    let which = match rules.include {
        IncludedResults::Pass => " that passed",
        IncludedResults::PassOrWarning => " that passed or were a warning",
        IncludedResults::All => ", whatever their result",
    };
    let aggregate = match rules.aggregate {
        AggregateFunction::Average => "the average",
        AggregateFunction::P50 => "the median",
        AggregateFunction::P90 => "the 90th percentile",
        AggregateFunction::P95 => "the 95th percentile",
    };
    match rules.depth.get() {
        1 => format!("The SLO compares with the newest evaluation before it{which}."),
        depth => format!(
            "The SLO compares with {aggregate} of the {depth} newest evaluations before it{which}."
        ),
    }
}

/// Lists what was compared with.
fn table(compared: &[Compared]) -> Element {
    let heads = ["Stored", "Result", "Evaluation"];
    let heads = heads.map(|head| el("th").set("scope", "col").text(head));
    let rows = compared.iter().map(|past| {
        let time = past
            .time
            .map_or_else(|| "at an unknown time".to_owned(), minute);
        let result = match past.result {
            Some(verdict) => Tone::of_verdict(verdict).mark(),
            None => el("span").class("none").text("no result"),
        };
        el("tr")
            .add(el("th").set("scope", "row").text(&time))
            .add(el("td").add(result))
            .add(el("td").add(el("code").text(&past.id)))
    });
    let caption = count(compared.len(), "evaluation was", "evaluations were");
    let caption = format!("{caption} compared with, the newest first");
    el("table")
        .add(el("caption").text(&caption))
        .add(el("thead").add(el("tr").all(heads)))
        .add(el("tbody").all(rows))
}

/// Lists what was left out, and why.
fn left_out(evaluation: &Evaluation) -> Option<Element> {
    if evaluation.left_out.is_empty() {
        return None;
    }
    let each = evaluation.left_out.iter().map(|left| {
        el("li")
            .add(el("code").text(&left.id))
            .text(": ")
            .add(isolated(&left.reason))
    });
    let more = Some(evaluation.left_out_more).filter(|more| *more > 0);
    let more = more.map(|more| el("li").text(&format!("and {more} more")));
    Some(
        el("div")
            .add(el("h3").text("Left out of the comparison"))
            .add(el("ul").all(each.chain(more))),
    )
}
