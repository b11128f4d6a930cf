//! The page for those who leave Keptn: every command on it is run.

#![cfg(unix)]

use std::path::Path;
use std::process::Command;

use crate::harness::SLO;

/// The page.
const PAGE: &str = include_str!("../../docs/migrate-from-keptn.md");

/// Returns every command of the page: in backticks, and on the lines of blocks.
fn commands() -> Vec<String> {
    let spans = PAGE.split('`').map(str::trim);
    let lines = PAGE.lines().map(str::trim);
    let commands = spans
        .chain(lines)
        .filter(|text| text.starts_with("tidegate ") && !text.contains('\n'));
    // A table can't hold a bar as it is.
    let mut commands: Vec<String> = commands
        .map(|command| command.replace("\\|", "|"))
        .collect();
    commands.dedup();
    commands
}

/// A folder in which each command can be run: a service that passes, marks, labels, and an export of a Keptn.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let marks = r#"{"version": 1, "marks": {
        "start": {"time": "2024-02-01T10:00:00.000Z", "marks": "start"},
        "deployment": {"time": "2024-02-01T10:00:00.000Z", "marks": "start"}}}"#;
    std::fs::create_dir(folder.path().join(".tidegate")).unwrap();
    for (path, text) in [
        ("tidegate.yaml", "providers: {numbers: {type: static}}\n"),
        ("slo.yaml", SLO),
        (
            "sli.yaml",
            "indicators:\n  response_time: { provider: static, value: 500 }\n",
        ),
        ("labels.txt", "build:17\njoburl:https://ci.example/17\n"),
        ("sockshop.json", "[]"),
        (".tidegate/marks.json", marks),
    ] {
        std::fs::write(folder.path().join(path), text).unwrap();
    }
    let (code, said) = run("tidegate evaluate", folder.path());
    assert_eq!(code, 0, "{said}");
    folder
}

/// Runs a line of shell.
fn run(line: &str, folder: &Path) -> (i32, String) {
    let programs = Path::new(env!("CARGO_BIN_EXE_tidegate")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new("bash")
        .args(["-o", "pipefail", "-c", line])
        .current_dir(folder)
        .env_clear()
        .env("PATH", format!("{}:{path}", programs.display()))
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8(said).unwrap(),
    )
}

#[test]
fn every_command_of_the_page_works() {
    let commands = commands();
    assert!(commands.len() > 35, "{commands:?}");
    for command in commands {
        let folder = folder();
        if command == "tidegate init" {
            // It writes nothing over what is there.
            for file in ["slo.yaml", "sli.yaml", "tidegate.yaml"] {
                std::fs::remove_file(folder.path().join(file)).unwrap();
            }
        }
        let (code, said) = run(&command, folder.path());
        assert_eq!(code, 0, "{command}\n{said}");
    }
}

#[test]
fn every_row_of_the_table_names_what_to_write_or_that_there_is_nothing() {
    let rows = PAGE
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| old step"));
    for row in rows {
        let cells: Vec<&str> = row.split(" | ").collect();
        let now = cells.get(1).unwrap();
        let is_told = now.contains("`tidegate ")
            || matches!(*now, "variables and files" | "the steps of your pipeline");
        assert!(is_told, "{row}");
    }
}
