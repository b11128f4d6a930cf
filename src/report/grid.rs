//! Stored evaluations as a grid: a column for each evaluation, oldest first, a row for the score and for each SLI.

use std::collections::BTreeSet;

use super::text::{Mark, printable};
use crate::gate::{ChronicleEntry, Ending, ObjectiveResult};

/// The labels that name an evaluation, the best one first.
const NAMING: [&str; 4] = ["buildId", "buildNumber", "build", "version"];

/// The grid.
pub struct Grid {
    /// The columns, the oldest first.
    pub columns: Vec<Heading>,
    /// The score first, then each SLI in the order of the newest evaluation.
    pub rows: Vec<Row>,
}

/// What stands over a column.
#[derive(Clone)]
pub struct Heading {
    /// The build, or when it was stored.
    pub name: String,
    /// Whether it no longer counts.
    pub is_invalidated: bool,
    /// Whether it is the reference.
    pub is_pinned: bool,
}

/// The score, or one SLI.
pub struct Row {
    /// Its name.
    pub name: String,
    /// Whether it is a key SLI.
    pub is_key: bool,
    /// What each evaluation came to; `None` where it knows nothing of it.
    pub cells: Vec<Option<Mark>>,
    /// The numbers.
    pub values: Vec<Option<f64>>,
    /// Their unit.
    pub unit: Option<String>,
}

impl Grid {
    /// Lays out evaluations that come newest first.
    pub fn of(entries: &[ChronicleEntry]) -> Self {
        let oldest_first: Vec<&ChronicleEntry> = entries.iter().rev().collect();
        let names = indicators(entries);
        let rows = names.iter().map(|name| row(name, &oldest_first));
        let rows: Vec<Row> = [score(&oldest_first)].into_iter().chain(rows).collect();
        Self {
            columns: oldest_first.iter().map(|entry| heading(entry)).collect(),
            rows: distinct(rows, &names),
        }
    }

    /// Takes the newest columns only.
    pub fn newest(self, count: usize) -> Self {
        let dropped = self.columns.len().saturating_sub(count);
        let rows = self.rows.into_iter().map(|row| Row {
            cells: row.cells.into_iter().skip(dropped).collect(),
            values: row.values.into_iter().skip(dropped).collect(),
            ..row
        });
        Self {
            columns: self.columns.into_iter().skip(dropped).collect(),
            rows: rows.collect(),
        }
    }
}

/// Returns the indicators of all evaluations, those of the newest first.
fn indicators(entries: &[ChronicleEntry]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let objectives = entries.iter().flat_map(objectives);
    let names = objectives.map(|objective| objective.indicator.as_str().to_owned());
    names.filter(|name| seen.insert(name.clone())).collect()
}

/// Returns the objectives of an evaluation that can be read.
fn objectives(entry: &ChronicleEntry) -> &[ObjectiveResult] {
    match &entry.record {
        Ok(record) => record.evaluation.objectives(),
        Err(_) => &[],
    }
}

/// Returns what stands over an evaluation.
fn heading(entry: &ChronicleEntry) -> Heading {
    let label = entry.record.as_ref().ok().and_then(|record| {
        let mut found = NAMING.iter().filter_map(|name| record.labels.get(*name));
        found.find(|label| !label.is_empty()).cloned()
    });
    let time = || {
        entry.time.map_or_else(
            || "?".to_owned(),
            |time| time.strftime("%m-%d %H:%M").to_string(),
        )
    };
    Heading {
        name: printable(&label.unwrap_or_else(time)),
        is_invalidated: entry.invalidated.is_some(),
        is_pinned: entry.pinned.is_some(),
    }
}

/// Returns the row of the score.
fn score(oldest_first: &[&ChronicleEntry]) -> Row {
    let mark = |entry: &&ChronicleEntry| match entry.ending() {
        Some(Ending::Verdict(verdict)) => Mark::of_verdict(verdict),
        Some(Ending::Inconclusive) => Mark::inconclusive(),
        None => Mark::unreadable(),
    };
    Row {
        name: "Score".to_owned(),
        is_key: false,
        cells: oldest_first.iter().map(|entry| Some(mark(entry))).collect(),
        values: oldest_first.iter().map(|entry| entry.score()).collect(),
        unit: None,
    }
}

/// Returns the row of one indicator. Numbers in another unit than the newest are no part of its line.
fn row(indicator: &str, oldest_first: &[&ChronicleEntry]) -> Row {
    let found: Vec<Option<&ObjectiveResult>> = oldest_first
        .iter()
        .map(|entry| {
            let mut all = objectives(entry).iter();
            all.find(|objective| objective.indicator.as_str() == indicator)
        })
        .collect();
    let newest = found.iter().rev().flatten().next();
    let mut units = found
        .iter()
        .rev()
        .flatten()
        .map(|objective| &objective.unit);
    let unit = units.find_map(Clone::clone);
    let value = |objective: &ObjectiveResult| {
        let is_alike = objective.unit.is_none() || objective.unit == unit;
        objective.judged_value().filter(|_| is_alike)
    };
    Row {
        name: printable(newest.map_or(indicator, |objective| objective.shown_name())),
        is_key: newest.is_some_and(|objective| objective.key),
        cells: found.iter().map(|found| found.map(mark)).collect(),
        values: found.iter().map(|found| found.and_then(value)).collect(),
        unit: unit.clone().map(|unit| printable(&unit)),
    }
}

/// Returns the mark of an objective.
fn mark(objective: &ObjectiveResult) -> Mark {
    let mark = Mark::of_status(objective.status);
    match objective.judged_value() {
        Some(_) => mark,
        None => mark.without_value(),
    }
}

/// Names rows by their indicators where two have the same name to be shown.
fn distinct(mut rows: Vec<Row>, indicators: &[String]) -> Vec<Row> {
    let shown: Vec<String> = rows.iter().map(|row| row.name.clone()).collect();
    let sli_rows = rows.iter_mut().skip(1);
    for (row, indicator) in sli_rows.zip(indicators) {
        if shown.iter().filter(|name| **name == row.name).count() > 1 {
            row.name = printable(indicator);
        }
    }
    rows
}
