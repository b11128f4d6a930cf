//! The tables of `docs/sequences.md` are true: each row names a test, and each test that is named is there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use regex::Regex;

/// Returns every source below a folder.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// Returns the names of all tests, and the sources that have some.
fn tests() -> (BTreeSet<String>, BTreeSet<String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    sources(&root.join("tests/it"), &mut files);
    let pattern = Regex::new(
        r"(?m)^\s*#\[(?:tokio::)?test\b[^\n]*\n(?:\s*#\[[^\n]*\n)*\s*(?:async )?fn (\w+)\(",
    )
    .unwrap();
    let (mut names, mut places) = (BTreeSet::new(), BTreeSet::new());
    for file in files {
        let source = std::fs::read_to_string(&file).unwrap();
        let before = names.len();
        names.extend(
            pattern
                .captures_iter(&source)
                .map(|found| found[1].to_owned()),
        );
        if names.len() > before {
            let place = file.strip_prefix(root).unwrap();
            places.insert(place.to_string_lossy().replace('\\', "/"));
        }
    }
    (names, places)
}

#[test]
fn each_scenario_names_tests_that_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/sequences.md")).unwrap();
    let (names, places) = tests();
    assert!(names.contains("each_scenario_names_tests_that_are_there"));
    let row = Regex::new(r"(?m)^\| ([SD]\d+) [^|]*\|([^|]*)\|$").unwrap();
    let name = Regex::new(r"`(\w+)`").unwrap();
    let place = Regex::new(r"`([\w/]+\.rs)`").unwrap();
    let mut rows = BTreeSet::new();
    for found in row.captures_iter(&page) {
        let scenario = found[1].to_owned();
        let mentioned: Vec<&str> = name
            .captures_iter(found.get(2).unwrap().as_str())
            .map(|one| one.get(1).unwrap().as_str())
            .collect();
        assert!(!mentioned.is_empty(), "{scenario} names no test");
        for one in mentioned {
            assert!(names.contains(one), "{scenario}: there is no test {one}");
        }
        for one in place.captures_iter(&found[2]) {
            assert!(
                places.contains(&one[1]),
                "{scenario}: no tests in {}",
                &one[1]
            );
        }
        assert!(rows.insert(scenario.clone()), "{scenario} is there twice");
    }
    let scenarios = (1..=40).map(|number| format!("S{number}"));
    let wanted = scenarios.chain((1..=17).map(|number| format!("D{number}")));
    assert_eq!(rows, wanted.collect());
}
