//! The hooks, run by pre-commit itself.

use std::path::Path;
use std::process::Command;

use super::tools::{commit, is_there, recipe, succeed};
use crate::harness::{SLI, SLO};

/// Runs the hooks on all files; returns the exit code and what was said.
fn pre_commit(folder: &Path) -> (Option<i32>, String) {
    let program = Path::new(env!("CARGO_BIN_EXE_tidegate"));
    let path = std::env::var("PATH").unwrap();
    let output = Command::new("pre-commit")
        .args(["run", "--all-files", "--color=never"])
        .current_dir(folder)
        .env("PRE_COMMIT_HOME", folder.join(".git/pre-commit"))
        .env(
            "PATH",
            format!("{}:{path}", program.parent().unwrap().display()),
        )
        .output()
        .unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

/// Checks that the hooks find what is wrong, and nothing else.
fn check(folder: &Path) {
    let write = |path: &str, text: &str| {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    // One with its queries beside it, one with Keptn's layout, and a provider whose secret is not there.
    write("carts/slo.yaml", SLO);
    write("carts/sli.yaml", SLI);
    write("an order/slo.yml", SLO);
    write("an order/prometheus/sli.yaml", SLI);
    write(
        "tidegate.yaml",
        "providers: {prometheus: {url: 'http://127.0.0.1:1', auth: {bearer: '${NOT_SET}'}}}\n",
    );
    commit(folder);
    let (code, said) = pre_commit(folder);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("Passed"), "{said}");

    write("an order/prometheus/sli.yaml", "indicators: [\n");
    let (code, said) = pre_commit(folder);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("an order/prometheus/sli.yaml:1:"), "{said}");
    write("an order/prometheus/sli.yaml", SLI);

    write("carts/slo.yaml", &SLO.replace("<600", "<=>600"));
    let (code, said) = pre_commit(folder);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("carts/slo.yaml:5:"), "{said}");
    write("carts/slo.yaml", SLO);

    // A folder that could be taken for an option.
    write("-x/slo.yaml", "objectives: 7\n");
    succeed(
        Command::new("git")
            .args(["add", "--", "-x"])
            .current_dir(folder),
    );
    let (code, said) = pre_commit(folder);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("-x/slo.yaml:1:"), "{said}");
}

#[test]
fn the_hook_that_ci_init_writes_finds_what_an_evaluation_would_refuse() {
    if !is_there("pre-commit") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let config = recipe("pre-commit/pre-commit-config.yaml");
    std::fs::write(folder.path().join(".pre-commit-config.yaml"), config).unwrap();
    check(folder.path());
}

#[test]
fn the_hook_of_this_repository_does_the_same() {
    if !is_there("pre-commit") {
        return;
    }
    let hooks = tempfile::tempdir().unwrap();
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml");
    std::fs::copy(own, hooks.path().join(".pre-commit-hooks.yaml")).unwrap();
    commit(hooks.path());
    let revision = succeed(
        Command::new("git")
            .args(["rev-parse", "HEAD"])
            .current_dir(hooks.path()),
    );
    let revision = String::from_utf8(revision.stdout).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let config = serde_json::json!({"repos": [{
        "repo": hooks.path(),
        "rev": revision.trim(),
        "hooks": [{"id": "tidegate-check"}],
    }]});
    std::fs::write(
        folder.path().join(".pre-commit-config.yaml"),
        config.to_string(),
    )
    .unwrap();
    check(folder.path());
}
