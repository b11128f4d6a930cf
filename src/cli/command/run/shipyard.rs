//! The file of a shipyard, for a run.

use std::path::{Path, PathBuf};

use crate::cli::args::RunArgs;
use crate::cli::command::World;
use crate::cli::failure::Failure;
use crate::sequence::Shipyard;
use crate::spec::{Problem, ProblemKind, Source, parse_shipyard};

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
    let parsed = parse_shipyard(&source);
    match parsed.value {
        Some(shipyard) => Ok(Read {
            shipyard,
            text: source.text().to_owned(),
            path,
            advice: parsed.problems,
        }),
        None => Err(Failure::of_files(parsed.problems)),
    }
}
