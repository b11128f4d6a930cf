//! lcov's tracefile. A file that is covered by several runs is merged line by line; totals that the file states are used
//! only where it has no lines.

use std::collections::BTreeMap;

use super::coverage::{Coverage, Covered, Reach, results};
use super::failure::{FileError, Place};
use super::format::Format;
use super::options::ReadOptions;
use super::results::Results;
use super::text;

/// Reads a tracefile. One that ends within a record is an error: what is missing could be what is not covered.
pub(super) fn read(input: &[u8], _options: &ReadOptions) -> Result<Results, FileError> {
    let mut trace = Trace::default();
    let mut place = Place::Line(1);
    for (line, number) in text::decode(input)?.lines().zip(1..) {
        place = Place::Line(number);
        trace
            .add(line.trim())
            .map_err(|reason| FileError::Malformed {
                format: Format::Lcov,
                place,
                reason,
            })?;
    }
    if trace.open.is_some() {
        return Err(FileError::Truncated {
            format: Format::Lcov,
            place,
        });
    }
    Ok(trace.into_results())
}

/// A tracefile as far as it is read.
#[derive(Default)]
struct Trace<'a> {
    /// The files whose records are closed.
    files: BTreeMap<&'a str, Record<'a>>,
    /// The record that is open, and the file it is of.
    open: Option<(&'a str, Record<'a>)>,
}

/// What is known of one file.
#[derive(Default)]
struct Record<'a> {
    /// Lines by number.
    lines: BTreeMap<u64, Reach>,
    /// Branches by line, block, and branch.
    branches: BTreeMap<(u64, &'a str), Reach>,
    /// Functions by name.
    functions: BTreeMap<&'a str, Reach>,
    /// The line of each function: several names at one line are copies of one function.
    places: BTreeMap<&'a str, &'a str>,
    /// The lines behind the indices that lcov 2.2 gives to functions.
    indices: BTreeMap<&'a str, &'a str>,
    /// What the record states as totals.
    stated: Coverage,
}

impl<'a> Trace<'a> {
    /// Takes note of a line.
    fn add(&mut self, line: &'a str) -> Result<(), String> {
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        if line == "end_of_record" {
            let (file, record) = self.open.take().ok_or("a record ends that did not begin")?;
            self.files.entry(file).or_default().merge(record);
            return Ok(());
        }
        let (key, value) = line
            .split_once(':')
            .ok_or("neither `KEY:value` nor `end_of_record`")?;
        match (key, &mut self.open) {
            ("SF", Some(_)) => Err("a record begins within a record".to_owned()),
            ("SF", open) => {
                *open = Some((value, Record::default()));
                Ok(())
            }
            ("TN", _) => Ok(()),
            (_, Some((_, record))) => record
                .add(key, value)
                .ok_or_else(|| format!("`{key}:` has not the fields it should have")),
            (_, None) => Err("`SF:`, which names the file, is missing".to_owned()),
        }
    }

    /// Counts what is covered.
    fn into_results(self) -> Results {
        let files = self.files.into_iter();
        let files: BTreeMap<String, Coverage> = files
            .map(|(file, record)| (file.to_owned(), record.coverage()))
            .collect();
        let total = files
            .values()
            .fold(Coverage::default(), |total, file| total.plus(*file));
        results(total, files)
    }
}

impl<'a> Record<'a> {
    /// Takes note of one line of the record; none where it has not the fields it should have.
    fn add(&mut self, key: &str, value: &'a str) -> Option<()> {
        match key {
            "DA" => {
                let mut fields = value.split(',');
                let line = fields.next()?.parse().ok()?;
                note(&mut self.lines, line, hits(fields.next()?)?);
            }
            "BRDA" => {
                let (line, rest) = value.split_once(',')?;
                let (branch, taken) = rest.rsplit_once(',')?;
                let reach = if taken == "-" {
                    Reach::No
                } else {
                    hits(taken)?
                };
                note(&mut self.branches, (line.parse().ok()?, branch), reach);
            }
            "FN" => {
                let (line, rest) = value.split_once(',')?;
                let name = without_end(rest);
                note(&mut self.functions, name, Reach::No);
                self.places.insert(name, line);
            }
            "FNDA" => {
                let (count, name) = value.split_once(',')?;
                note(&mut self.functions, name, hits(count)?);
            }
            // lcov 2.2 names a function by an index (`FNL:0,12`) and counts its copies (`FNA:0,3,name`).
            "FNL" => {
                let mut fields = value.split(',');
                self.indices.insert(fields.next()?, fields.next()?);
            }
            "FNA" => {
                let mut fields = value.splitn(3, ',');
                let (index, count, name) = (fields.next()?, fields.next()?, fields.next()?);
                note(&mut self.functions, name, hits(count)?);
                if let Some(line) = self.indices.get(index) {
                    self.places.insert(name, line);
                }
            }
            "LF" => self.stated.lines.total = value.parse().ok()?,
            "LH" => self.stated.lines.reached = value.parse().ok()?,
            "BRF" => self.stated.branches.total = value.parse().ok()?,
            "BRH" => self.stated.branches.reached = value.parse().ok()?,
            "FNF" => self.stated.functions.total = value.parse().ok()?,
            "FNH" => self.stated.functions.reached = value.parse().ok()?,
            _ => {}
        }
        Some(())
    }

