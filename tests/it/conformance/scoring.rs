//! The 527 generated cases of `scoring.jsonl`.

use std::fs;

use serde_json::{Value, json};
use tidegate::gate::event::{CloudEvent, EventType};
use tidegate::spec::{Source, parse_values};

use super::{Differences, as_event, check, compare_tree, event, fixture, run};

#[test]
fn every_scoring_case_agrees() {
    let text = fs::read_to_string(fixture("scoring.jsonl")).unwrap();
    let rows: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(rows.len() > 500);
    check(
        "scoring",
        &rows,
        |row| row["id"].as_str().unwrap().to_owned(),
        compare_scoring,
    );
}

/// Compares one case of `scoring.jsonl`.
fn compare_scoring(row: &Value) -> Result<(), String> {
    let values = Source::new("values.json", row["sli_values"].to_string());
    let readings = parse_values(&values)
        .value
        .ok_or("the values are refused")?
        .readings;
    let history = row["history"].as_array().unwrap();
    let events: Vec<CloudEvent> = history
        .iter()
        .enumerate()
        .flat_map(scoring_history)
        .collect();
    let expect = &row["expect"];
    let evaluated = run(row["slo"].as_str().unwrap(), &readings, &events);
    if expect["invalid"] == true {
        return match evaluated {
            Err(_) => Ok(()),
            Ok((_, evaluation)) => Err(format!("taken, and {}", evaluation.verdict)),
        };
    }
    let ours = as_event("", evaluated?.1);
    let data = &ours["data"];
    let mut differences = Differences::default();
    differences.compare("result", &data["result"], &expect["result"]);
    differences.compare("score", &data["evaluation"]["score"], &expect["score"]);
    let compared: Vec<Value> = expect["compared_history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|at| json!(format!("ev-{at}")))
        .collect();
    let ours_compared = data["evaluation"]
        .get("comparedEvents")
        .cloned()
        .unwrap_or_else(|| json!([]));
    differences.compare("compared", &ours_compared, &json!(compared));
    let results = data["evaluation"]["indicatorResults"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let expected = expect["indicatorResults"].as_array().unwrap();
    differences.compare(
        "number of results",
        &json!(results.len()),
        &json!(expected.len()),
    );
    for (ours, expected) in results.iter().zip(expected) {
        compare_result(&mut differences, ours, expected);
    }
    differences.result()
}

/// Returns the events of one earlier evaluation: `time` counts up, and an invalidated one has its invalidation.
fn scoring_history((at, past): (usize, &Value)) -> Vec<CloudEvent> {
    let trigger = format!("trigger-{at}");
    let finished = json!({
        "id": format!("ev-{at}"), "type": EventType::FINISHED, "triggeredid": trigger,
        "time": format!("2024-01-01T10:{at:02}:00Z"),
        "data": {
            "project": "sockshop", "stage": "staging", "service": "carts", "result": past["result"],
            "evaluation": {"indicatorResults": past["indicatorResults"]},
        },
    });
    let invalidation = json!({
        "id": format!("inv-{at}"), "type": EventType::INVALIDATED, "triggeredid": trigger,
        "data": {"project": "sockshop", "stage": "staging", "service": "carts"},
    });
    let mut events = vec![event(finished)];
    if past["invalidated"] == true {
        events.push(event(invalidation));
    }
    events
}

/// Compares one indicator result; what the case does not state is not compared.
fn compare_result(differences: &mut Differences, ours: &Value, expected: &Value) {
    let metric = expected["metric"].as_str().unwrap_or_default();
    for key in [
        "status",
        "score",
        "displayName",
        "keySli",
        "passTargets",
        "warningTargets",
    ] {
        if let Some(expected) = expected.get(key) {
            compare_tree(
                differences,
                &format!("{metric}.{key}"),
                &ours[key],
                expected,
            );
        }
    }
    for key in ["value", "comparedValue"] {
        if let Some(expected) = expected.get(key) {
            differences.compare(&format!("{metric}.{key}"), &ours["value"][key], expected);
        }
    }
}
