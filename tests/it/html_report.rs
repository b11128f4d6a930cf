//! The HTML report in a real browser: what axe-core says of it, the keyboard, the policy of Jenkins, paper. The pages are
//! the golden files.
//!
//! `TIDEGATE_PICTURES=1 cargo test --test it html_report` draws the pictures of the README anew.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Set where a missing browser must fail the tests and not skip them.
const REQUIRE: &str = "TIDEGATE_REQUIRE_SERVERS";
/// Set to draw the pictures of the README anew.
const PICTURES: &str = "TIDEGATE_PICTURES";
/// Node with the modules that `.ci/run` installs.
const NODE: &str = "node-with-browser";

/// Returns a path in the package.
fn in_package(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Starts a call of the script; `None`, and a line on stderr, where there is no browser.
fn browser() -> Option<Command> {
    let has = |program: &str| Command::new(program).arg("--version").output().is_ok();
    if !has(NODE) || !has("chromium") {
        assert!(
            std::env::var_os(REQUIRE).is_none(),
            "{NODE} or chromium is not on PATH, and {REQUIRE} is set"
        );
        eprintln!("SKIPPED: {NODE} or chromium not on PATH");
        return None;
    }
    let mut command = Command::new(NODE);
    command.arg(in_package("tests/it/browser/report.mjs"));
    Some(command)
}

/// Returns the golden pages.
fn pages() -> Vec<PathBuf> {
    let cases = std::fs::read_dir(in_package("fixtures/reports")).unwrap();
    let pages = cases.map(|case| case.unwrap().path().join("report.html"));
    let mut pages: Vec<PathBuf> = pages.filter(|page| page.exists()).collect();
    pages.sort();
    pages
}

#[test]
fn every_page_can_be_read_by_everyone_everywhere() {
    let Some(mut browser) = browser() else {
        return;
    };
    let pages = pages();
    assert!(pages.len() >= 10, "{pages:?}");
    let output = browser.arg("check").args(&pages).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let said: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(said["pages"], pages.len());
    let findings: Vec<&str> = said["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

#[test]
fn what_is_wrong_with_a_page_is_found() {
    let Some(mut browser) = browser() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("report.html");
    let html = "<!DOCTYPE html><html lang=en><title>x</title><main><h1>x</h1><p style='color:#ddd;width:2000px'>pale</p>\
                <img src='http://127.0.0.1:9/x.png'><button style='outline:none'>y</button></main>";
    std::fs::write(&page, html).unwrap();
    let output = browser.arg("check").arg(&page).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    for finding in [
        "color-contrast",
        "image-alt",
        "the page is 20",
        "asked for",
        "the focus cannot be seen",
        "in Jenkins: a script ran",
    ] {
        assert!(text.contains(finding), "{finding}: {text}");
    }
}

#[test]
fn the_pictures_of_the_readme_can_be_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let pictures = if std::env::var_os(PICTURES).is_some() {
        in_package("docs/images")
    } else {
        folder.path().to_owned()
    };
    let page = in_package("fixtures/reports/showcase/report.html");
    for (name, how) in [
        ("report.png", ["light", "1280", "1330", "body"]),
        (
            "report-slis.png",
            ["dark", "1280", "1130", "[aria-labelledby=runs]"],
        ),
    ] {
        let Some(mut browser) = browser() else {
            return;
        };
        let png = pictures.join(name);
        let status = browser
            .arg("picture")
            .args([&page, &png])
            .args(how)
            .status();
        assert!(status.unwrap().success());
        let size = std::fs::metadata(&png).unwrap().len();
        assert!((20_000..200_000).contains(&size), "{name}: {size}");
    }
}
