//! The table of sources in the README: every row is there, and every example in it is run as it stands, against what the
//! real tool wrote, the real server, or a server that answers in the form that the vendor documents.
#![cfg(unix)]

mod documented;
mod files;
mod local;
mod names;
mod vendors;

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::Value;

use crate::harness::Gate;

/// The page.
const README: &str = include_str!("../../README.md");
/// Where the formats of files are named.
const FORMATS: &str = include_str!("../../src/provider/files/format.rs");
/// Where the formats of programs are named.
const PROGRAMS: &str = include_str!("../../src/provider/exec/settings.rs");
/// A service, and a window that is over, so that nobody waits for data to arrive.
const CARTS: [&str; 6] = [
    "--service",
    "carts",
    "--start",
    "2024-01-01T00:00:00Z",
    "--end",
    "2024-01-01T00:10:00Z",
];

/// A row of the table.
struct Row {
    /// The words of its first column.
    key: String,
    /// What must be there.
    needs: String,
    /// The lines of the example, as they stand below `indicators`.
    example: Vec<String>,
}

impl Row {
    /// Reads a line of the table.
    fn parse(line: &str) -> Self {
        let line = line.replace("\\|", "\u{0}");
        let cells: Vec<String> = line
            .split('|')
            .map(|cell| cell.replace('\0', "|"))
            .collect();
        let [_, key, _, needs, example, _] = cells.as_slice() else {
            panic!("not four columns: {line}");
        };
        let code = |cell: &str| -> Vec<String> {
            cell.split('`')
                .skip(1)
                .step_by(2)
                .map(str::to_owned)
                .collect()
        };
        Self {
            key: code(key).join(" "),
            needs: needs.clone(),
            example: code(example),
        }
    }

    /// Starts in a folder with the example in `sli.yaml`, and nothing else.
    fn gate(&self) -> Gate {
        let lines: Vec<String> = self
            .example
            .iter()
            .map(|line| format!("  {line}\n"))
            .collect();
        Gate::new()
            .file("sli.yaml", format!("indicators:\n{}", lines.concat()))
            .args(["query", "-o", "json"])
    }

    /// Returns the value behind a key of the example, such as `path`.
    fn word(&self, key: &str) -> String {
        let text = self.example.join("\n");
        let pattern = format!(r"\b{key}: ([^,}}\n]+)");
        let found = Regex::new(&pattern).unwrap().captures(&text);
        found.unwrap_or_else(|| panic!("no `{key}` in {text}"))[1].to_owned()
    }
}

/// Returns the rows of the table.
fn rows() -> Vec<Row> {
    let (_, table) = README.split_once("<!-- test: sources -->").unwrap();
    let lines = table.trim_start().lines().skip(2);
    lines
        .take_while(|line| line.starts_with('|'))
        .map(Row::parse)
        .collect()
}

/// Returns the row of a key.
#[track_caller]
fn row(key: &str) -> Row {
    let found = rows().into_iter().find(|row| row.key == key);
    found.unwrap_or_else(|| panic!("the table has no row `{key}`"))
}

/// Runs an example, and checks its number.
#[track_caller]
fn expect(key: &str, gate: &Gate, expected: f64) {
    let document = gate.run().code(0).json();
    let [sli] = document["slis"].as_array().unwrap().as_slice() else {
        panic!("{key}: {document}");
    };
    let value = sli["value"]
        .as_f64()
        .unwrap_or_else(|| panic!("{key}: {document}"));
    assert!(
        (value - expected).abs() <= 1e-9 * expected.abs(),
        "{key} is {value} instead of {expected}: {document}"
    );
    let query = sli["query"].as_str().unwrap();
    assert!(!query.contains('$') || query.starts_with("$."), "{query}");
}

/// Returns what `tidegate providers` lists.
fn listed() -> Vec<Value> {
    let document = Gate::new()
        .args(["providers", "-o", "json"])
        .run()
        .code(0)
        .json();
    document["providers"].as_array().unwrap().clone()
}

/// Returns the names of the listed providers that are built in, or of those that a definition describes.
fn types(by: &str) -> Vec<String> {
    let of_kind = listed().into_iter().filter(|provider| provider["by"] == by);
    of_kind
        .map(|provider| provider["type"].as_str().unwrap().to_owned())
        .collect()
}

/// Returns the names of the formats of files.
fn formats() -> Vec<&'static str> {
    let pattern = Regex::new(r#"Self::\w+ => "([a-z0-9-]+)","#).unwrap();
    let found = pattern.captures_iter(FORMATS);
    found.map(|found| found.get(1).unwrap().as_str()).collect()
}

/// Returns the words that `format` of a program may be.
fn formats_of_programs() -> Vec<&'static str> {
    let (_, names) = PROGRAMS.split_once("NAMES: ").unwrap();
    let (names, _) = names.split_once("];").unwrap();
    let names: Vec<&str> = names.split('"').skip(1).step_by(2).collect();
    assert!(names.contains(&"protocol"), "{names:?}");
    names
}

/// Returns the keys that the table must have.
fn wanted() -> BTreeSet<String> {
    let mut wanted: BTreeSet<String> = types("http").into_iter().collect();
    for kind in types("built in") {
        match kind.as_str() {
            "file" => wanted.extend(formats().into_iter().map(str::to_owned)),
            "exec" => wanted.extend(
                formats_of_programs()
                    .iter()
                    .map(|word| format!("exec {word}")),
            ),
            "sql" => wanted.extend(["sql postgres", "sql sqlite"].map(str::to_owned)),
            "dynatrace" => wanted.extend(["dynatrace", "dynatrace dql"].map(str::to_owned)),
            "datadog" => wanted.extend(["datadog", "datadog v2"].map(str::to_owned)),
            _ => drop(wanted.insert(kind)),
        }
    }
    wanted
}

#[test]
fn every_source_has_a_row_and_every_row_an_expectation() {
    let keys: Vec<String> = rows().into_iter().map(|row| row.key).collect();
    let found: BTreeSet<String> = keys.iter().cloned().collect();
    assert_eq!(keys.len(), found.len(), "a row stands twice");
    assert_eq!(found, wanted());
    let expected = [files::keys(), documented::keys(), local::KEYS.to_vec()].concat();
    let expected: BTreeSet<String> = expected.into_iter().map(str::to_owned).collect();
    assert_eq!(found, expected, "what no test runs, or what has no row");
}

#[test]
fn every_example_has_three_lines() {
    for row in rows() {
        assert_eq!(row.example.len(), 3, "{}", row.key);
    }
}

#[test]
fn every_row_says_what_the_program_says_is_needed() {
    for provider in listed() {
        let name = provider["type"].as_str().unwrap();
        if provider["by"] != "http" {
            continue;
        }
        let needs = row(name).needs;
        for need in provider["needs"].as_array().unwrap() {
            let need = need.as_str().unwrap();
            assert!(needs.contains(&format!("`{need}`")), "{name}: {need}");
        }
    }
}