    /// Adds what another run covered of the same file.
    fn merge(&mut self, other: Record<'a>) {
        let Record {
            lines,
            branches,
            functions,
            places,
            indices: _,
            stated,
        } = other;
        self.places.extend(places);
        for (line, reach) in lines {
            note(&mut self.lines, line, reach);
        }
        for (branch, reach) in branches {
            note(&mut self.branches, branch, reach);
        }
        for (function, reach) in functions {
            note(&mut self.functions, function, reach);
        }
        // Totals cannot be merged: the lines behind them are unknown. Those of the first run stand.
        if self.stated == Coverage::default() {
            self.stated = stated;
        }
    }

    /// Counts what is covered.
    fn coverage(&self) -> Coverage {
        let mut functions = BTreeMap::new();
        for (name, reach) in &self.functions {
            let place = self.places.get(name).unwrap_or(name);
            note(&mut functions, place, *reach);
        }
        Coverage {
            lines: counted(&self.lines, self.stated.lines),
            branches: counted(&self.branches, self.stated.branches),
            functions: counted(&functions, self.stated.functions),
        }
    }
}

/// Takes note of something that is reached once one run reached it.
fn note<K: Ord>(known: &mut BTreeMap<K, Reach>, key: K, reach: Reach) {
    let known = known.entry(key).or_default();
    *known = reach.max(*known);
}

/// Reads a count; none where it is no number. gcov writes negative ones by mistake: nothing was hit.
fn hits(count: &str) -> Option<Reach> {
    count.parse::<f64>().ok().map(|count| (count > 0.0).into())
}

/// Returns the name of a function, after the line where it ends, which lcov 2 writes before it.
fn without_end(text: &str) -> &str {
    match text.split_once(',') {
        Some((end, name)) if end.parse::<u64>().is_ok() => name,
        Some(_) | None => text,
    }
}

/// Counts what is listed, or takes what is stated where nothing is.
fn counted<K>(listed: &BTreeMap<K, Reach>, stated: Covered) -> Covered {
    if listed.is_empty() {
        return Covered::of(stated.total, stated.reached);
    }
    let mut covered = Covered::default();
    for reach in listed.values() {
        covered.count(*reach);
    }
    covered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Results {
        read(text.as_bytes(), &ReadOptions::default()).unwrap()
    }

    fn value(results: &Results, name: &str) -> Option<f64> {
        results.total.figures.get(name).map(|figure| figure.value)
    }

    #[test]
    fn lines_branches_and_functions_are_counted() {
        let results = parse(
            "TN:\nSF:a.c\nFN:1,main\nFN:9,12,other\nFNDA:3,main\nFNDA:0,other\nFNF:2\nFNH:1\n\
             BRDA:2,0,0,1\nBRDA:2,0,1,-\nDA:1,3\nDA:2,3,md5\nDA:9,0\nDA:10,-4\nLF:4\nLH:2\nend_of_record\n",
        );
        assert_eq!(value(&results, "coverage_line"), Some(50.0));
        assert_eq!(value(&results, "coverage_branch"), Some(50.0));
        assert_eq!(value(&results, "coverage_function"), Some(50.0));
        assert_eq!(value(&results, "lines_uncovered"), Some(2.0));
        assert!(results.groups.contains_key("a.c"));
    }

    #[test]
    fn runs_of_the_same_file_are_merged_by_line_and_not_summed() {
        let results = parse(
            "SF:a\nDA:1,1\nDA:2,0\nLF:2\nLH:1\nend_of_record\nSF:a\nDA:1,0\nDA:2,5\nDA:3,0\nend_of_record\n",
        );
        assert_eq!(value(&results, "lines_uncovered"), Some(1.0));
        assert!((value(&results, "coverage_line").unwrap() - 200.0 / 3.0).abs() < 1e-9);
    }

    #[test]
    fn stated_totals_count_only_where_no_lines_are_listed() {
        let results =
            parse("SF:a\nLF:10\nLH:9\nend_of_record\nSF:b\nDA:1,0\nLF:9\nLH:9\nend_of_record");
        assert_eq!(value(&results, "lines_uncovered"), Some(2.0));
    }

    #[test]
    fn nothing_to_cover_is_no_figure() {
        let results = parse("TN:\n");
        assert!(results.total.figures.is_empty());
        assert!(results.warnings[0].starts_with("the report covers nothing"));
        assert_eq!(
            value(&parse("SF:a\nDA:1,1\nend_of_record"), "coverage_branch"),
            None
        );
    }

    #[test]
    fn a_file_that_is_cut_off_or_broken_is_an_error() {
        let error = |text: &str| read(text.as_bytes(), &ReadOptions::default()).unwrap_err();
        let cut = error("SF:a\nDA:1,1\n");
        assert!(
            cut.to_string()
                .starts_with("the lcov file is cut off after line 2")
        );
        assert_eq!(
            error("SF:a\nDA:1").to_string(),
            "cannot read the lcov file at line 2: `DA:` has not the fields it should have"
        );
        assert!(
            error("DA:1,1")
                .to_string()
                .contains("`SF:`, which names the file")
        );
        assert!(error("SF:a\nSF:b").to_string().contains("within a record"));
        assert!(error("hello").to_string().contains("neither `KEY:value`"));
    }

    #[test]
    fn functions_of_lcov_2_are_counted() {
        let results = parse("SF:a\nFNL:0,1,4\nFNA:0,2,f<a,b>\nFNL:1,5\nFNA:1,0,g\nend_of_record");
        assert_eq!(value(&results, "coverage_function"), Some(50.0));
    }
}
