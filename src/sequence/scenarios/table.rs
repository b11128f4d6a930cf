//! Every scenario and every defect that is tested here stands in the table of the documentation. That every test that the
//! table names exists, here or elsewhere, is checked in `tests/it/documented_tests.rs`.

use std::collections::BTreeSet;

/// The page.
const PAGE: &str = include_str!("../../../docs/sequences.md");

/// The files with the tests.
const SOURCES: [&str; 7] = [
    include_str!("answering.rs"),
    include_str!("defects.rs"),
    include_str!("delivering.rs"),
    include_str!("following.rs"),
    include_str!("queueing.rs"),
    include_str!("steering.rs"),
    include_str!("../merge.rs"),
];

/// Tells whether a name is that of a scenario or a defect: `s07_…`.
fn is_scenario(name: &str) -> bool {
    let digits = name.get(1..3).unwrap_or_default();
    name.starts_with(['s', 'd'])
        && digits.chars().all(|one| one.is_ascii_digit())
        && name.get(3..4) == Some("_")
}

#[test]
fn every_scenario_that_is_tested_stands_in_the_table() {
    let lines = SOURCES.iter().flat_map(|source| source.lines());
    let written = lines.filter_map(|line| line.trim().strip_prefix("fn ")?.split('(').next());
    let written: BTreeSet<&str> = written.filter(|name| is_scenario(name)).collect();
    let named = PAGE.split('`').filter(|word| is_scenario(word));
    let named: BTreeSet<&str> = named.collect();
    let numbers = |names: &BTreeSet<&str>| -> BTreeSet<String> {
        names.iter().map(|name| name[..3].to_owned()).collect()
    };
    let (named, written) = (numbers(&named), numbers(&written));
    let missing: Vec<_> = written.difference(&named).collect();
    assert!(missing.is_empty(), "{missing:?}");
    for defect in 1..=17 {
        assert!(written.contains(&format!("d{defect:02}")));
    }
    for row in 1..=40 {
        assert!(PAGE.contains(&format!("\n| S{row} ")), "S{row}");
    }
}
