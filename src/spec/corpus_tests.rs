//! Files from the wild: each is read, or refused by name. They are other people's, and not in this repository; the
//! test needs the folder that holds them (`TIDEGATE_CORPUS`, or `../shared/corpus`), and says so where it is missing.
#![expect(
    clippy::disallowed_methods,
    reason = "a test that reads a folder named by the environment"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Parsed, Source, parse_shipyard, parse_sli, parse_slo};

/// The SLOs that are refused, and a part of what is said.
const REFUSED_SLOS: [(&str, &str); 8] = [
    ("OpenSLO__OpenSLO__15f8b163.yaml", "an OpenSLO file"),
    ("keptn__examples__096aae02.yaml", "`total_score` is missing"),
    (
        "keptn__keptn__af5615ca.yaml",
        "`throughput` is already used",
    ),
    ("nobl9__sloctl__158a1199.yaml", "a Nobl9 (sloctl) file"),
    ("nobl9__sloctl__9e3fbcf6.yaml", "a Nobl9 (sloctl) file"),
    ("nobl9__sloctl__bb505f40.yaml", "a Nobl9 (sloctl) file"),
    ("nobl9__sloctl__fe40c4a8.yaml", "a Nobl9 (sloctl) file"),
    ("pyrra-dev__pyrra__33f23bbe.yaml", "(CRD) of pyrra.dev"),
];

/// The SLI files that are refused; none is.
const REFUSED_SLIS: [(&str, &str); 0] = [];

/// The shipyards that are refused, and a part of what is said.
const REFUSED_SHIPYARDS: [(&str, &str); 0] = [];

/// How many files the corpus has, so that a change of it shows.
const FILES: (usize, usize, usize) = (20, 17, 17);

#[test]
fn every_file_from_the_wild_is_read_or_refused_by_name() {
    let default = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let corpus = std::env::var_os("TIDEGATE_CORPUS").map_or(default, PathBuf::from);
    if !corpus.is_dir() {
        eprintln!("SKIPPED: there is no corpus at {}", corpus.display());
        return;
    }
    let objectives = check(&corpus.join("slo"), &REFUSED_SLOS, parse_slo);
    let indicators = check(&corpus.join("sli"), &REFUSED_SLIS, parse_sli);
    let shipyards = check(&corpus.join("shipyard"), &REFUSED_SHIPYARDS, parse_shipyard);
    assert_eq!((objectives, indicators, shipyards), FILES);
    for folder in ["shipyard", "remediation", "webhook"] {
        refused_in_one_problem(&corpus.join(folder));
    }
}

/// Checks that files that are no SLOs at all are refused by what they are, not by what they lack.
fn refused_in_one_problem(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let parsed = parse_slo(&Source::read(&path, Source::MOST_YAML_BYTES).unwrap());
        let messages: Vec<&str> = parsed.problems.iter().map(|p| p.message.as_str()).collect();
        let is_template = Source::read(&path, Source::MOST_YAML_BYTES)
            .unwrap()
            .text()
            .contains("{{-");
        let named = if is_template {
            "not valid YAML"
        } else {
            "this is "
        };
        let is_named = messages.len() == 1 && messages[0].starts_with(named);
        assert!(is_named, "{}: {messages:?}", path.display());
    }
}

/// Reads every file of a folder; returns how many there are.
fn check<T>(
    folder: &Path,
    refused: &[(&str, &str)],
    parse: impl Fn(&Source) -> Parsed<T>,
) -> usize {
    let mut refused: BTreeMap<&str, &str> = refused.iter().copied().collect();
    let mut wrong = Vec::new();
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let parsed = parse(&Source::read(&path, Source::MOST_YAML_BYTES).unwrap());
        let errors: Vec<&str> = parsed
            .problems
            .iter()
            .filter(|p| p.is_error())
            .map(|p| p.message.as_str())
            .collect();
        let is_expected = match refused.remove(name.as_str()) {
            None => errors.is_empty(),
            Some(part) => errors.len() == 1 && errors[0].contains(part),
        };
        if !is_expected {
            wrong.push(format!("{name}: {errors:?}"));
        }
        files += 1;
    }
    wrong.extend(
        refused
            .into_keys()
            .map(|name| format!("{name} is not there")),
    );
    wrong.sort();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    files
}
