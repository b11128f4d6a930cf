//! The hand-made cases of `reference_cases.json`.

use serde_json::{Value, json};
use tidegate::gate::event::{CloudEvent, EventType};
use tidegate::spec::{Source, parse_values};

use super::{Differences, as_event, check, compare_tree, event, run, table};

#[test]
fn every_hand_made_case_agrees() {
    check(
        "cases",
        &table("cases"),
        |row| row["id"].as_str().unwrap().to_owned(),
        compare_case,
    );
}

/// Compares one case of `reference_cases.json`.
fn compare_case(row: &Value) -> Result<(), String> {
    let Some(slo) = row["slo"].as_str() else {
        return Err("a missing SLO is refused".to_owned());
    };
    let get_sli = &row["get_sli"];
    let values = json!({
        "type": "sh.keptn.event.get-sli.finished",
        "data": {
            "status": get_sli["status"], "result": get_sli["result"], "message": get_sli["message"],
            "labels": get_sli["labels"], "get-sli": {"indicatorValues": get_sli["values"]},
        },
    });
    let parsed = parse_values(&Source::new("values.json", values.to_string()));
    let expect = &row["expect"];
    let readings = match (parsed.value, expect["outcome"].as_str()) {
        (None, Some("crash")) => return Ok(()),
        (None, _) => return Err(format!("the values are refused: {:?}", parsed.problems)),
        (Some(values), _) => values.readings,
    };
    let history: Vec<CloudEvent> = row["history"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(case_history)
        .collect();
    let evaluated = run(slo, &readings, &history);
    let refusable = expect["outcome"] == "crash"
        || expect["objectives"].is_null() && expect["status"] == "errored";
    if refusable && evaluated.is_err() {
        return Ok(());
    }
    let ours = as_event(slo, evaluated?.1);
    compare_outcome(&ours["data"], expect)
}

/// Compares the outcome of a case that was evaluated.
fn compare_outcome(data: &Value, expect: &Value) -> Result<(), String> {
    let mut differences = Differences::default();
    let evaluation = &data["evaluation"];
    differences.compare("status", &data["status"], &expect["status"]);
    differences.compare("result", &data["result"], &expect["result"]);
    differences.compare(
        "evaluation.result",
        &evaluation["result"],
        &expect["evaluation_result"],
    );
    differences.compare("score", &evaluation["score"], &expect["score"]);
    differences.compare(
        "compared",
        &evaluation["comparedEvents"],
        &expect["compared_events"],
    );
    let has_file = evaluation["sloFileContent"]
        .as_str()
        .is_some_and(|content| !content.is_empty());
    differences.compare(
        "SLO file",
        &json!(has_file),
        &expect["slo_file_content_present"],
    );
    match (
        evaluation["indicatorResults"].as_array(),
        expect["objectives"].as_array(),
    ) {
        (Some(ours), Some(expected)) if ours.len() == expected.len() => {
            for (ours, expected) in ours.iter().zip(expected) {
                compare_objective(&mut differences, ours, expected);
            }
        }
        (ours, expected) => differences.compare("objectives", &json!(ours), &json!(expected)),
    }
    differences.result()
}

/// Compares one objective of a hand-made case, null against `[]` included.
fn compare_objective(differences: &mut Differences, ours: &Value, expected: &Value) {
    let pairs = [
        ("displayName", "display_name"),
        ("status", "status"),
        ("score", "score"),
        ("keySli", "key_sli"),
    ];
    for (our_key, key) in pairs {
        differences.compare(key, &ours[our_key], &expected[key]);
    }
    let value = &ours["value"];
    let value = value.is_object().then(|| {
        json!({
            "metric": value["metric"], "value": value["value"], "compared_value": value["comparedValue"],
            "success": value["success"], "message": value.get("message").cloned().unwrap_or_else(|| json!("")),
        })
    });
    let value = value.unwrap_or_default();
    match (&value, &expected["value"]) {
        (Value::Object(_), Value::Object(_)) => {
            compare_tree(differences, "value", &value, &expected["value"]);
        }
        (ours, expected) => differences.compare("value", ours, expected),
    }
    for (our_key, key) in [
        ("passTargets", "pass_targets"),
        ("warningTargets", "warning_targets"),
    ] {
        let target = |t: &Value| json!({"criteria": t["criteria"], "target": t["targetValue"], "violated": t["violated"]});
        let targets = ours[our_key]
            .as_array()
            .map(|targets| targets.iter().map(target).collect::<Value>());
        let targets = targets.unwrap_or_default();
        match (&targets, &expected[key]) {
            (Value::Array(_), Value::Array(_)) => {
                compare_tree(differences, key, &targets, &expected[key]);
            }
            (ours, expected) => differences.compare(key, ours, expected),
        }
    }
}

/// Returns the events of one earlier evaluation of a hand-made case.
fn case_history(past: &Value) -> Vec<CloudEvent> {
    let text = |key: &str, default: &str| {
        Value::String(
            past[key]
                .as_str()
                .filter(|text| !text.is_empty())
                .unwrap_or(default)
                .to_owned(),
        )
    };
    let results = past["indicators"].as_array().map(|indicators| {
        let result = |indicator: &Value| {
            let value = if indicator["metric"].is_null() {
                Value::Null
            } else {
                indicator.clone()
            };
            json!({"value": value, "status": indicator["status"]})
        };
        indicators.iter().map(result).collect::<Vec<_>>()
    });
    let trigger = past["triggered_id"].as_str().filter(|id| !id.is_empty());
    let common = json!({
        "project": "sockshop", "stage": text("stage", "staging"), "service": text("service", "carts"),
    });
    let mut data = common.clone();
    data["result"] = past["result"].clone();
    data["evaluation"] = json!({"indicatorResults": results});
    let finished = json!({
        "id": past["id"], "type": EventType::FINISHED, "time": past["time"], "triggeredid": trigger, "data": data,
    });
    let invalidation = json!({
        "id": format!("{}-inv", past["id"]), "type": EventType::INVALIDATED, "triggeredid": trigger, "data": common,
    });
    let mut events = vec![event(finished)];
    if past["invalidated"] == true {
        events.push(event(invalidation));
    }
    events
}
