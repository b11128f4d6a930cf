//! The folder `target/criterion`, with a folder for each benchmark: `GROUP/FUNCTION/VALUE/new/estimates.json`.

#![expect(
    clippy::disallowed_methods,
    reason = "criterion writes a folder of files; this is where they are opened"
)]

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::super::failure::{FileError, Place};
use super::super::format::Format;
use super::super::json_document;
use super::super::number::float;
use super::super::results::{Figure, Group, Results, Unit};
use super::estimates::Estimates;

/// The most levels of folders that are looked through.
const MOST_LEVELS: usize = 8;

/// The most folders that are looked through.
const MOST_FOLDERS: u64 = 50_000;

/// How many bytes one file may have; criterion writes about a thousand.
const LARGEST_FILE: u64 = 1 << 20;

/// `benchmark.json`.
#[derive(Deserialize)]
struct Benchmark {
    /// The name of the benchmark.
    full_id: String,
}

/// Reads every benchmark below a folder. Those of an earlier run alone, in `base`, do not count.
pub(in super::super) fn read(root: &Path) -> Result<Results, FileError> {
    let mut results = Results::default();
    let mut waiting = vec![(root.to_path_buf(), 0)];
    let mut regressions = None;
    let mut seen = 0;
    while let Some((folder, level)) = waiting.pop() {
        seen += 1;
        if seen > MOST_FOLDERS {
            return Err(FileError::TooMuch {
                what: "more folders than benchmarks have".to_owned(),
                place: Place::Byte(0),
                limit: MOST_FOLDERS,
            });
        }
        if folder.join("new/estimates.json").is_file() {
            let regression = add(&folder, root, &mut results)?;
            if let Some(is_regression) = regression {
                *regressions.get_or_insert(0) += u64::from(is_regression);
            }
        }
        if level < MOST_LEVELS {
            waiting.extend(
                folders(&folder)?
                    .into_iter()
                    .map(|folder| (folder, level + 1)),
            );
        }
    }
    if results.groups.is_empty() {
        results
            .warnings
            .push("the folder has no `new/estimates.json` of a benchmark".to_owned());
    }
    if let Some(count) = regressions {
        results
            .total
            .set("regressions_count", Figure::new(float(count), Unit::Count));
    }
    Ok(results)
}

/// Adds one benchmark, and tells whether it is slower than before, where that is known.
fn add(folder: &Path, root: &Path, results: &mut Results) -> Result<Option<bool>, FileError> {
    let mut group = Group::default();
    let estimates: Estimates = parse(&folder.join("new/estimates.json"))?;
    estimates.set(&mut group);
    let mut is_regression = None;
    let change = folder.join("change/estimates.json");
    if change.is_file() {
        let change: Estimates = parse(&change)?;
        change.set(&mut group);
        is_regression = change.is_regression();
    }
    let benchmark = folder.join("new/benchmark.json");
    let name = if benchmark.is_file() {
        parse::<Benchmark>(&benchmark)?.full_id
    } else {
        let path = folder.strip_prefix(root).unwrap_or(folder);
        path.to_string_lossy().replace('\\', "/")
    };
    for (statistic, figure) in &group.figures {
        results
            .native
            .insert(format!("{name}.{statistic}"), figure.clone());
    }
    results.groups.insert(name, group);
    Ok(is_regression)
}

/// Lists the folders in a folder. Links are not followed.
fn folders(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let entries = fs::read_dir(folder).map_err(|source| FileError::Read { source })?;
    let mut folders = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|source| FileError::Read { source })?;
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            folders.push(entry.path());
        }
    }
    folders.sort();
    Ok(folders)
}

/// Reads one file.
fn parse<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, FileError> {
    let read = |source| FileError::Read { source };
    let mut text = Vec::new();
    let file = fs::File::open(path).map_err(read)?;
    file.take(LARGEST_FILE + 1)
        .read_to_end(&mut text)
        .map_err(read)?;
    if text.len() as u64 > LARGEST_FILE {
        return Err(FileError::TooLarge {
            limit: LARGEST_FILE,
        });
    }
    json_document::parse(&text, Format::Criterion)
}
