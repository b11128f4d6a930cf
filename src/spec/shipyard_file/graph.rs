//! What the triggers of a shipyard come to: whom they wait for, and whether they ever stop.

use super::{LocatedStage, sequence_names};
use crate::sequence::{Selector, Sequence, Trigger};
use crate::spec::findings::Findings;
use crate::spec::problem::quoted;
use crate::spec::similar;
use crate::spec::source::Span;

/// A trigger, with whose it is.
struct Edge<'a> {
    /// The sequence that is triggered.
    to: (&'a str, &'a str),
    /// What triggers it.
    trigger: &'a Trigger,
    /// Where its event stands.
    place: Span,
}

/// Checks all triggers of a shipyard.
pub(super) fn check(findings: &mut Findings<'_>, stages: &[LocatedStage]) {
    let edges: Vec<Edge<'_>> = stages.iter().flat_map(edges_of).collect();
    for edge in &edges {
        check_target(findings, stages, edge);
    }
    check_loops(findings, stages, &edges);
}

/// Returns the triggers of a stage.
fn edges_of(located: &LocatedStage) -> impl Iterator<Item = Edge<'_>> {
    let sequences = located.stage.sequences.iter().zip(&located.triggers);
    sequences.flat_map(|(sequence, places)| {
        let to = (located.stage.name.as_str(), sequence.name.as_str());
        let triggers = sequence.triggered_on.iter().zip(places);
        triggers.map(move |(trigger, place)| Edge {
            to,
            trigger,
            place: *place,
        })
    })
}

/// Warns where a trigger waits for a sequence that there is not: Keptn takes such files, and teams have them.
fn check_target(findings: &mut Findings<'_>, stages: &[LocatedStage], edge: &Edge<'_>) {
    let Trigger {
        stage,
        sequence,
        selector,
    } = edge.trigger;
    let Some(found) = stages.iter().find(|one| one.stage.name == *stage) else {
        let names: Vec<&str> = stages.iter().map(|one| one.stage.name.as_str()).collect();
        let message = format!(
            "there is no stage {}; this trigger never fires",
            quoted(stage)
        );
        findings.warning(edge.place, message, similar::hint(stage, &names));
        return;
    };
    let Some(awaited) = found.stage.sequence(sequence) else {
        let names = sequence_names(&found.stage);
        let message = format!(
            "the stage {} has no sequence {}; this trigger never fires",
            quoted(stage),
            quoted(sequence)
        );
        findings.warning(edge.place, message, similar::hint(sequence, &names));
        return;
    };
    check_tasks(findings, &awaited, selector.as_ref(), edge.place);
}

/// Warns where a selector names a task that the awaited sequence does not have.
fn check_tasks(
    findings: &mut Findings<'_>,
    awaited: &Sequence,
    selector: Option<&Selector>,
    place: Span,
) {
    let keys = selector.iter().flat_map(|selector| &selector.matches);
    for (key, _) in keys {
        let Some(task) = key.strip_suffix(".result") else {
            continue;
        };
        if !awaited.tasks.iter().any(|one| one.name == task) {
            let names: Vec<&str> = awaited.tasks.iter().map(|one| one.name.as_str()).collect();
            let message = format!(
                "the sequence {} has no task {}, so this trigger never fires",
                quoted(&awaited.name),
                quoted(task)
            );
            findings.warning(place, message, similar::hint(task, &names));
        }
    }
}

/// Says where sequences trigger each other for ever though everything goes well.
fn check_loops(findings: &mut Findings<'_>, stages: &[LocatedStage], edges: &[Edge<'_>]) {
    let nodes = stages.iter().flat_map(|located| {
        let stage = located.stage.name.as_str();
        let names = sequence_names(&located.stage).into_iter();
        names.map(move |name| (stage, name))
    });
    let mut on_success: Vec<&Edge<'_>> = edges
        .iter()
        .filter(|edge| fires_on_success(edge.trigger))
        .collect();
    // What no edge leads to, or away from, is in no loop: take such edges away until nothing changes.
    let nodes: Vec<(&str, &str)> = nodes.collect();
    loop {
        let before = on_success.len();
        let is_left = |node: (&str, &str), edges: &[&Edge<'_>]| edges.iter().any(|e| e.to == node);
        let entered: Vec<(&str, &str)> = nodes
            .iter()
            .copied()
            .filter(|node| is_left(*node, &on_success))
            .collect();
        on_success.retain(|edge| entered.contains(&from(edge.trigger)));
        let left: Vec<(&str, &str)> = on_success.iter().map(|edge| from(edge.trigger)).collect();
        on_success.retain(|edge| left.contains(&edge.to));
        if on_success.len() == before {
            break;
        }
    }
    for edge in on_success {
        let (stage, name) = edge.to;
        let message = format!(
            "this trigger is part of a loop without an end: `{stage}.{name}` is triggered again and again, as long as \
             everything goes well"
        );
        findings.error(
            edge.place,
            message,
            "let one trigger of the loop wait for `result: fail`, or remove one",
        );
    }
}

/// Returns the sequence that a trigger waits for.
fn from(trigger: &Trigger) -> (&str, &str) {
    (&trigger.stage, &trigger.sequence)
}

/// Tells whether a trigger fires where every task passes.
fn fires_on_success(trigger: &Trigger) -> bool {
    let Some(selector) = &trigger.selector else {
        return true;
    };
    let is_met = |(key, word): &(String, String)| match key.as_str() {
        "status" => word == "succeeded",
        _ => word == "pass",
    };
    !selector.matches.is_empty() && selector.matches.iter().all(is_met)
}
