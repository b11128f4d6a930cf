//! The table is true: it has every route of the sources and no other, and the documents for people have every row.

#![expect(
    clippy::disallowed_methods,
    reason = "a test reads the sources and documents that it checks"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use regex::Regex;

use super::endpoints;

/// A method and a path.
type Route = (String, String);

/// Returns the routes of the table.
fn table() -> BTreeSet<Route> {
    endpoints()
        .map(|one| (one.method.to_owned(), one.path.to_owned()))
        .collect()
}

/// Returns every source below a folder.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if !path.to_string_lossy().ends_with("_tests.rs") {
            found.push(path);
        }
    }
}

/// Returns the arguments of a call, from behind its opening bracket on.
fn arguments(text: &str) -> &str {
    let mut depth = 1;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[..at];
        }
    }
    text
}

/// Returns the routes that the sources register.
fn registered() -> BTreeSet<Route> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src/server/routes"), &mut files);
    let constant = Regex::new(r#"const (\w+): &(?:'static )?str =\s*"([^"]+)";"#).unwrap();
    let verb = Regex::new(r"\b(get|post|put|delete)\(").unwrap();
    let path = Regex::new(r#"^\s*(?:"([^"]+)"|&?(?:\w+::)*(\w+))\s*,"#).unwrap();
    let mut routes = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let text = text.split("\n#[cfg(test)]\nmod tests").next().unwrap();
        for call in text.split(".route(").skip(1) {
            let call = arguments(call);
            let named = path.captures(call).unwrap_or_else(|| panic!("{}: {call}", file.display()));
            let path = match (named.get(1), named.get(2)) {
                (Some(literal), _) => literal.as_str().to_owned(),
                (None, Some(name)) => constant
                    .captures_iter(text)
                    .find(|found| &found[1] == name.as_str())
                    .unwrap_or_else(|| panic!("{} is no constant", name.as_str()))[2]
                    .to_owned(),
                (None, None) => unreachable!("one of them matched"),
            };
            for found in verb.captures_iter(call) {
                routes.insert((found[1].to_uppercase(), path.clone()));
            }
        }
    }
    routes
}

#[test]
fn every_route_is_in_the_table_and_every_row_of_the_table_is_a_route() {
    let (table, registered) = (table(), registered());
    let unknown: Vec<&Route> = registered.difference(&table).collect();
    assert_eq!(unknown, Vec::<&Route>::new(), "not in the table");
    let missing: Vec<&Route> = table.difference(&registered).collect();
    assert_eq!(missing, Vec::<&Route>::new(), "not a route");
}

#[test]
fn the_compatibility_table_has_a_row_for_every_route_and_none_for_what_is_not_there() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/keptn-api.md");
    let text = std::fs::read_to_string(path).unwrap();
    let row = Regex::new(r"(?m)^\| (\w+) \| `([^`]+)` \| ([a-z ]+) \|(.*)\|$").unwrap();
    let mut here = BTreeSet::new();
    let mut rows = 0;
    for found in row.captures_iter(&text) {
        rows += 1;
        let route = (found[1].to_owned(), found[2].to_owned());
        let why = found[4].trim();
        match &found[3] {
            "same" => {}
            "better" | "added" => assert_ne!(why, "", "{route:?} says what differs"),
            "left out" => {
                assert_ne!(why, "", "{route:?} says why");
                // A route that only says so is one, too.
                if !table().contains(&route) {
                    continue;
                }
            }
            other => panic!("{route:?}: {other}"),
        }
        assert!(here.insert(route.clone()), "{route:?} is there twice");
    }
    assert_eq!(rows, text.matches("\n| ").count() - text.matches("\n| method |").count());
    assert_eq!(here, table());
}
