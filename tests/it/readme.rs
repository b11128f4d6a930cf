//! Every block of the README is run or parsed, and its tables are compared with the program.
//!
//! An HTML comment before a block says what to do with it: `<!-- test: run -->` runs a console block, `<!-- file: PATH -->`
//! writes a block to a file that later blocks use, and reads it as what its name says (`; refused` where it must not be
//! readable), `<!-- test: parse -->` only parses, and `<!-- test: skip REASON -->` does nothing.

use std::path::Path;
use std::process::Command;

use tidegate::spec::{Problem, Source, parse_sli, parse_slo, parse_values};

use crate::examples::copy_examples;
use crate::harness::Gate;
use crate::support::misbehaving::{Reply, Server};
use crate::transcript::{check, run};

/// The page.
const README: &str = include_str!("../../README.md");

/// A block of code.
#[derive(Debug)]
struct Block {
    /// The language behind the fence.
    language: String,
    /// The comment before it.
    comment: String,
    /// What stands in it, without the indentation of the fence.
    text: String,
}

/// Returns the blocks of the page.
fn blocks() -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut comment = String::new();
    let mut lines = README.lines();
    while let Some(line) = lines.next() {
        let content = line.trim_start();
        let indent = line.len() - content.len();
        if let Some(found) = content.strip_prefix("<!-- ") {
            comment = String::from(found.trim_end_matches(" -->"));
        } else if let Some(language) = content.strip_prefix("```") {
            let inside = lines
                .by_ref()
                .take_while(|line| !line.trim_start().starts_with("```"))
                .map(|line| format!("{}\n", line.get(indent..).unwrap_or_default()));
            blocks.push(Block {
                language: language.to_owned(),
                comment: std::mem::take(&mut comment),
                text: inside.collect(),
            });
        } else if !content.is_empty() {
            comment.clear();
        }
    }
    blocks
}

/// Reads a file as what its name says it is; returns what is wrong with it.
fn problems(path: &str, text: &str) -> Vec<Problem> {
    let source = Source::new(path, text);
    match path.rsplit('/').next() {
        Some("slo.yaml") => parse_slo(&source).problems,
        Some("sli.yaml") => parse_sli(&source).problems,
        Some("numbers.json" | "array.json" | "event.json") => parse_values(&source).problems,
        // A console block evaluates with it.
        Some("tidegate.yaml") => Vec::new(),
        _ => panic!("what is {path}?"),
    }
}

/// Writes a block to its file, after it was read.
fn write(instruction: &str, block: &Block, folder: &Path) {
    let (path, expected) = instruction.split_once("; ").unwrap_or((instruction, ""));
    let problems = problems(path, &block.text);
    let is_refused = problems.iter().any(Problem::is_error);
    assert_eq!(is_refused, expected == "refused", "{path}: {problems:?}");
    assert!(is_refused || problems.is_empty(), "{path}: {problems:?}");
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, &block.text).unwrap();
}

#[test]
fn every_block_does_what_it_shows() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    copy_examples(&root);
    for block in blocks() {
        let comment = block.comment.as_str();
        match (block.language.as_str(), comment.split_once(": ")) {
            (_, Some(("test", skip))) if skip.starts_with("skip ") => {}
            ("text", None) => {}
            ("console", Some(("test", "run"))) => check(&block.text, &root),
            ("yaml" | "json", Some(("file", file))) => write(file, &block, &root),
            ("yaml", Some(("test", "parse"))) => {
                let parsed: Result<serde_json::Value, _> = serde_saphyr::from_str(&block.text);
                assert!(parsed.is_ok(), "{parsed:?}");
            }
            (language, _) => panic!(
                "nothing is done with this {language} block: {comment}\n{}",
                block.text
            ),
        }
    }
}

#[test]
fn the_ways_to_bring_values_work() {
    let folder = tempfile::tempdir().unwrap();
    copy_examples(folder.path());
    for block in blocks().iter().filter(|block| block.language == "json") {
        let file = block.comment.trim_start_matches("file: ");
        std::fs::write(folder.path().join(file), &block.text).unwrap();
        let slo = "slo-examples/first-steps/slo.yaml";
        let ran = run(
            &format!("tidegate evaluate --slo {slo} --values {file}"),
            folder.path(),
        );
        assert!(ran.text.contains("shop/staging/carts"), "{}", ran.text);
        assert!(matches!(ran.code, 0 | 1 | 3), "{}", ran.text);
    }
}

