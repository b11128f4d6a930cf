//! Many jobs on one machine share one log.

use crate::harness::{Answer, Gate, Running};

/// How many evaluations run at once.
const CROWD: usize = 16;

/// An SLO that is compared with everything that was ever stored.
const SLO: &str = r#"comparison:
  compare_with: several_results
  number_of_comparison_results: 100
  include_result_with_score: all
objectives:
  - sli: response_time
    pass: [{criteria: ["<=+10%"]}]
total_score: { pass: "90%" }
"#;

/// Runs many evaluations at once, then one more that is compared with them all.
fn crowd(log: &str) -> (Gate, Vec<String>) {
    let gate = Gate::new()
        .file("slo.yaml", SLO)
        .file("values.json", r#"{"response_time": 500}"#)
        .args(["evaluate", "--values", "values.json", "-o", "json"])
        .args(["--event-log", log]);
    let running: Vec<Running> = (0..CROWD).map(|_| gate.start()).collect();
    let answers: Vec<Answer> = running.into_iter().map(Running::wait).collect();
    let id = |answer: Answer| answer.code(0).json()["id"].as_str().unwrap().to_owned();
    let mut ids: Vec<String> = answers.into_iter().map(id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), CROWD);
    let last = gate.run().code(0).json();
    let compared = last["comparison"]["compared"].as_array().unwrap();
    let mut found: Vec<String> = compared
        .iter()
        .map(|past| past["id"].as_str().unwrap().to_owned())
        .collect();
    found.sort();
    assert_eq!(found, ids);
    let times: Vec<&str> = compared
        .iter()
        .map(|past| past["time"].as_str().unwrap())
        .collect();
    assert!(times.windows(2).all(|pair| pair[0] != pair[1]), "{times:?}");
    (gate, ids)
}

#[test]
fn sixteen_evaluations_at_once_are_all_stored_in_sqlite() {
    crowd("sqlite:events.db");
}

#[test]
fn sixteen_evaluations_at_once_are_all_stored_in_a_file_of_lines() {
    let (gate, ids) = crowd("events.jsonl");
    let text = gate.read("events.jsonl");
    let events: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(events.len(), 2 * (CROWD + 1));
    for id in ids {
        assert_eq!(
            events
                .iter()
                .filter(|event| event["id"] == id.as_str())
                .count(),
            1
        );
    }
}
