//! What an evaluation is to be compared with, from the settings.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::World;
use super::target::Configured;
use crate::app::{Comparing, LogNeed, ReferenceFile, Wanted};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::config::{Origin, Setting};
use crate::gate::{EvaluationName, WithoutBaseline};
use crate::spec::Source;

/// Stands before labels.
const LABEL: &str = "label:";

/// Stands before a file whose name does not look like one.
const FILE: &str = "file:";

/// The newest evaluations, whatever is pinned.
const NEWEST: &str = "newest";

/// The most bytes of a file to compare with.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// Joins what was typed into one text: several labels, or one of anything.
pub fn joined(typed: &[String]) -> Result<Option<String>, Failure> {
    match typed {
        [] => Ok(None),
        [one] => Ok(Some(one.clone())),
        several => {
            let labels: Option<Vec<&str>> = several
                .iter()
                .map(|text| text.strip_prefix(LABEL))
                .collect();
            let labels = labels.ok_or_else(|| {
                Failure::new(Exit::Usage, "--baseline can be repeated for labels only")
                    .with_hint("name one evaluation, one file, or several label:KEY=VALUE")
            })?;
            Ok(Some(format!("{LABEL}{}", labels.join(","))))
        }
    }
}

/// Reads how an evaluation is to be compared.
pub fn comparing(configured: &Configured, world: &World<'_>) -> Result<Comparing, Failure> {
    let settings = &configured.settings;
    let wanted = match settings.get(Setting::Baseline) {
        None => Wanted::default(),
        Some(text) if is_file(text) => Wanted::File(file(text, configured, world)?),
        Some(_) => settings
            .read(Setting::Baseline, wanted)?
            .unwrap_or_default(),
    };
    let required = settings.read(Setting::RequireBaseline, truth)?;
    let log_required = settings.read(Setting::EventLogRequired, truth)?;
    Ok(Comparing {
        wanted,
        without: match required {
            Some(true) => WithoutBaseline::Undecided,
            Some(false) | None => WithoutBaseline::Met,
        },
        need: match log_required {
            Some(false) => LogNeed::Optional,
            Some(true) | None => LogNeed::Required,
        },
    })
}

/// Tells whether a text names a file.
fn is_file(text: &str) -> bool {
    let ending = Path::new(text).extension();
    let has_ending = ending.is_some_and(|ending| {
        ["json", "jsonl", "ndjson"]
            .iter()
            .any(|known| ending.eq_ignore_ascii_case(known))
    });
    !text.starts_with(LABEL) && (text.starts_with(FILE) || has_ending || text.contains(['/', '\\']))
}

/// Reads what is no file.
fn wanted(text: &str) -> Result<Wanted, String> {
    if text == NEWEST {
        return Ok(Wanted::Labelled(BTreeMap::new()));
    }
    let Some(labels) = text.strip_prefix(LABEL) else {
        let Ok(name) = text.parse::<EvaluationName>();
        return Ok(Wanted::Evaluation(name));
    };
    let pair = |pair: &str| match pair.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        Some(_) | None => Err("a label is written as label:KEY=VALUE, several as label:A=B,C=D"),
    };
    let labels: Result<BTreeMap<String, String>, &str> = labels.split(',').map(pair).collect();
    Ok(Wanted::Labelled(labels?))
}

/// Reads a file. A relative path starts where it was written.
fn file(text: &str, configured: &Configured, world: &World<'_>) -> Result<ReferenceFile, Failure> {
    let path = PathBuf::from(text.strip_prefix(FILE).unwrap_or(text));
    let path = match configured.settings.origin(Setting::Baseline) {
        Origin::Flag(_) | Origin::Environment(_) => path,
        Origin::File { .. } | Origin::Default => {
            world.environment.near(&configured.places.root.join(path))
        }
    };
    Source::read(&path, MOST_BYTES)
        .and_then(|source| ReferenceFile::read(&source))
        .map_err(|problem| Failure::of_files(vec![problem]))
}

/// Reads yes or no.
fn truth(text: &str) -> Result<bool, &'static str> {
    text.parse().map_err(|_neither| "it is true or false")
}
