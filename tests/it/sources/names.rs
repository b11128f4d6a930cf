//! The names that files with results have in common: those that the README lists, in the units that it says.

use std::collections::BTreeMap;

use super::files::{ALL, Expectation, fixture};
use super::{README, formats};
use crate::harness::Gate;

/// Returns the rows of the table of canonical names: each with the names, and the unit.
fn canonical() -> Vec<(Vec<&'static str>, &'static str)> {
    let (_, table) = README
        .split_once("The canonical names, where the file has such a number:")
        .unwrap();
    let lines = table.trim_start().lines().skip(2);
    lines
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<&str> = line.split('|').collect();
            (
                cells[1].split('`').skip(1).step_by(2).collect(),
                cells[3].trim(),
            )
        })
        .collect()
}

#[test]
fn the_canonical_names_have_the_units_that_the_page_says() {
    let mut units: BTreeMap<String, String> = BTreeMap::new();
    for file in [
        "k6/handle-summary.json",
        "oha/flaky.json",
        "junit/TEST-shop.BasketTest.xml",
        "coverage/istanbul.lcov",
    ] {
        let listed = Gate::new()
            .args(["inspect", "-o", "json"])
            .args([fixture(file)])
            .run()
            .code(0)
            .json();
        for figure in listed["parts"][0]["figures"].as_array().unwrap() {
            let unit = figure["unit"].as_str().unwrap_or_default().to_owned();
            units.insert(figure["metric"].as_str().unwrap().to_owned(), unit);
        }
    }
    let rows = canonical();
    assert!(rows.len() >= 10);
    for (names, unit) in rows {
        for name in names {
            assert_eq!(units.get(name).map(String::as_str), Some(unit), "{name}");
        }
    }
}

#[test]
fn any_percentile_can_be_had_of_the_formats_that_the_page_names_and_of_no_other() {
    let (_, after) = README
        .split_once("Where a file tells the time of every request (")
        .unwrap();
    let (named, _) = after.split_once(')').unwrap();
    let named: Vec<&str> = named.split('`').skip(1).step_by(2).collect();
    assert!(named.iter().all(|name| formats().contains(name)));
    let of_loads = ALL.iter().take_while(|one| one.key != "hyperfine");
    for Expectation { key, file, .. } in of_loads {
        let answer = Gate::new()
            .args(["query", "-o", "json", "--provider", "results"])
            .args(["--expr", "response_time_p97", "--results"])
            .args([fixture(file)])
            .run()
            .code(0)
            .json();
        let sli = &answer["slis"][0];
        assert_eq!(
            sli["value"].is_number(),
            named.contains(key),
            "{key}: {sli}"
        );
        if named.contains(key) {
            let endpoint = sli["endpoint"].as_str().unwrap();
            assert!(endpoint.ends_with(", exact)"), "{endpoint}");
        }
    }
}
