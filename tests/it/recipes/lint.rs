//! What linters and the systems' own schemas say about the recipes.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::script::{SYSTEMS, component, placeholders};
use super::tools::{commit, is_there, recipe, succeed};

/// How YAML is written here.
const YAML_STYLE: &str = "{extends: default, rules: {document-start: disable, line-length: {max: 130}, \
                          truthy: {check-keys: false}, braces: {max-spaces-inside: 1}, comments: {min-spaces-from-content: 1}}}";

/// Which schema each file follows, and what else the checker is told.
const SCHEMAS: [(&str, &str, &[&str]); 7] = [
    ("github/action.yml", "github-actions", &[]),
    ("github/quality-gate.yml", "github-workflows", &[]),
    (
        "gitlab/gitlab-ci.yml",
        "gitlab-ci",
        &["--data-transform", "gitlab-ci"],
    ),
    ("azure/azure-pipelines.yml", "azure-pipelines", AZURE),
    ("azure/tidegate-steps.yml", "azure-pipelines", AZURE),
    ("circleci/config.yml", "circle-ci", &[]),
    (
        "bitbucket/bitbucket-pipelines.yml",
        "bitbucket-pipelines",
        &[],
    ),
];

/// Azure's schema has patterns that are not strict, and its templates have keys that are expressions.
const AZURE: &[&str] = &[
    "--data-transform",
    "azure-pipelines",
    "--regex-variant",
    "nonunicode",
];

/// Returns a path below the recipes.
fn docs(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs/ci")
        .join(path)
}

/// Checks a file against a schema.
fn follows(file: &Path, schema: &str, options: &[&str]) {
    let mut command = Command::new("check-jsonschema");
    command.args(["--builtin-schema", &format!("vendor.{schema}")]);
    succeed(command.args(options).arg(file));
}

#[test]
fn every_file_follows_the_schema_of_its_system() {
    if !is_there("check-jsonschema") {
        return;
    }
    for (path, schema, options) in SCHEMAS {
        follows(&docs(path), schema, options);
    }
    follows(&docs("buildkite/pipeline.yml"), "buildkite", &[]);
}

#[test]
fn the_job_of_the_component_follows_the_schema_of_gitlab() {
    if !is_there("check-jsonschema") {
        return;
    }
    let (_, job) = component();
    let job = job.replace("$[[ inputs.job-name ]]", "quality-gate");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("job.yml");
    std::fs::write(&file, job).unwrap();
    follows(&file, "gitlab-ci", &["--data-transform", "gitlab-ci"]);
}

#[test]
fn yaml_is_written_in_one_style() {
    if !is_there("yamllint") {
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    succeed(
        Command::new("yamllint")
            .args([
                "--strict",
                "--config-data",
                YAML_STYLE,
                "docs/ci",
                ".pre-commit-hooks.yaml",
            ])
            .current_dir(root),
    );
}

#[test]
fn the_shell_of_every_recipe_is_clean() {
    if !is_there("shellcheck") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for system in SYSTEMS {
        let script = system.script();
        let text = script.text.trim_start_matches("#!/bin/sh\n");
        let file = folder.path().join(format!("{system:?}.sh"));
        std::fs::write(&file, format!("#!/bin/sh\n{text}")).unwrap();
        succeed(Command::new("shellcheck").arg(file));
    }
}

#[test]
fn the_workflow_is_clean_and_gives_the_action_what_it_takes() {
    if !is_there("actionlint") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: String| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        ".github/workflows/quality-gate.yml",
        recipe("github/quality-gate.yml"),
    );
    write(
        ".github/actions/tidegate/action.yml",
        recipe("github/action.yml"),
    );
    commit(folder.path());
    succeed(Command::new("actionlint").current_dir(folder.path()));
    // It does look into the action.
    let wrong = recipe("github/quality-gate.yml").replace("timeframe: 30m", "time-frame: 30m");
    write(".github/workflows/quality-gate.yml", wrong);
    let output = Command::new("actionlint")
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn the_hooks_are_what_pre_commit_expects() {
    if !is_there("pre-commit") {
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let validate = |kind: &str, path: &str| {
        succeed(
            Command::new("pre-commit")
                .args([kind, path])
                .current_dir(root),
        );
    };
    validate("validate-manifest", ".pre-commit-hooks.yaml");
    validate(
        "validate-config",
        "docs/ci/pre-commit/pre-commit-config.yaml",
    );
}

#[test]
fn no_script_has_anything_that_its_system_fills_in() {
    let macros = regex::Regex::new(r"\$\([A-Za-z_.]+\)").unwrap();
    for system in SYSTEMS {
        let script = system.script();
        for opening in ["${{", "$[[", "<<", "{{", "##vso"] {
            assert!(!script.text.contains(opening), "{system:?}: {opening}");
        }
        // Azure fills in the name of a variable: $(NAME).
        assert!(!macros.is_match(&script.text), "{system:?}");
    }
}

#[test]
fn every_input_reaches_the_script_as_one_whole_variable() {
    for system in SYSTEMS {
        let script = system.script();
        for (name, template) in &script.variables {
            let known = |input: &String| placeholders(input).contains(template);
            let is_input = script.defaults.keys().any(known);
            let is_constant = !template.contains(['$', '<', '{']);
            assert!(is_input || is_constant, "{system:?}: {name}: {template}");
        }
    }
}

#[test]
fn the_part_that_gets_tidegate_and_runs_it_is_the_same_in_every_recipe() {
    let shared = |text: &str| {
        let start = text.find("# Reports of an earlier job").unwrap();
        let end = text.find("for report in").unwrap();
        text[start..end].to_owned()
    };
    let first = shared(&SYSTEMS[0].script().text);
    for system in SYSTEMS {
        assert_eq!(shared(&system.script().text), first, "{system:?}");
    }
}

#[test]
fn actions_of_others_are_named_by_their_commit() {
    let pinned =
        regex::Regex::new(r"^uses: (\./\S+|[\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$")
            .unwrap();
    let files = ["github/action.yml", "github/quality-gate.yml"].map(recipe);
    let lines: Vec<&str> = files.iter().flat_map(|text| text.lines()).collect();
    let used = lines
        .iter()
        .map(|line| line.trim().trim_start_matches("- "));
    let used: Vec<&str> = used.filter(|line| line.starts_with("uses:")).collect();
    assert_eq!(used.len(), 5);
    for line in used {
        assert!(pinned.is_match(line), "{line}");
    }
}
