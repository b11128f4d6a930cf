//! Our reports, read by programs that others wrote: `junitparser` and `prometheus_client` of Python, `tap-parser` of Node.
//! `.ci/run` installs them.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::harness::Gate;

/// Set where a missing parser must fail the tests and not skip them.
const REQUIRE: &str = "TIDEGATE_REQUIRE_SERVERS";

/// Counts the tests of a `JUnit` file as `junitparser` sees them.
const JUNIT: &str = r#"
import json, sys
from junitparser import Error, Failure, JUnitXml, Skipped
xml = JUnitXml.fromfile(sys.argv[1])
cases = [case for suite in xml for case in suite]
kinds = {"failures": Failure, "errors": Error, "skipped": Skipped}
seen = {name: sum(isinstance(r, kind) for case in cases for r in case.result) for name, kind in kinds.items()}
told = {name: getattr(xml, name) for name in kinds}
assert seen == told and xml.tests == len(cases), (seen, told)
assert all(len(case.result) <= 1 for case in cases)
assert len({(case.classname, case.name) for case in cases}) == len(cases)
print(json.dumps({"tests": len(cases), "total": [type(r).__name__ for r in cases[0].result], **seen}))
"#;

/// Reads metrics as `OpenMetrics` and as the older text format of Prometheus; both must see the same.
const METRICS: &str = r#"
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as new
from prometheus_client.parser import text_string_to_metric_families as old
text = open(sys.argv[1], newline="", encoding="utf-8").read()
read = lambda parse: [(s.name, sorted(s.labels.items()), s.value) for family in parse(text) for s in family.samples]
assert read(new) == read(old)
series = [(name, labels) for name, labels, _ in map(lambda s: (s[0], tuple(s[1]), s[2]), read(new))]
assert len(set(series)) == len(series)
result = [dict(labels)["result"] for name, labels, value in read(new) if name == "tidegate_result" and value == 1]
score = [value for name, _, value in read(new) if name == "tidegate_score"]
judged = [value for name, _, value in read(new) if name == "tidegate_judged"]
print(json.dumps({"judged": judged[0], "result": result, "score": score}))
"#;

/// Reads a TAP file; every block of YAML must be one.
const TAP: &str = r#"
const { Parser } = require("tap-parser");
const { readFileSync } = require("fs");
const parser = new Parser({ strict: true });
const tests = [];
let bailedOut = null;
parser.on("assert", (test) => tests.push({ ok: test.ok, skip: !!test.skip, diag: test.diag }));
parser.on("bailout", (reason) => { bailedOut = reason; });
parser.on("extra", (line) => { throw new Error("not understood: " + line); });
parser.on("complete", (results) => {
  if (tests.some((test) => typeof test.diag?.message !== "string" || !Array.isArray(test.diag.details))) {
    throw new Error("a block is no YAML");
  }
  const problems = results.failures.filter((failure) => failure.tapError);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  const count = (wanted) => tests.filter(wanted).length;
  console.log(JSON.stringify({
    tests: tests.length, failed: count((test) => !test.ok), skipped: count((test) => test.skip),
    bailed_out: bailedOut !== null,
  }));
});
parser.end(readFileSync(process.argv[2], "utf-8"));
"#;

/// Returns the folder that `.ci/run` installs parsers into.
fn parsers() -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || Path::new(&std::env::var_os("HOME").unwrap_or_default()).join(".cache");
    cache.unwrap_or_else(home).join("tidegate-servers")
}

