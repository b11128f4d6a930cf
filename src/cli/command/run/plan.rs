//! What a run may come to: every sequence that it can reach, and who carries out their tasks.

use std::collections::{BTreeMap, BTreeSet};

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::executor::{TaskSettings, TaskUse};
use crate::sequence::{Sequence, Shipyard};
use crate::spec::nearest;

/// A sequence that a run may reach.
#[derive(Clone, Debug, PartialEq)]
pub struct Reached {
    /// The stage.
    pub stage: String,
    /// The sequence.
    pub sequence: Sequence,
}

/// Returns the stage that a sequence begins in: the one that is named, else the first that has it.
pub fn stage_of(
    shipyard: &Shipyard,
    sequence: &str,
    stage: Option<&str>,
) -> Result<String, Failure> {
    let missing = |what: String, hint: String| Failure::new(Exit::Missing, what).with_hint(hint);
    let listed = |names: Vec<&str>| format!("it has {}", names.join(", "));
    if let Some(name) = stage {
        let Some(stage) = shipyard.stage(name) else {
            let names: Vec<&str> = shipyard
                .stages
                .iter()
                .map(|one| one.name.as_str())
                .collect();
            let hint = meant(name, &names).unwrap_or_else(|| listed(names));
            return Err(missing(format!("the shipyard has no stage `{name}`"), hint));
        };
        if stage.sequence(sequence).is_none() {
            let names: Vec<&str> = stage
                .sequences
                .iter()
                .map(|one| one.name.as_str())
                .collect();
            let hint = meant(sequence, &names).unwrap_or_else(|| listed(names));
            let what = format!("the stage `{name}` has no sequence `{sequence}`");
            return Err(missing(what, hint));
        }
        return Ok(name.to_owned());
    }
    let has_it = |stage: &&crate::sequence::Stage| {
        let mut written = stage.sequences.iter();
        written.any(|one| one.name == sequence)
    };
    let implicit = || {
        shipyard
            .stages
            .iter()
            .find(|stage| stage.sequence(sequence).is_some())
    };
    let found = shipyard.stages.iter().find(has_it).or_else(implicit);
    found.map(|stage| stage.name.clone()).ok_or_else(|| {
        let names: BTreeSet<&str> = shipyard
            .stages
            .iter()
            .flat_map(|stage| stage.sequences.iter().map(|one| one.name.as_str()))
            .collect();
        let names: Vec<&str> = names.into_iter().collect();
        let hint = meant(sequence, &names).unwrap_or_else(|| listed(names));
        missing(format!("the shipyard has no sequence `{sequence}`"), hint)
    })
}

/// Returns what was probably meant.
fn meant(name: &str, known: &[&str]) -> Option<String> {
    nearest(name, known).map(|known| format!("did you mean `{known}`?"))
}

/// Returns every sequence that may follow from one, that one first.
pub fn reachable(shipyard: &Shipyard, stage: &str, sequence: &str) -> Vec<Reached> {
    let mut reached: Vec<Reached> = Vec::new();
    let find = |stage: &str, name: &str| {
        let sequence = shipyard.stage(stage)?.sequence(name)?;
        Some(Reached {
            stage: stage.to_owned(),
            sequence,
        })
    };
    let mut next: Vec<Reached> = find(stage, sequence).into_iter().collect();
    while !next.is_empty() {
        let mut following = Vec::new();
        for one in next {
            let is_known = |known: &Reached| {
                known.stage == one.stage && known.sequence.name == one.sequence.name
            };
            if reached.iter().any(is_known) {
                continue;
            }
            following.extend(followers(shipyard, &one));
            reached.push(one);
        }
        next = following;
    }
    reached
}

/// Returns the sequences that wait for one, whatever it comes to.
fn followers(shipyard: &Shipyard, one: &Reached) -> Vec<Reached> {
    let mut found = Vec::new();
    for stage in &shipyard.stages {
        for sequence in &stage.sequences {
            let mut triggers = sequence.triggered_on.iter();
            if triggers.any(|on| on.stage == one.stage && on.sequence == one.sequence.name) {
                found.push(Reached {
                    stage: stage.name.clone(),
                    sequence: sequence.clone(),
                });
            }
        }
    }
    found
}

/// Who carries out which task in which stage.
pub type Uses = BTreeMap<(String, String), TaskUse>;

/// Returns who carries out each task that may come up; that nobody does is refused before anything begins.
pub fn uses(reached: &[Reached], tasks: &BTreeMap<String, TaskSettings>) -> Result<Uses, Failure> {
    let mut uses = Uses::new();
    let mut nobody: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for Reached { stage, sequence } in reached {
        if sequence.tasks.is_empty() {
            let what = format!(
                "the sequence `{}` of the stage `{stage}` has no tasks",
                sequence.name
            );
            return Err(Failure::new(Exit::Malformed, what)
                .with_hint("list them under `tasks` in the shipyard"));
        }
        for task in &sequence.tasks {
            let named = tasks
                .get(&task.name)
                .and_then(|settings| settings.of_stage(stage));
            match named.cloned().or_else(|| TaskUse::usual(&task.name)) {
                Some(found) => {
                    found.check_fit(&task.name).map_err(unfit)?;
                    uses.insert((stage.clone(), task.name.clone()), found);
                }
                None => {
                    nobody.entry(&task.name).or_default().insert(stage);
                }
            }
        }
    }
    if nobody.is_empty() {
        return Ok(uses);
    }
    let named = nobody.iter().map(|(task, stages)| {
        let stages: Vec<&str> = stages.iter().copied().collect();
        format!("`{task}` ({})", stages.join(", "))
    });
    let named = named.collect::<Vec<_>>().join(", ");
    let first = nobody.keys().next().copied().unwrap_or_default();
    let what = format!("nobody carries out these tasks of the shipyard: {named}");
    Err(Failure::new(Exit::Configuration, what).with_hint(format!(
        "say in tidegate.yaml who does, such as `tasks: {{ {first}: {{ command: [\"./{first}.sh\"] }} }}`"
    )))
}

/// Says what can't carry out a task of its name.
pub fn unfit(why: String) -> Failure {
    Failure::new(Exit::Configuration, why)
        .with_hint("name the task so in the shipyard, or give it another `use` in tidegate.yaml")
}
