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
        } else if !is_of_tests(&path) {
            found.push(path);
        }
    }
}

/// Tells whether only tests include a source.
fn is_of_tests(path: &Path) -> bool {
    let name = path.file_stem().unwrap().to_string_lossy();
    name.ends_with("_tests") || name.starts_with("test_")
}

/// Returns the paths that the sources of the routes write down.
fn written_paths() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src/server/routes"), &mut files);
    let families = "v1|x|controlPlane|mongodb-datastore|resource-service|secrets|statistics|health|healthz|ready|metrics|openapi";
    let path = Regex::new(&format!(r#""(/(?:{families})[^"\s]*)""#)).unwrap();
    let mut paths = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.split("\n#[cfg(test)]\nmod ").next().unwrap();
        paths.extend(path.captures_iter(code).map(|found| found[1].to_owned()));
    }
    paths
}

#[test]
fn the_table_has_every_path_that_is_a_route_and_no_other() {
    let paths: BTreeSet<String> = table().into_iter().map(|(_, path)| path).collect();
    let written = written_paths();
    let unknown: Vec<&String> = written.difference(&paths).collect();
    assert_eq!(unknown, Vec::<&String>::new(), "not in the table");
    // The last part of some is put behind the others.
    let parent = |path: &str| path.rsplit_once('/').map(|(parent, _)| parent.to_owned());
    let is_written = |path: &String| {
        written.contains(path) || parent(path).is_some_and(|parent| written.contains(&parent))
    };
    let missing: Vec<&String> = paths.iter().filter(|path| !is_written(path)).collect();
    assert_eq!(missing, Vec::<&String>::new(), "not a route");
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
    assert_eq!(
        rows,
        text.matches("\n| ").count() - text.matches("\n| method |").count()
    );
    assert_eq!(here, table());
}
