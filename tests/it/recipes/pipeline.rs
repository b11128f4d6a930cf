//! GitLab's recipe from end to end: the pipeline, the template with its inputs, the job, its cache and its artifacts, as a
//! runner of GitLab's configuration does them on this machine.

use std::path::Path;
use std::process::Command;

use super::tools::{commit, is_there, recipe};
use super::workshop::Workshop;

/// What the pipeline came to.
struct Pipeline {
    /// The exit code.
    code: Option<i32>,
    /// What was said.
    said: String,
}

/// Runs the job of the gate.
fn run(workshop: &Workshop) -> Pipeline {
    let output = Command::new("gitlab-ci-local")
        .args(["--shell-isolation", "--no-color"])
        .args([
            "--variable",
            &format!("TIDEGATE_SHA256={}", workshop.sha256()),
        ])
        .args([
            "--variable",
            &format!("TIDEGATE_DOWNLOAD_URL={}", workshop.url()),
        ])
        .arg("quality-gate")
        .current_dir(workshop.path(""))
        .env("HOME", workshop.path("home"))
        .env_remove("TIDEGATE_EVENT_LOG")
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    Pipeline {
        code: output.status.code(),
        said: said.concat(),
    }
}

/// Lays out the repository as `tidegate ci init gitlab` does.
fn lay_out(workshop: &Workshop) {
    let inputs = "folder: \".\"";
    let pipeline = recipe("gitlab/gitlab-ci.yml");
    assert!(pipeline.contains(inputs));
    let pipeline = pipeline.replace(inputs, "folder: carts\n      values: values.json");
    std::fs::create_dir_all(workshop.path(".gitlab/ci")).unwrap();
    std::fs::write(workshop.path(".gitlab-ci.yml"), pipeline).unwrap();
    // On this machine the job runs without a container.
    let image = "  image:\n    name: \"$[[ inputs.image ]]\"\n    entrypoint: [\"\"]\n";
    let template = recipe("gitlab/templates/tidegate.yml");
    assert!(template.contains(image));
    std::fs::write(
        workshop.path(".gitlab/ci/tidegate.yml"),
        template.replace(image, ""),
    )
    .unwrap();
    commit(&workshop.path(""));
    remote(&workshop.path(""));
}

/// Names where the repository would be; nothing asks there.
fn remote(folder: &Path) {
    let mut command = Command::new("git");
    command.current_dir(folder);
    command.args([
        "remote",
        "add",
        "origin",
        "git@gitlab.example.org:acme/shop.git",
    ]);
    super::tools::succeed(&mut command);
}

#[test]
fn gitlab_runs_the_pipeline_shows_a_warning_and_compares_with_the_cache() {
    if !is_there("gitlab-ci-local") || !is_there("rsync") || !is_there("curl") {
        return;
    }
    let workshop = Workshop::of_value(700.0);
    lay_out(&workshop);
    let warning = run(&workshop);
    assert_eq!(warning.code, Some(0), "{}", warning.said);
    assert!(warning.said.contains("WARN 3"), "{}", warning.said);
    assert!(
        warning.said.contains("Compared with no earlier evaluation"),
        "{}",
        warning.said
    );
    assert!(workshop.path("tidegate-report/report.html").is_file());

    workshop.measure(500.0);
    let pass = run(&workshop);
    assert_eq!(pass.code, Some(0), "{}", pass.said);
    assert!(
        pass.said.contains("PASS") && !pass.said.contains("WARN 3"),
        "{}",
        pass.said
    );
    assert!(
        !pass.said.contains("Compared with no earlier evaluation"),
        "{}",
        pass.said
    );

    workshop.measure(900.0);
    let fail = run(&workshop);
    // It ends with 0 all the same where a job is run by its name.
    assert!(fail.said.contains("FAIL 1"), "{}", fail.said);
}
