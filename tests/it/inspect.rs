//! `tidegate inspect`, and results that are named on the command line.

use insta::assert_snapshot;

use crate::harness::Gate;

/// What `JUnit` wrote, with reruns.
const JUNIT: &str = include_str!("../../fixtures/results/junit/pytest-broken.xml");
/// What k6 wrote.
const K6: &str = include_str!("../../fixtures/results/k6/handle-summary.json");

/// An SLO of canonical names.
const SLO: &str = "objectives:\n  - sli: response_time_p95\n    pass: [{criteria: [\"<500\"]}]\n  \
    - sli: error_rate\n    pass: [{criteria: [\"<=0.05\"]}]\ntotal_score: {pass: \"90%\"}\n";

#[test]
fn a_file_lists_what_slis_can_ask_of_it() {
    let gate = Gate::new().file("tests.xml", JUNIT);
    let answer = gate.run_with(["inspect", "tests.xml"]).code(0);
    assert_snapshot!(answer.stdout(), @r#"
    format: junit

    the whole run
      slowest_test       0 s                       1 samples
      test_duration      0 s                       1 samples
      test_duration_p95  0 s                       1 samples, nearest rank
      test_pass_rate     0 ratio                   1 samples
      tests_errors       1                         1 samples
      tests_failed       0                         1 samples
      tests_flaky        0                         1 samples
      tests_passed       0                         1 samples
      tests_skipped      0                         1 samples
      tests_total        1                         1 samples

    select: {name: "pytest"}
      slowest_test       0 s                       1 samples
      test_duration      0 s                       1 samples
      test_duration_p95  0 s                       1 samples, nearest rank
      test_pass_rate     0 ratio                   1 samples
      tests_errors       1                         1 samples
      tests_failed       0                         1 samples
      tests_flaky        0                         1 samples
      tests_passed       0                         1 samples
      tests_skipped      0                         1 samples
      tests_total        1                         1 samples
    "#);
    let document = gate
        .run_with(["inspect", "tests.xml", "-o", "json"])
        .code(0)
        .json();
    assert_eq!(document["format"], "junit");
    assert_eq!(document["parts"][0]["name"], serde_json::Value::Null);
}

#[test]
fn what_is_no_results_file_is_called_so() {
    let gate = Gate::new().file("a.txt", "hello\n");
    gate.run_with(["inspect", "none.json"]).code(66);
    gate.run_with(["inspect", "a.txt", "--format", "excel"])
        .code(64);
    let answer = gate.run_with(["inspect", "a.txt"]).code(65);
    assert!(
        answer.stderr().contains("a.txt: error: "),
        "{}",
        answer.stderr()
    );
}

#[test]
fn results_on_the_command_line_answer_what_no_file_defines() {
    let gate = Gate::new()
        .file("slo.yaml", SLO)
        .file("out/k6.json", K6)
        .args(["evaluate", "--event-log", "memory:", "-o", "json"]);
    let document = gate.run_with(["--results", "out/k6.json"]).code(0).json();
    assert_eq!(document["objectives"][1]["value"], 0.05);
    assert_eq!(document["objectives"][1]["reading"]["provider"], "results");
    gate.run_with(["--results", "out/*.json"]).code(0);
    gate.run_with(["--results", "none.json"]).code(66);
    gate.run_with(["--results", "none-*.json"]).code(1);
}

#[test]
fn what_a_file_defines_is_not_taken_from_the_results() {
    let sli = "indicators:\n  error_rate: {provider: static, value: 0.5}\n";
    let gate = Gate::new()
        .file("slo.yaml", SLO)
        .file("sli.yaml", sli)
        .file("k6.json", K6)
        .args([
            "evaluate",
            "--event-log",
            "memory:",
            "-o",
            "json",
            "--results",
            "k6.json",
        ]);
    let document = gate.run().code(1).json();
    assert_eq!(document["objectives"][1]["value"], 0.5);
    assert_eq!(document["objectives"][1]["reading"]["provider"], "static");
    assert_eq!(document["objectives"][0]["status"], "pass");
}

#[test]
fn files_and_numbers_need_no_settings() {
    let sli = "indicators:\n  response_time_p95:\n    provider: file\n    path: k6.json\n  \
        error_rate: {provider: static, value: 0.01}\n";
    let gate = Gate::new()
        .file("slo.yaml", SLO)
        .file("sli.yaml", sli)
        .file("k6.json", K6)
        .args(["evaluate", "--event-log", "memory:"]);
    gate.run().code(0);
}
