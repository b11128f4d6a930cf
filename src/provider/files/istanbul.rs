//! `coverage-summary.json` of Istanbul, which nyc, c8, Jest, and Vitest write. Percentages are computed: `pct` is
//! `"Unknown"` where there is nothing to cover.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::coverage::{Coverage, Covered, results};
use super::failure::FileError;
use super::format::Format;
use super::json_document;
use super::options::ReadOptions;
use super::results::Results;

/// The key of the whole.
const TOTAL: &str = "total";

/// What of a file, or of everything, was covered.
#[derive(Clone, Copy, Default, Deserialize)]
struct Summary {
    /// Lines.
    lines: Counts,
    /// Statements.
    #[serde(default)]
    statements: Counts,
    /// Functions.
    #[serde(default)]
    functions: Counts,
    /// Branches.
    #[serde(default)]
    branches: Counts,
}

/// How much of something was covered.
#[derive(Clone, Copy, Default, Deserialize)]
struct Counts {
    /// How many there are.
    total: u64,
    /// How many were reached.
    covered: u64,
}

/// Reads a summary.
pub(super) fn read(input: &[u8], _options: &ReadOptions) -> Result<Results, FileError> {
    let mut files: BTreeMap<String, Summary> = json_document::parse(input, Format::Istanbul)?;
    let total = files
        .remove(TOTAL)
        .ok_or_else(|| FileError::NotThisFormat {
            format: Format::Istanbul,
            found: "it has no `total`".to_owned(),
        })?;
    let files = files
        .into_iter()
        .map(|(name, file)| (name, file.coverage()));
    let mut results = results(total.coverage(), files.collect());
    if let Some(figure) = covered(total.statements).percent() {
        results.native.insert("statements".to_owned(), figure);
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

/// Turns Istanbul's counts into ours.
fn covered(counts: Counts) -> Covered {
    Covered::of(counts.total, counts.covered)
}
