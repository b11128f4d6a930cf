//! The manual pages, as programs that read them see them.

use std::process::Command;

use crate::harness::Gate;

/// Set where a missing program must fail the tests and not skip them.
const REQUIRE: &str = "TIDEGATE_REQUIRE_SERVERS";

#[test]
fn the_pages_are_well_formed() {
    let gate = Gate::new().args(["man", "deep/man"]);
    gate.run().code(0).says_nothing();
    let mut pages: Vec<_> = std::fs::read_dir(gate.path("deep/man"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    pages.sort();
    assert!(pages.len() > 30, "{pages:?}");
    let Ok(answer) = Command::new("mandoc")
        .args(["-T", "lint", "-W", "warning"])
        .args(&pages)
        .output()
    else {
        assert!(
            std::env::var_os(REQUIRE).is_none(),
            "mandoc is not installed"
        );
        eprintln!("SKIPPED: mandoc is not installed");
        return;
    };
    // A date would be another one in each build.
    let text = String::from_utf8(answer.stdout).unwrap();
    let findings = text.lines().filter(|line| !line.contains("missing date"));
    assert_eq!(findings.collect::<Vec<_>>(), Vec::<&str>::new());
}

#[test]
fn a_folder_that_cannot_be_created_is_said() {
    let gate = Gate::new().file("taken", "").args(["man", "taken/man"]);
    let answer = gate.run().code(73);
    assert!(
        answer.raw_stderr().contains("taken/man"),
        "{}",
        answer.raw_stderr()
    );
}
