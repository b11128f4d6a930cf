//! What a command that drives a control plane prints: a document for programs, or the same as a table.

use serde_json::Value;

use crate::cli::console::machine_text;
use crate::cli::exit::Exit;
use crate::report::{Format, printable};

/// What is printed, and how the process ends.
pub struct Told {
    /// For programs.
    pub document: Value,
    /// For people.
    pub table: String,
    /// How the process ends.
    pub exit: Exit,
}

impl Told {
    /// Makes one of a command that did its work.
    pub fn new(document: Value, table: impl Into<String>) -> Self {
        let mut table = table.into();
        if !table.is_empty() && !table.ends_with('\n') {
            table.push('\n');
        }
        Self {
            document,
            table,
            exit: Exit::Pass,
        }
    }

    /// Returns the text in a format.
    pub fn text(&self, format: Format) -> String {
        machine_text(format, &self.document).unwrap_or_else(|| self.table.clone())
    }
}

/// Writes rows below their titles, as wide as they need to be. Texts of servers are made harmless.
pub fn rows(titles: &[&str], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let titles: Vec<String> = titles.iter().map(|title| (*title).to_owned()).collect();
    let harmless = rows
        .iter()
        .map(|row| row.iter().map(|cell| printable(cell)).collect());
    let all: Vec<Vec<String>> = std::iter::once(titles).chain(harmless).collect();
    let width = |at: usize| {
        let cells = all.iter().filter_map(|row| row.get(at));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let line = |row: &Vec<String>| {
        let cells = row.iter().enumerate();
        let cells: Vec<String> = cells
            .map(|(at, cell)| format!("{cell:<width$}", width = width(at)))
            .collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    all.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_aligned_and_harmless() {
        let table = rows(
            &["NAME", "STATE"],
            &[
                vec!["a\u{1b}[31m".to_owned(), "x".to_owned()],
                vec!["longer-name".to_owned(), "y".to_owned()],
            ],
        );
        assert!(!table.contains('\u{1b}'), "{table}");
        assert_eq!(table.lines().count(), 3);
        assert!(
            table.lines().all(|line| line.chars().count() <= 18),
            "{table}"
        );
        assert_eq!(rows(&["NAME"], &[]), "");
    }
}
