//! `llvm-cov export` as JSON, with or without `-summary-only`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::coverage::{Coverage, Covered, results};
use super::failure::FileError;
use super::format::Format;
use super::json_document;
use super::options::ReadOptions;
use super::results::Results;

/// What `llvm-cov` writes.
#[derive(Deserialize)]
struct Report {
    /// One entry an export; always one.
    data: Vec<Export>,
}

/// An export.
#[derive(Deserialize)]
struct Export {
    /// Files.
    #[serde(default)]
    files: Vec<File>,
    /// The sum of all files.
    totals: Summary,
}

/// A file.
#[derive(Deserialize)]
struct File {
    /// Its path.
    filename: String,
    /// What of it was covered.
    summary: Summary,
}

/// What was covered.
#[derive(Clone, Copy, Deserialize)]
struct Summary {
    /// Lines.
    lines: Counts,
    /// Functions.
    #[serde(default)]
    functions: Counts,
    /// Branches, where they were measured.
    #[serde(default)]
    branches: Counts,
    /// Regions.
    #[serde(default)]
    regions: Counts,
}

/// How much of something was covered.
#[derive(Clone, Copy, Default, Deserialize)]
struct Counts {
    /// How many there are.
    count: u64,
    /// How many were reached.
    covered: u64,
}

/// Reads an export.
pub(super) fn read(input: &[u8], _options: &ReadOptions) -> Result<Results, FileError> {
    let report: Report = json_document::parse(input, Format::LlvmCov)?;
    let mut total = Coverage::default();
    let mut regions = Covered::default();
    let mut files = BTreeMap::new();
    for export in report.data {
        total = total.plus(export.totals.coverage());
        regions = regions.plus(covered(export.totals.regions));
        let known = export.files.into_iter();
        files.extend(known.map(|file| (file.filename, file.summary.coverage())));
    }
    let mut results = results(total, files);
    if let Some(figure) = regions.percent() {
        results.native.insert("regions".to_owned(), figure);
    }
    Ok(results)
}

impl Summary {
    /// Picks what has canonical names.
    fn coverage(self) -> Coverage {
        Coverage {
            lines: covered(self.lines),
            branches: covered(self.branches),
            functions: covered(self.functions),
        }
    }
}

/// Turns the counts of LLVM into ours.
fn covered(counts: Counts) -> Covered {
    Covered::of(counts.count, counts.covered)
}
