//! What a reader should know besides: warnings, decisions of policies, missing baselines, values that nobody asked for.

use super::markup::{Element, el};
use crate::gate::{Conclusion, Record};
use crate::report::explain;
use crate::report::printable;

/// Writes the section; nothing where there is nothing to say.
pub(super) fn notes(record: &Record) -> Option<Element> {
    let policies = record.evaluation.decided_by_policy();
    let policies = policies.map(|objective| format!("Policy: {}", explain::policy(objective)));
    let warnings = record.warnings.iter();
    let warnings = warnings.map(|warning| format!("Warning: {}", printable(warning)));
    let notes: Vec<Element> = policies
        .chain(without_baseline(record))
        .chain(unknown(record))
        .chain(unused(record))
        .chain(warnings)
        .map(|note| el("li").name(&note))
        .collect();
    (!notes.is_empty()).then(|| {
        el("section")
            .set("aria-labelledby", "notes")
            .add(el("h2").set("id", "notes").text("What to know"))
            .add(el("ul").class("notes").all(notes))
    })
}

/// Says which relative criteria had nothing to be compared with.
fn without_baseline(record: &Record) -> Option<String> {
    let objectives = record.evaluation.objectives().iter();
    let names: Vec<String> = objectives
        .filter(|objective| objective.lacks_baseline())
        .map(|objective| printable(objective.shown_name()))
        .collect();
    let consequence = match record.evaluation.conclusion {
        Conclusion::Inconclusive(_) => "",
        Conclusion::Scored | Conclusion::RetrievalErrored | Conclusion::NotSucceeded(_) => {
            ", so criteria that are relative to one are met"
        }
    };
    let names = names.join(", ");
    (!names.is_empty()).then(|| format!("There is no baseline of {names}{consequence}."))
}

/// Says what the event of another program does not tell.
fn unknown(record: &Record) -> Option<String> {
    let evaluation = &record.evaluation;
    let missing = [
        (record.window.is_none(), "the window"),
        (
            evaluation.total_score.is_none(),
            "the scores that were needed",
        ),
        (
            evaluation.maximum.is_none(),
            "the points that could be earned",
        ),
        (
            evaluation.comparison.is_none(),
            "the rules of the comparison",
        ),
    ];
    let missing: Vec<&str> = missing
        .iter()
        .filter(|(is_missing, _)| *is_missing)
        .map(|(_, name)| *name)
        .collect();
    let list = missing.join(", ");
    (!list.is_empty()).then(|| {
        format!("Another program stored this evaluation; what its event does not tell: {list}.")
    })
}

/// Names the values that no objective asks for.
fn unused(record: &Record) -> Option<String> {
    let names: Vec<String> = record
        .evaluation
        .unused
        .iter()
        .map(|name| printable(name))
        .collect();
    let names = names.join(", ");
    (!names.is_empty()).then(|| format!("No objective uses these values: {names}."))
}
