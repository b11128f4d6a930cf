//! `tidegate ci init`: the recipes, byte for byte, and never over what exists.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use insta::assert_snapshot;

use crate::harness::Gate;

/// Returns the systems with their files, as `ci init list` shows them.
fn listed() -> Vec<(String, Vec<String>)> {
    let answer = Gate::new().args(["ci", "init", "list"]).run().code(0);
    let text = answer.raw_stdout();
    let row = |line: &str| {
        let (system, files) = line.split_once(' ').unwrap();
        let files = files.trim_start().split(", ").map(str::to_owned);
        (system.to_owned(), files.collect())
    };
    text.lines().map(row).collect()
}

/// Returns every file below a folder but those that only explain.
fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut found = Vec::new();
    for path in entries {
        if path.is_dir() {
            found.extend(below(&path));
        } else if path.extension().is_none_or(|extension| extension != "md") {
            found.push(path);
        }
    }
    found
}

#[test]
fn every_recipe_of_the_documentation_is_written_byte_for_byte() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ci");
    let text = |path: PathBuf| std::fs::read_to_string(path).unwrap();
    let documented: BTreeSet<String> = below(&docs).into_iter().map(text).collect();
    let mut written = BTreeSet::new();
    for (system, paths) in listed() {
        let gate = Gate::new().args(["ci", "init", &system]);
        gate.run().code(0).says_nothing();
        assert_eq!(below(&gate.path("")).len(), paths.len(), "{system}");
        written.extend(paths.iter().map(|path| gate.read(path)));
    }
    assert_eq!(written, documented);
}

#[test]
fn every_folder_of_the_documentation_is_a_system() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ci");
    let names: BTreeSet<String> = listed().into_iter().map(|(name, _)| name).collect();
    for entry in std::fs::read_dir(docs).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.path().is_dir() {
            assert!(names.contains(&name), "{name}");
            assert!(entry.path().join("README.md").is_file(), "{name}");
        }
    }
}

#[test]
fn it_says_what_was_written_and_what_to_do_next() {
    let gate = Gate::new().args(["ci", "init", "buildkite", "--dir", "shop"]);
    assert_snapshot!(gate.run().code(0).stderr(), @r"
    wrote  shop/.buildkite/pipeline.yml
    wrote  shop/.buildkite/tidegate.sh

    next:
      set TIDEGATE_DOWNLOAD_URL to where releases are, TIDEGATE_SHA256 to the archive's checksum, and the variables that tidegate.yaml names
    ");
    assert!(gate.path("shop/.buildkite/pipeline.yml").is_file());
}

#[test]
fn what_is_there_is_not_touched_unless_that_is_asked_for() {
    let gate = Gate::new()
        .file(".gitlab-ci.yml", "mine")
        .args(["ci", "init", "gitlab"]);
    assert_snapshot!(gate.run().code(73).says_nothing().stderr(), @r"
    kept   .gitlab-ci.yml (it says something else)
    wrote  .gitlab/ci/tidegate.yml
    error: the recipe is not complete: what is there was not touched
      = hint: see it with `tidegate ci init gitlab --print` and merge it by hand, or write over what is there with --force
    ");
    assert_eq!(gate.read(".gitlab-ci.yml"), "mine");
    gate.run_with(["--force"]).code(0);
    assert_ne!(gate.read(".gitlab-ci.yml"), "mine");
    assert_snapshot!(gate.run().code(0).stderr(), @r"
    same   .gitlab-ci.yml (it is there already)
    same   .gitlab/ci/tidegate.yml (it is there already)

    next:
      set TIDEGATE_DOWNLOAD_URL to where releases are, TIDEGATE_SHA256 to the archive's checksum, and the variables that tidegate.yaml names
    ");
}

#[test]
fn a_recipe_is_printed_with_the_place_of_each_file() {
    let gate = Gate::new().args(["ci", "init", "github", "--print"]);
    let text = gate.run().code(0).raw_stdout();
    let heads: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("==> "))
        .collect();
    assert_eq!(
        heads,
        [
            "==> .github/workflows/quality-gate.yml <==",
            "==> .github/actions/tidegate/action.yml <=="
        ]
    );
    assert!(!gate.path(".github").exists());
    // One file needs no heading, so that it can be put where it belongs.
    let one = Gate::new()
        .args(["ci", "init", "circleci", "--print"])
        .run()
        .code(0)
        .raw_stdout();
    let documented = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ci/circleci/config.yml");
    assert_eq!(one, std::fs::read_to_string(documented).unwrap());
}

#[test]
fn an_unknown_system_is_refused_with_the_nearest_one() {
    let answer = Gate::new()
        .args(["ci", "init", "gitlub\u{1b}[2J"])
        .run()
        .code(64)
        .says_nothing();
    assert!(!answer.raw_stderr().contains('\u{1b}'));
    let answer = Gate::new()
        .args(["ci", "init", "gitlub"])
        .run()
        .code(64)
        .says_nothing();
    assert!(
        answer.stderr().contains("did you mean `github`?"),
        "{}",
        answer.stderr()
    );
}

#[test]
fn a_folder_that_can_not_be_written_ends_with_73() {
    let gate = Gate::new()
        .file("plain", "")
        .args(["ci", "init", "circleci", "--dir", "plain"]);
    assert_snapshot!(gate.run().code(73).says_nothing().stderr(), @r"
    error: plain/.circleci/config.yml can't be written: Not a directory (os error 20)
      = hint: a file stands where a folder is needed
    ");
}
