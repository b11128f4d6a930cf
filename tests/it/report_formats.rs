//! What others make of the golden files: the official schema of SARIF, the SDK of `CDEvents`, and in-toto's own library.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::harness::Gate;

/// Set where a missing tool must fail the tests and not skip them.
const REQUIRE: &str = "TIDEGATE_REQUIRE_SERVERS";

/// Says that a tool is not there; fails where it has to be.
fn missing(what: &str) {
    assert!(
        std::env::var_os(REQUIRE).is_none(),
        "{what} is not installed"
    );
    eprintln!("skipped: {what} is not installed");
}

/// Returns the golden files of this name, each with its folder.
fn golden(file: &str) -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/reports");
    let mut found = Vec::new();
    for case in std::fs::read_dir(folder).unwrap() {
        let path = case.unwrap().path().join(file);
        if let Ok(text) = std::fs::read_to_string(&path) {
            found.push((path.display().to_string(), text));
        }
    }
    assert!(found.len() >= 7, "{file}: {}", found.len());
    found
}

/// Returns where CI puts what the tests need.
fn tools() -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cache");
    cache.unwrap_or_else(home).join("tidegate-servers")
}

#[test]
fn sarif_follows_the_official_schema() {
    let path = tools().join("schemas/sarif-2.1.0.json");
    let Ok(schema) = std::fs::read_to_string(path) else {
        return missing("the schema of SARIF");
    };
    // Two patterns of the schema are only regular expressions where a lone `]` is one character.
    let schema = schema.replace("]?$\"", "\\\\]?$\"");
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let options = jsonschema::options().should_validate_formats(true);
    let validator = options.build(&schema).unwrap();
    for (path, text) in golden("gate.sarif") {
        let document: Value = serde_json::from_str(&text).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| format!("{error} at {}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{path}: {errors:?}");
    }
    let mut wrong: Value = serde_json::from_str(&golden("gate.sarif")[0].1).unwrap();
    wrong["runs"][0]["results"][0]["kind"] = "maybe".into();
    assert!(!validator.is_valid(&wrong));
}

#[test]
fn the_sdk_of_cdevents_reads_every_event_to_the_last_member() {
    for (path, text) in golden("cdevents.jsonl") {
        for line in text.lines() {
            let event: cdevents_sdk::CDEvent = serde_json::from_str(line)
                .unwrap_or_else(|error| panic!("{path}: {error}: {line}"));
            let again = serde_json::to_value(&event).unwrap();
            let told: Value = serde_json::from_str(line).unwrap();
            assert_eq!(again["subject"], told["subject"], "{path}");
            assert_eq!(again["context"]["id"], told["context"]["id"], "{path}");
            assert!(event.ty().ends_with(".finished.0.3.0"), "{}", event.ty());
        }
    }
}

#[test]
fn in_totos_own_library_reads_the_statement() {
    let python = tools().join("bin/in-toto-python");
    if !python.exists() {
        return missing("in-toto-attestation");
    }
    let check = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(".ci/in-toto/check.py");
    for (path, text) in golden("result.json") {
        if path.contains("unjudged") {
            continue;
        }
        let document: Value = serde_json::from_str(&text).unwrap();
        let expected = match document["result"].as_str().unwrap() {
            "pass" => "PASSED",
            "warning" => "WARNED",
            _ => "FAILED",
        };
        let image = format!("registry.example/carts@sha256:{}", "0a".repeat(32));
        let gate = Gate::new().file("gate.json", text);
        let args = [
            "report",
            "--from",
            "gate.json",
            "--artifact",
            &image,
            "--report",
            "in-toto=out.json",
        ];
        gate.run_with(args).code(0);
        let statement = std::fs::File::open(gate.path("out.json")).unwrap();
        let output = Command::new(&python)
            .arg(&check)
            .stdin(statement)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let why = String::from_utf8_lossy(&output.stderr);
        assert_eq!(said.trim(), format!("[\"{expected}\", 1]"), "{path}: {why}");
    }
}
