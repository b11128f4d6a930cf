//! Go's cover profile. It counts statements, as `go tool cover` does: blocks that occur several times are merged.

use std::collections::BTreeMap;

use super::coverage::{Coverage, Covered, results};
use super::failure::{FileError, Place};
use super::format::Format;
use super::number::float;
use super::options::ReadOptions;
use super::results::{Figure, Results, Unit};
use super::text;

/// The blocks of a file by their place: how many statements each has, and whether they ran.
type Blocks<'a> = BTreeMap<&'a str, (u64, bool)>;

/// Reads a profile.
pub(super) fn read(input: &[u8], _options: &ReadOptions) -> Result<Results, FileError> {
    let text = text::decode(input)?;
    if !text.trim_start().starts_with("mode: ") {
        return Err(FileError::NotThisFormat {
            format: Format::GoCover,
            found: "it does not begin with `mode: `".to_owned(),
        });
    }
    let mut files: BTreeMap<&str, Blocks<'_>> = BTreeMap::new();
    for (line, number) in text.lines().zip(1..) {
        // Profiles of several packages are put one behind the other, each with its mode.
        if line.trim().is_empty() || line.starts_with("mode: ") {
            continue;
        }
        let (file, block, statements, is_run) =
            parse(line.trim_end()).ok_or_else(|| FileError::Malformed {
                format: Format::GoCover,
                place: Place::Line(number),
                reason: "expected `FILE:LINE.COLUMN,LINE.COLUMN STATEMENTS COUNT`".to_owned(),
            })?;
        let known = files.entry(file).or_default().entry(block);
        known.or_insert((statements, false)).1 |= is_run;
    }
    let files: BTreeMap<String, Coverage> = files
        .into_iter()
        .map(|(file, blocks)| (file.to_owned(), coverage(&blocks)))
        .collect();
    let total = files
        .values()
        .fold(Coverage::default(), |total, file| total.plus(*file));
    Ok(of_statements(total, results(total, files)))
}

/// Reads one block.
fn parse(line: &str) -> Option<(&str, &str, u64, bool)> {
    let (rest, count) = line.rsplit_once(' ')?;
    let (place, statements) = rest.rsplit_once(' ')?;
    let (file, block) = place.rsplit_once(':')?;
    let (start, end) = block.split_once(',')?;
    let is_place = |text: &str| {
        let parts = text.split_once('.');
        parts.is_some_and(|(line, column)| {
            line.parse::<u64>().is_ok() && column.parse::<u64>().is_ok()
        })
    };
    let count: u64 = count.parse().ok()?;
    (is_place(start) && is_place(end)).then_some(())?;
    Some((file, block, statements.parse().ok()?, count > 0))
}

/// Counts the statements of a file.
fn coverage(blocks: &Blocks<'_>) -> Coverage {
    let mut lines = Covered::default();
    for (statements, is_run) in blocks.values() {
        let reached = if *is_run { *statements } else { 0 };
        lines = lines.plus(Covered::of(*statements, reached));
    }
    Coverage {
        lines,
        ..Coverage::default()
    }
}

/// Says of the figures that they are of statements, and takes back the count of lines.
fn of_statements(total: Coverage, mut results: Results) -> Results {
    for group in results.groups.values_mut().chain([&mut results.total]) {
        group.figures.remove("lines_uncovered");
        if let Some(figure) = group.figures.get_mut("coverage_line") {
            figure.note = Some("of statements, which is what Go counts".to_owned());
        }
    }
    if total.lines.total > 0 {
        let uncovered = float(total.lines.total - total.lines.reached);
        let figure = Figure::new(uncovered, Unit::Count).of_samples(total.lines.total);
        results
            .native
            .insert("statements_uncovered".to_owned(), figure);
    }
    results
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the numbers of the tests are exact")]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_several_profiles_are_merged() {
        let text =
            "mode: set\na/b.go:1.1,2.2 3 0\nmode: set\na/b.go:1.1,2.2 3 1\na/b.go:3.1,4.2 1 0\n";
        let results = read(text.as_bytes(), &ReadOptions::default()).unwrap();
        assert_eq!(results.total.figures["coverage_line"].value, 75.0);
    }

    #[test]
    fn a_line_that_is_cut_off_is_an_error() {
        for line in ["a.go:1.1,2.2 3", "a.go:1.1,2.2 3 ", "a.go:1.1 3 1", "a.go"] {
            let text = format!("mode: set\n{line}");
            let error = read(text.as_bytes(), &ReadOptions::default()).unwrap_err();
            assert!(error.to_string().contains("at line 2"), "{line}");
        }
    }
}
