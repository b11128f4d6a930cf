//! The file of a shipyard, for a run.

use std::path::{Path, PathBuf};

use crate::cli::args::RunArgs;
use crate::cli::command::World;
use crate::cli::failure::Failure;
use crate::sequence::Shipyard;
use crate::spec::{Problem, ProblemKind, Source};

/// The usual name.
const USUAL: &str = "shipyard.yaml";

/// A shipyard, and its file.
pub struct Read {
    /// The shipyard.
    pub shipyard: Shipyard,
    /// Its text.
    pub text: String,
    /// Where it is.
    pub path: PathBuf,
    /// What is worth knowing of it.
    pub advice: Vec<Problem>,
}

/// Reads the shipyard that is named, else the one beside `tidegate.yaml`.
pub fn read(args: &RunArgs, root: &Path, world: &World<'_>) -> Result<Read, Failure> {
    let path = match &args.shipyard {
        Some(path) => path.clone(),
        None => world.environment.near(&root.join(USUAL)),
    };
    let source = Source::read(&path, Source::MOST_YAML_BYTES).map_err(|problem| {
        let is_missing = problem.kind == ProblemKind::Missing;
        let failure = Failure::of_files(vec![problem]);
        if is_missing && args.shipyard.is_none() {
            return failure.with_hint("write a shipyard.yaml, or name one with --shipyard");
        }
        failure
    })?;
    let parsed = parse(&source);
    match parsed {
        Ok(shipyard) => Ok(Read {
            shipyard,
            text: source.text().to_owned(),
            path,
            advice: Vec::new(),
        }),
        Err(problems) => Err(Failure::of_files(problems)),
    }
}

/// TEMPORARY
fn parse(source: &Source) -> Result<Shipyard, Vec<Problem>> {
    let value: serde_json::Value = serde_saphyr::from_str(source.text()).map_err(|e| {
        vec![{
            let _ = e;
            Problem::missing("x", "y")
        }]
    })?;
    let mut shipyard = Shipyard::default();
    let empty = vec![];
    for stage in value["spec"]["stages"].as_array().unwrap_or(&empty) {
        let mut s = crate::sequence::Stage {
            name: stage["name"].as_str().unwrap_or("").to_owned(),
            ..Default::default()
        };
        for seq in stage["sequences"].as_array().unwrap_or(&empty) {
            let mut q = crate::sequence::Sequence {
                name: seq["name"].as_str().unwrap_or("").to_owned(),
                ..Default::default()
            };
            for on in seq["triggeredOn"].as_array().unwrap_or(&empty) {
                let ev: Vec<&str> = on["event"].as_str().unwrap_or("").split('.').collect();
                let selector =
                    on["selector"]["match"]
                        .as_object()
                        .map(|m| crate::sequence::Selector {
                            matches: m
                                .iter()
                                .map(|(k, v)| (k.clone(), v.as_str().unwrap_or("").to_owned()))
                                .collect(),
                        });
                q.triggered_on.push(crate::sequence::Trigger {
                    stage: ev[0].to_owned(),
                    sequence: ev[1].to_owned(),
                    selector,
                });
            }
            for t in seq["tasks"].as_array().unwrap_or(&empty) {
                q.tasks.push(crate::sequence::Task {
                    name: t["name"].as_str().unwrap_or("").to_owned(),
                    properties: t["properties"].as_object().cloned(),
                    ..Default::default()
                });
            }
            s.sequences.push(q);
        }
        shipyard.stages.push(s);
    }
    Ok(shipyard)
}
