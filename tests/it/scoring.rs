//! Some of the reference's scoring cases through the whole program; all of them run in the library's own tests.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::Gate;

/// One case a line.
const CASES: &str = include_str!("../../fixtures/conformance/scoring.jsonl");

/// Returns about forty cases: the first of every tag, and some on the way.
fn sample() -> Vec<Value> {
    let mut tags = BTreeSet::new();
    let cases = CASES
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let is_chosen = |(number, case): &(usize, Value)| {
        let new = case["tags"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|tag| tags.insert(tag.to_string()))
            .count();
        new > 0 || number % 17 == 0
    };
    cases
        .enumerate()
        .filter(is_chosen)
        .map(|(_, case)| case)
        .collect()
}

/// Writes the history as Keptn would have stored it.
fn history(case: &Value) -> String {
    let mut lines = String::new();
    let past = case["history"].as_array().unwrap();
    for (at, past) in past.iter().enumerate() {
        let common = json!({"project": "p", "stage": "s", "service": "v", "status": "succeeded", "result": past["result"]});
        let mut data = common.clone();
        data["evaluation"] = json!({
            "timeStart": "", "timeEnd": "", "result": past["result"], "score": 0, "sloFileContent": "",
            "indicatorResults": past["indicatorResults"]
        });
        let event = |kind: &str, id: String, data: Value| {
            json!({
                "id": id, "source": "lighthouse-service", "specversion": "1.0", "type": format!("sh.keptn.event.evaluation.{kind}"),
                "time": format!("2024-01-01T00:{:02}:{:02}.000Z", at / 60, at % 60), "shkeptncontext": format!("c{at}"),
                "triggeredid": format!("t{at}"), "data": data
            })
        };
        lines.extend([
            event("finished", at.to_string(), data).to_string(),
            "\n".to_owned(),
        ]);
        if past["invalidated"] == true {
            let invalidated = event("invalidated", format!("i{at}"), common);
            lines.extend([invalidated.to_string(), "\n".to_owned()]);
        }
    }
    lines
}

/// Compares numbers within 1e-9, relative; anything else exactly. What the case does not state is not compared.
fn agrees(path: &str, expected: &Value, found: &Value) -> Result<(), String> {
    let differs = || Err(format!("{path} is {found}, not {expected}"));
    match (expected, found) {
        (Value::Number(expected), Value::Number(found)) => {
            let (expected, found) = (expected.as_f64().unwrap(), found.as_f64().unwrap());
            let near = (expected - found).abs() <= 1e-9 * expected.abs().max(found.abs());
            if near { Ok(()) } else { differs() }
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => expected
            .iter()
            .zip(found)
            .enumerate()
            .try_for_each(|(at, (expected, found))| {
                agrees(&format!("{path}/{at}"), expected, found)
            }),
        (Value::Object(expected), Value::Object(found)) => {
            expected.iter().try_for_each(|(key, expected)| {
                let found = found.get(key).unwrap_or(&Value::Null);
                agrees(&format!("{path}/{key}"), expected, found)
            })
        }
        _ if expected == found => Ok(()),
        // An empty list and none at all mean the same in Keptn's events.
        (Value::Array(list), Value::Null) | (Value::Null, Value::Array(list))
            if list.is_empty() =>
        {
            Ok(())
        }
        _ => differs(),
    }
}

/// Returns the event in the form of a case's `expect`.
fn outcome(event: &Value) -> Value {
    let evaluation = &event["data"]["evaluation"];
    let compared = evaluation["comparedEvents"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let results = evaluation["indicatorResults"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let flat = results.into_iter().map(|mut result| {
        let value = result["value"].take();
        result["metric"] = value["metric"].clone();
        result["comparedValue"] = value["comparedValue"].clone();
        result["value"] = value["value"].clone();
        result
    });
    json!({
        "result": event["data"]["result"],
        "score": evaluation["score"],
        "compared_history": compared.iter().map(|id| id.as_str().unwrap().parse::<usize>().unwrap()).collect::<Vec<_>>(),
        "indicatorResults": flat.collect::<Vec<_>>(),
    })
}

/// Runs a case.
fn check(case: &Value) -> Result<(), String> {
    let gate = Gate::new()
        .file("slo.yaml", case["slo"].as_str().unwrap())
        .file("values.json", case["sli_values"].to_string())
        .file("log.jsonl", history(case))
        .args([
            "evaluate",
            "--slo",
            "slo.yaml",
            "--values",
            "values.json",
            "--event-log",
            "log.jsonl",
        ])
        .args([
            "--project",
            "p",
            "--stage",
            "s",
            "--service",
            "v",
            "--output",
            "keptn-event",
        ]);
    let expected = &case["expect"];
    if expected["invalid"] == true {
        gate.run().code(65).says_its_code("keptn-event");
        return Ok(());
    }
    let code = match expected["result"].as_str().unwrap() {
        "pass" => 0,
        "warning" => 3,
        _ => 1,
    };
    let event = gate.run().code(code).json();
    agrees("", expected, &outcome(&event))
}

#[test]
fn the_program_scores_as_the_reference_does() {
    let sample = sample();
    assert!((35..=60).contains(&sample.len()), "{}", sample.len());
    let wrong = sample.iter().filter_map(|case| {
        let difference = check(case).err()?;
        Some(format!("{}: {difference}", case["id"]))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
