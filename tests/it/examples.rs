//! Every file of `slo-examples` is read, and every command of its pages is run.

use std::path::{Path, PathBuf};
use std::process::Command;

use tidegate::spec::{Source, parse_sli, parse_slo, parse_values};

use crate::transcript::{run, steps};

/// Returns the folder of the examples.
fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("slo-examples")
}

/// Copies the examples into a folder, so that nothing can change those of the repository.
pub(crate) fn copy_examples(into: &Path) {
    for path in files(&examples()) {
        let target = into
            .join("slo-examples")
            .join(path.strip_prefix(examples()).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(path, target).unwrap();
    }
}

/// Returns every file below a folder; what an evaluation left behind is none of them.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = entries
        .filter(|path| !path.ends_with(".tidegate"))
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect();
    found.sort();
    found
}

#[test]
fn every_file_is_read_without_a_warning() {
    let mut read = 0;
    for path in files(&examples()) {
        let source = Source::read(&path, Source::MOST_YAML_BYTES).unwrap();
        let problems = match path.file_name().and_then(|name| name.to_str()).unwrap() {
            "slo.yaml" => parse_slo(&source).problems,
            "sli.yaml" => parse_sli(&source).problems,
            "values.json" => parse_values(&source).problems,
            // Commands use these.
            "tidegate.yaml" | "history.jsonl" | "README.md" | "shipyard.yaml" => continue,
            "k6-summary.json" | "lcov.info" | "image-size.sh" => continue,
            "deploy.sh" | "test.sh" | "rollback.sh" | ".gitignore" => continue,
            other => panic!("what is {other}?"),
        };
        assert!(problems.is_empty(), "{}: {problems:?}", path.display());
        read += 1;
    }
    assert!(read >= 13, "{read}");
}

#[test]
fn every_example_has_a_page_whose_commands_run() {
    let folder = tempfile::tempdir().unwrap();
    copy_examples(folder.path());
    for (example, code) in [
        ("first-steps", 0),
        ("load-test", 0),
        ("mixed-providers", 0),
        ("with-history", 3),
        ("prometheus", 0),
        ("keptn-layout", 0),
    ] {
        let page = examples().join(example).join("README.md");
        let page = std::fs::read_to_string(page).unwrap();
        let blocks = page.split("```console\n").skip(1);
        let commands = blocks.flat_map(|block| steps(block.split("```").next().unwrap()));
        let codes: Vec<i32> = commands
            .map(|step| {
                let ran = run(&step.command, folder.path());
                assert_eq!(ran.code, code, "{}: {}", step.command, ran.text);
                ran.code
            })
            .collect();
        assert!(!codes.is_empty(), "{example}");
    }
}

#[test]
fn the_page_of_the_delivery_is_right_about_how_each_command_ends() {
    let folder = tempfile::tempdir().unwrap();
    copy_examples(folder.path());
    let page = std::fs::read_to_string(examples().join("delivery/README.md")).unwrap();
    let blocks = page.split("```console\n").skip(1);
    let commands = blocks.flat_map(|block| steps(block.split("```").next().unwrap()));
    let codes: Vec<i32> = commands
        .map(|step| run(&step.command, folder.path()).code)
        .collect();
    assert_eq!(codes, [0, 75, 0, 1]);
    let image = folder.path().join("slo-examples/delivery/work/prod/image");
    assert_eq!(std::fs::read_to_string(image).unwrap(), "carts:1.2\n");
}

#[test]
fn the_first_steps_leave_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    copy_examples(folder.path());
    let before = files(folder.path());
    let example = "slo-examples/first-steps";
    let command =
        format!("tidegate evaluate --slo {example}/slo.yaml --values {example}/values.json");
    assert_eq!(run(&command, folder.path()).code, 0);
    assert_eq!(files(folder.path()), before);
    assert!(!folder.path().join(example).join(".tidegate").exists());
}

#[test]
fn the_page_of_the_first_steps_is_right_about_what_changes_the_verdict() {
    let folder = tempfile::tempdir().unwrap();
    copy_examples(folder.path());
    let values = folder.path().join("slo-examples/first-steps/values.json");
    let original = std::fs::read_to_string(&values).unwrap();
    for (from, to, code) in [("87.3", "40", 3), ("0.2,", "2,", 1)] {
        std::fs::write(&values, original.replace(from, to)).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_tidegate"))
            .args(["evaluate", "--values", "values.json"])
            .env_clear()
            .current_dir(values.parent().unwrap())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(code));
    }
}

#[test]
fn the_page_of_the_load_test_is_right_about_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    copy_examples(folder.path());
    let example = "slo-examples/load-test";
    let slo = folder.path().join(example).join("slo.yaml");
    let text = std::fs::read_to_string(&slo).unwrap();
    std::fs::write(&slo, text.replace("\"<=0.05\"", "\"<0.05\"")).unwrap();
    let command =
        format!("tidegate evaluate --slo {example}/slo.yaml --results {example}/k6-summary.json");
    assert_eq!(run(&command, folder.path()).code, 1);
}

#[test]
fn the_page_of_mixed_providers_is_right_about_the_score() {
    let folder = tempfile::tempdir().unwrap();
    copy_examples(folder.path());
    let ran = run(
        "tidegate evaluate --slo slo-examples/mixed-providers/slo.yaml",
        folder.path(),
    );
    assert!(ran.text.contains("score 91.66 of 100"), "{}", ran.text);
}

#[test]
fn the_history_of_the_example_is_continued() {
    let folder = tempfile::tempdir().unwrap();
    copy_examples(folder.path());
    let history = folder
        .path()
        .join("slo-examples/with-history/history.jsonl");
    let before = std::fs::read_to_string(&history).unwrap();
    let example = "slo-examples/with-history";
    let command =
        format!("tidegate evaluate --slo {example}/slo.yaml --values {example}/values.json");
    let ran = run(&command, folder.path());
    assert!(
        ran.text
            .contains("Compared with the avg of 3 earlier evaluations"),
        "{}",
        ran.text
    );
    let after = std::fs::read_to_string(&history).unwrap();
    assert!(after.starts_with(&before));
    assert_eq!(after.lines().count(), before.lines().count() + 2);
}