#[test]
fn the_api_that_the_page_describes_is_asked_as_it_says() {
    let server = Server::start(|request| {
        let is_asked =
            request.starts_with("GET /stats/checkout?name=open&from=1706781600&to=1706781900 HTTP");
        if is_asked && request.to_ascii_lowercase().contains("x-api-key: k-1") {
            Reply::json(200, r#"{"points": [{"value": 3}, {"value": 4}]}"#)
        } else {
            Reply::json(404, r#"{"message": "no such thing"}"#)
        }
    });
    let of_api = |block: &Block| block.comment.starts_with("file: any-api/");
    let gate = blocks()
        .iter()
        .filter(|block| of_api(block))
        .fold(Gate::new(), |gate, block| {
            gate.file(
                block.comment.trim_start_matches("file: any-api/"),
                &block.text,
            )
        });
    let answer = gate
        .env("SHOP_URL", server.url())
        .env("SHOP_KEY", "k-1")
        .args([
            "query",
            "-o",
            "json",
            "--start",
            "2024-02-01T10:00:00Z",
            "--timeframe",
            "5m",
        ])
        .run()
        .code(0);
    assert_eq!(answer.json()["slis"][0]["value"], 4);
}

/// Returns the names of the members of an object.
fn members(object: &serde_json::Value) -> Vec<&str> {
    object
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[test]
fn the_tables_of_policies_and_credentials_are_complete() {
    let schema = Gate::new().args(["schema", "config"]).run().code(0).json();
    let mut policies = members(&schema["properties"]["policies"]["properties"]);
    policies.retain(|key| !["on_no_data", "on_error"].contains(key));
    let mut listed = first_column("how an answer becomes a value:");
    policies.sort_unstable();
    listed.sort_unstable();
    assert_eq!(listed, policies);
    let provider = &schema["properties"]["providers"]["additionalProperties"]["properties"];
    let mut kinds = members(&provider["auth"]["oneOf"][0]["properties"]);
    kinds.retain(|kind| !kind.ends_with("_file"));
    kinds.push("none");
    let listed = first_column("`auth` is one of:");
    let mut listed: Vec<&str> = listed
        .into_iter()
        .filter_map(|kind| kind.split(':').next())
        .collect();
    kinds.sort_unstable();
    listed.sort_unstable();
    assert_eq!(listed, kinds);
}

/// Returns the words in backticks between two parts of the page.
fn words_between(start: &str, end: &str) -> Vec<&'static str> {
    let (_, after) = README.split_once(start).unwrap();
    let (between, _) = after.split_once(end).unwrap();
    between.split('`').skip(1).step_by(2).collect()
}

#[test]
fn the_members_of_the_other_documents_are_named() {
    let gate = Gate::new().file(
        "sli.yaml",
        "indicators: {one: {provider: static, value: 1}}",
    );
    let query = gate.run_with(["query", "-o", "json"]).code(0).json();
    let listed = words_between("`--output json` is versioned:", "## ");
    for name in members(&query)
        .into_iter()
        .chain(members(&query["slis"][0]))
    {
        assert!(listed.contains(&name), "{name}");
    }
    let doctor = gate.run_with(["doctor", "-o", "json"]).json();
    let listed = words_between("`--output json` has", ".");
    for name in members(&doctor)
        .into_iter()
        .chain(members(&doctor["checks"][0]))
    {
        assert!(listed.contains(&name), "{name}: {doctor}");
    }
}

/// Returns the words in backticks of the first column of the table below a line.
fn first_column(below: &str) -> Vec<&'static str> {
    let (_, after) = README.split_once(below).unwrap();
    let rows = after
        .trim_start()
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let cells = rows.filter_map(|row| row.split('|').nth(1));
    cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect()
}

#[test]
fn the_table_of_json_members_is_complete() {
    let folder = tempfile::tempdir().unwrap();
    copy_examples(folder.path());
    let example = folder.path().join("slo-examples/first-steps");
    let output = Command::new(env!("CARGO_BIN_EXE_tidegate"))
        .args(["evaluate", "--values", "values.json", "--output", "json"])
        .env_clear()
        .current_dir(example)
        .output()
        .unwrap();
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut found: Vec<&str> = document
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let mut listed = first_column("<!-- test: json keys -->");
    found.sort_unstable();
    listed.sort_unstable();
    assert_eq!(listed, found);
}

#[test]
fn the_table_of_variables_names_all_that_the_help_names() {
    let listed = first_column("counts as unset.");
    let help = run("tidegate evaluate --help", Path::new("."));
    // Long lines of the help are broken anywhere between words.
    let words = help.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let variables: Vec<&str> = words
        .split("[env: ")
        .skip(1)
        .filter_map(|rest| rest.split(']').next())
        .collect();
    assert!(variables.len() > 10, "{variables:?}");
    for variable in variables {
        assert!(
            listed.contains(&variable),
            "{variable} is not in the README"
        );
    }
}

#[test]
fn the_table_of_reports_names_every_format() {
    let mut listed = first_column("<!-- test: formats -->");
    let schema = Gate::new().args(["schema", "config"]).run().code(0).json();
    let formats = schema["properties"]["output"]["enum"].as_array().unwrap();
    let mut formats: Vec<&str> = formats.iter().map(|name| name.as_str().unwrap()).collect();
    formats.sort_unstable();
    listed.sort_unstable();
    assert_eq!(listed, formats);
}