/// Runs a script over a file and returns what it prints; `None` where its interpreter or its parser is not installed.
fn read(program: &Path, library: &Path, script: &str, file: &Path) -> Option<Value> {
    if !library.exists() {
        let missing = library.display();
        assert!(
            std::env::var_os(REQUIRE).is_none(),
            "{missing} is not there, and {REQUIRE} is set"
        );
        eprintln!("SKIPPED: {missing} is not there");
        return None;
    }
    let mut child = Command::new(program)
        .args(["-", file.to_str().unwrap()])
        .env("NODE_PATH", library)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(script.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{}: {complaint}", file.display());
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// Reads a file with a script of Python.
fn with_python(script: &str, file: &Path) -> Option<Value> {
    let python = parsers().join("report-readers/bin/python3");
    read(&python, &python, script, file)
}

/// Reads a file with a script of Node.
fn with_node(script: &str, file: &Path) -> Option<Value> {
    let modules = parsers().join("tap-parser/node_modules");
    read(Path::new("node"), &modules, script, file)
}

/// Returns a golden file, which the unit tests compare with what we write.
fn golden(case: &str, file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/reports")
        .join(case)
        .join(file)
}

#[test]
fn junitparser_counts_what_we_count() {
    for (case, total, counts) in [
        ("pass-without-history", json!([]), [4, 0, 0, 0]),
        ("warning-with-baseline", json!([]), [4, 0, 0, 0]),
        ("pass-with-failing-objective", json!([]), [3, 0, 0, 0]),
        ("fail-with-gaps", json!(["Failure"]), [8, 2, 2, 3]),
        ("inconclusive", json!(["Error"]), [4, 0, 2, 0]),
        ("not-evaluated", json!(["Error"]), [1, 0, 1, 0]),
        ("hostile", json!(["Failure"]), [5, 1, 2, 0]),
        ("unjudged", json!(["Error"]), [1, 0, 1, 0]),
        ("unjudged-hostile", json!(["Error"]), [1, 0, 1, 0]),
    ] {
        let Some(seen) = with_python(JUNIT, &golden(case, "junit.xml")) else {
            return;
        };
        let [tests, failures, errors, skipped] = counts;
        let expected = json!({"tests": tests, "total": total, "failures": failures, "errors": errors, "skipped": skipped});
        assert_eq!(seen, expected, "{case}");
    }
}

#[test]
fn prometheus_client_reads_our_metrics() {
    for (case, result, score) in [
        ("pass-without-history", json!(["pass"]), json!([100])),
        ("warning-with-baseline", json!(["warning"]), json!([66.66])),
        ("fail-with-gaps", json!(["fail"]), json!([30])),
        ("inconclusive", json!(["inconclusive"]), json!([])),
        ("not-evaluated", json!(["fail"]), json!([])),
        ("hostile", json!(["fail"]), json!([33.33])),
        ("unjudged", json!([]), json!([])),
        ("unjudged-hostile", json!([]), json!([])),
    ] {
        let Some(seen) = with_python(METRICS, &golden(case, "metrics.txt")) else {
            return;
        };
        let judged = u8::from(!case.starts_with("unjudged"));
        let expected = json!({"judged": judged, "result": result, "score": score});
        assert_eq!(seen, expected, "{case}");
    }
}

#[test]
fn tap_parser_reads_our_tests() {
    for (case, counts, bailed_out) in [
        ("pass-without-history", [4, 0, 0], false),
        ("warning-with-baseline", [4, 0, 0], false),
        ("fail-with-gaps", [8, 4, 3], false),
        ("inconclusive", [4, 2, 0], false),
        ("not-evaluated", [1, 1, 0], false),
        ("hostile", [5, 3, 0], false),
        ("unjudged", [0, 0, 0], true),
        ("unjudged-hostile", [0, 0, 0], true),
    ] {
        let Some(seen) = with_node(TAP, &golden(case, "report.tap")) else {
            return;
        };
        let [tests, failed, skipped] = counts;
        let expected =
            json!({"tests": tests, "failed": failed, "skipped": skipped, "bailed_out": bailed_out});
        assert_eq!(seen, expected, "{case}");
    }
}

#[test]
fn what_the_program_writes_is_read_too() {
    let gate = Gate::of_value(900.0).args(["--report", "junit=gate.xml,tap=gate.tap"]);
    gate.run().code(1);
    if let Some(seen) = with_python(JUNIT, &gate.path("gate.xml")) {
        assert_eq!(seen["failures"], 2);
    }
    if let Some(seen) = with_node(TAP, &gate.path("gate.tap")) {
        assert_eq!(seen["failed"], 2);
    }
}
