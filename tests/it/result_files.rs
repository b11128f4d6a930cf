//! Files with results as the only source of numbers: no backend runs anywhere.

use crate::harness::Gate;

/// What k6 wrote.
const K6: &str = include_str!("../../fixtures/results/k6/handle-summary.json");
/// What `JMeter` wrote.
const JTL: &str = include_str!("../../fixtures/results/jmeter/default.jtl");

/// An SLO of canonical names.
const CANONICAL: &str = "spec_version: \"1.0\"\nobjectives:\n  \
    - sli: response_time_p95\n    pass: [{criteria: [\"<500\"]}]\n  \
    - sli: error_rate\n    pass: [{criteria: [\"<=0.05\"]}]\n  \
    - sli: request_count\n    pass: [{criteria: [\"=60\"]}]\ntotal_score: {pass: \"90%\"}\n";

/// Starts with a provider of files.
fn over(path: &str) -> Gate {
    let config =
        format!("event_log: \"memory:\"\nproviders:\n  load: {{type: file, path: {path}}}\n");
    Gate::new()
        .file("tidegate.yaml", config.as_str())
        .args(["evaluate"])
}

#[test]
fn an_slo_of_canonical_names_needs_a_file_and_nothing_else() {
    let gate = over("out/*.json")
        .file("slo.yaml", CANONICAL)
        .file("out/k6.json", K6);
    let document = gate.run_with(["-o", "json"]).code(0).json();
    let text = document.to_string();
    assert!(
        text.contains("out/k6.json (k6; as k6 computed it)"),
        "{text}"
    );
}

#[test]
fn a_run_without_its_file_does_not_pass() {
    let gate = over("out/*.json").file("slo.yaml", CANONICAL);
    let document = gate.run_with(["-o", "json"]).code(1).json();
    assert!(
        document
            .to_string()
            .contains("no file matches `out/*.json`")
    );
}

#[test]
fn indicators_choose_figures_parts_and_files_of_their_own() {
    let sli = "indicators:\n  \
        slow: {metric: response_time_p97, select: {name: \"sign in\"}}\n  \
        home: 'response_time_max{name=\"GET /\"}'\n  \
        waiting: {query: \"native:http_req_waiting.p(95)\", path: k6.json}\n  \
        typo: {metric: eror_rate}\n";
    let slo = "spec_version: \"1.0\"\nobjectives:\n  - sli: slow\n    pass: [{criteria: [\">0\"]}]\n  \
        - sli: home\n    pass: [{criteria: [\">0\"]}]\n  - sli: waiting\n    pass: [{criteria: [\">0\"]}]\n  \
        - sli: typo\ntotal_score: {pass: \"90%\"}\n";
    let gate = over("a.jtl")
        .file("slo.yaml", slo)
        .file("sli.yaml", sli)
        .file("a.jtl", JTL)
        .file("k6.json", K6);
    let document = gate.run_with(["-o", "json"]).code(0).json();
    let text = document.to_string();
    for part in [
        "a.jtl (jmeter-csv; nearest rank, exact)",
        "k6.json (k6)",
        "did you mean `error_rate`?",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}
