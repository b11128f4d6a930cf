//! The reference's answers: every case agrees, or stands in `fixtures/conformance/divergences.json` with its reason.
//! A case that is listed and agrees after all fails, too.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tidegate::gate::event::{CloudEvent, EventType, finished_event, keptn_time};
use tidegate::gate::{
    AggregateFunction, Baseline, Evaluation, ProjectName, Readings, Record, RecordIds, Series, ServiceName, Slo,
    SloFile, StageName, TimeWindow, WindowRequest, evaluate, message_number,
};
use tidegate::spec::{Source, parse_slo, parse_values};

/// Returns the path of a file of the fixtures.
fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/conformance").join(name)
}

/// Reads a JSON file of the fixtures.
fn read(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(fixture(name)).unwrap()).unwrap()
}

/// Returns a table of the hand-made cases.
fn table(name: &str) -> Vec<Value> {
    match read("reference_cases.json")[name].take() {
        Value::Array(rows) => rows,
        other => panic!("no table {name}: {other}"),
    }
}

/// Compares every row of a table; `id` names a row.
fn check(table: &str, rows: &[Value], id: impl Fn(&Value) -> String, compare: impl Fn(&Value) -> Result<(), String>) {
    let divergences = read("divergences.json");
    let mut listed: BTreeMap<String, String> = divergences
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["table"] == table)
        .map(|entry| (entry["id"].as_str().unwrap().to_owned(), entry["reason"].to_string()))
        .collect();
    let mut wrong = Vec::new();
    for row in rows {
        let id = id(row);
        match (compare(row), listed.remove(&id)) {
            (Ok(()), None) | (Err(_), Some(_)) => {}
            (Ok(()), Some(reason)) => wrong.push(format!("{id} agrees, but is listed: {reason}")),
            (Err(difference), None) => wrong.push(format!("{id} differs: {difference}")),
        }
    }
    wrong.extend(listed.into_keys().map(|id| format!("{id} is listed, and is no case")));
    assert!(wrong.is_empty(), "{} of {} rows of {table}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

/// Returns the series of every case.
fn series() -> Series {
    Series {
        project: ProjectName::new("sockshop").unwrap(),
        stage: StageName::new("staging").unwrap(),
        service: ServiceName::new("carts").unwrap(),
    }
}

/// Evaluates an SLO as the program does; the error says why it is refused.
fn run(slo: &str, readings: &Readings, history: &[CloudEvent]) -> Result<(Slo, Evaluation), String> {
    let parsed = parse_slo(&Source::new("slo.yaml", slo));
    let slo = parsed.value.ok_or_else(|| format!("refused: {:?}", parsed.problems.iter().map(|p| &p.message).collect::<Vec<_>>()))?;
    let mut relevant: Vec<&CloudEvent> = history
        .iter()
        .filter(|event| event.is_of(&series()) && !is_invalidated(event, history))
        .filter(|event| slo.comparison.include.admits(event.data_text("result").parse().ok()))
        .collect();
    relevant.sort_by(|a, b| (b.time, &b.id).cmp(&(a.time, &a.id)));
    let baseline = Baseline::from_events(&slo.comparison, relevant);
    let evaluation = evaluate(&slo, readings, &baseline);
    Ok((slo, evaluation))
}

/// Tells whether an event of the history is invalidated.
fn is_invalidated(event: &CloudEvent, history: &[CloudEvent]) -> bool {
    event.event_type == EventType::INVALIDATED
        || event.triggeredid.as_deref().is_some_and(|id| {
            let same = |other: &&CloudEvent| other.triggeredid.as_deref() == Some(id);
            !id.is_empty()
                && history.iter().filter(same).any(|other| other.event_type == EventType::INVALIDATED)
        })
}

/// Makes an event out of JSON.
fn event(value: Value) -> CloudEvent {
    serde_json::from_value(value).unwrap()
}

/// Returns the `.finished` event of an evaluation, as JSON.
fn as_event(slo: &str, evaluation: Evaluation) -> Value {
    let window = TimeWindow::new(
        "2024-02-01T10:00:00Z".parse().unwrap(),
        "2024-02-01T10:05:00Z".parse().unwrap(),
    );
    let id = || "id".to_owned();
    let record = Record {
        ids: RecordIds { finished: id(), triggered: id(), context: id() },
        time: "2024-02-01T10:06:00Z".parse().unwrap(),
        producer: "test".to_owned(),
        series: series(),
        deployment: None,
        labels: BTreeMap::new(),
        window: window.unwrap(),
        slo_file: SloFile { path: "slo.yaml".to_owned(), content: slo.to_owned() },
        evaluation,
        readings: Vec::new(),
        warnings: Vec::new(),
    };
    serde_json::to_value(finished_event(&record)).unwrap()
}

/// Tells whether two numbers are the same within 1e-9, relative.
fn close(a: &Value, b: &Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-300) || a.to_bits() == b.to_bits(),
        _ => a == b,
    }
}

/// Collects differences.
#[derive(Default)]
struct Differences(Vec<String>);

impl Differences {
    /// Compares two values under a name.
    fn compare(&mut self, name: &str, ours: &Value, expected: &Value) {
        if !close(ours, expected) {
            self.0.push(format!("{name} is {ours}, expected {expected}"));
        }
    }

    /// Returns an error where anything differs.
    fn result(self) -> Result<(), String> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0.join("; ")) }
    }
}

#[test]
fn every_scoring_case_agrees() {
    let text = fs::read_to_string(fixture("scoring.jsonl")).unwrap();
    let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(rows.len() > 500);
    check("scoring", &rows, |row| row["id"].as_str().unwrap().to_owned(), compare_scoring);
}

/// Compares one case of `scoring.jsonl`.
fn compare_scoring(row: &Value) -> Result<(), String> {
    let values = Source::new("values.json", row["sli_values"].to_string());
    let readings = parse_values(&values).value.ok_or("the values are refused")?.readings;
    let history = row["history"].as_array().unwrap();
    let events: Vec<CloudEvent> = history.iter().enumerate().flat_map(scoring_history).collect();
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
    let ours_compared = data["evaluation"].get("comparedEvents").cloned().unwrap_or_else(|| json!([]));
    differences.compare("compared", &ours_compared, &json!(compared));
    let results = data["evaluation"]["indicatorResults"].as_array().cloned().unwrap_or_default();
    let expected = expect["indicatorResults"].as_array().unwrap();
    differences.compare("number of results", &json!(results.len()), &json!(expected.len()));
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
    for key in ["status", "score", "displayName", "keySli", "passTargets", "warningTargets"] {
        if let Some(expected) = expected.get(key) {
            compare_tree(differences, &format!("{metric}.{key}"), &ours[key], expected);
        }
    }
    for key in ["value", "comparedValue"] {
        if let Some(expected) = expected.get(key) {
            differences.compare(&format!("{metric}.{key}"), &ours["value"][key], expected);
        }
    }
}

/// Compares values member by member, numbers within the tolerance. A list that one side leaves out is empty.
fn compare_tree(differences: &mut Differences, name: &str, ours: &Value, expected: &Value) {
    match (ours, expected) {
        (Value::Array(ours), Value::Array(expected)) if ours.len() == expected.len() => {
            for (at, (ours, expected)) in ours.iter().zip(expected).enumerate() {
                compare_tree(differences, &format!("{name}[{at}]"), ours, expected);
            }
        }
        (Value::Object(ours), Value::Object(expected)) => {
            for (key, expected) in expected {
                compare_tree(differences, &format!("{name}.{key}"), &ours[key], expected);
            }
        }
        (Value::Null, Value::Array(expected)) if expected.is_empty() => {}
        _ => differences.compare(name, ours, expected),
    }
}

#[test]
fn every_hand_made_case_agrees() {
    check("cases", &table("cases"), |row| row["id"].as_str().unwrap().to_owned(), compare_case);
}

/// Compares one case of `reference_cases.json`.
fn compare_case(row: &Value) -> Result<(), String> {
    let Some(slo) = row["slo"].as_str() else { return Err("a missing SLO is refused".to_owned()) };
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
    let history: Vec<CloudEvent> =
        row["history"].as_array().unwrap().iter().flat_map(case_history).collect();
    let evaluated = run(slo, &readings, &history);
    if expect["outcome"] == "crash" || expect["objectives"].is_null() && expect["status"] == "errored" {
        if let Err(reason) = &evaluated {
            return if reason.starts_with("refused") { Ok(()) } else { Err(reason.clone()) };
        }
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
    differences.compare("evaluation.result", &evaluation["result"], &expect["evaluation_result"]);
    differences.compare("score", &evaluation["score"], &expect["score"]);
    differences.compare("compared", &evaluation["comparedEvents"], &expect["compared_events"]);
    let has_file = evaluation["sloFileContent"].as_str().is_some_and(|content| !content.is_empty());
    differences.compare("SLO file", &json!(has_file), &expect["slo_file_content_present"]);
    match (evaluation["indicatorResults"].as_array(), expect["objectives"].as_array()) {
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
    let value = match &ours["value"] {
        Value::Null => Value::Null,
        value => json!({
            "metric": value["metric"], "value": value["value"], "compared_value": value["comparedValue"],
            "success": value["success"], "message": value.get("message").cloned().unwrap_or_else(|| json!("")),
        }),
    };
    match (&value, &expected["value"]) {
        (Value::Object(_), Value::Object(_)) => compare_tree(differences, "value", &value, &expected["value"]),
        (ours, expected) => differences.compare("value", ours, expected),
    }
    for (our_key, key) in [("passTargets", "pass_targets"), ("warningTargets", "warning_targets")] {
        let targets = match &ours[our_key] {
            Value::Array(targets) => targets
                .iter()
                .map(|t| json!({"criteria": t["criteria"], "target": t["targetValue"], "violated": t["violated"]}))
                .collect(),
            other => other.clone(),
        };
        match (&targets, &expected[key]) {
            (Value::Array(_), Value::Array(_)) => compare_tree(differences, key, &targets, &expected[key]),
            (ours, expected) => differences.compare(key, ours, expected),
        }
    }
}

/// Returns the events of one earlier evaluation of a hand-made case.
fn case_history(past: &Value) -> Vec<CloudEvent> {
    let text = |key: &str, default: &str| {
        Value::String(past[key].as_str().filter(|text| !text.is_empty()).unwrap_or(default).to_owned())
    };
    let results = past["indicators"].as_array().map(|indicators| {
        let result = |indicator: &Value| {
            let value = if indicator["metric"].is_null() { Value::Null } else { indicator.clone() };
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

#[test]
fn every_aggregate_agrees() {
    let compare = |row: &Value| {
        let values: Vec<f64> = row["values"].as_array().unwrap().iter().filter_map(Value::as_f64).collect();
        let mut differences = Differences::default();
        for (name, function) in [
            ("avg", AggregateFunction::Average),
            ("p50", AggregateFunction::P50),
            ("p90", AggregateFunction::P90),
            ("p95", AggregateFunction::P95),
        ] {
            differences.compare(name, &json!(function.of(&values).unwrap_or_default()), &json!(row[name].as_f64()));
        }
        differences.result()
    };
    check("aggregate", &table("aggregate"), |row| row["values"].to_string(), compare);
}

#[test]
fn every_number_is_printed_as_the_reference_does() {
    let compare = |row: &Value| {
        let value = row["value"].as_f64().unwrap();
        let mut differences = Differences::default();
        differences.compare("message", &json!(message_number(value)), &row["in_message"]);
        let written: f64 = tidegate::gate::json_number(value).to_string().parse().unwrap();
        differences.compare("json", &json!(written), &json!(row["in_json"].as_str().unwrap().parse::<f64>().unwrap()));
        differences.result()
    };
    check("number_format", &table("number_format"), |row| row["value"].to_string(), compare);
}

#[test]
fn every_window_agrees() {
    let compare = |row: &Value| {
        let text = |key: &str| row[key].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let request =
            WindowRequest { start: text("start"), end: text("end"), timeframe: text("timeframe") };
        let now = "2024-02-01T10:00:00Z".parse().unwrap();
        match (request.resolve(now), row["error"].as_str()) {
            (Err(_), Some(_)) => Ok(()),
            (Ok(window), Some(error)) => Err(format!("taken as {window:?}; the reference says {error}")),
            (Err(error), None) => Err(format!("refused: {error}")),
            (Ok(window), None) if row["relative_to_now"] == true => {
                let mut differences = Differences::default();
                differences.compare("length", &json!(window.seconds()), &row["window_seconds"]);
                differences.compare("end", &json!(window.end() == now), &json!(true));
                differences.result()
            }
            (Ok(window), None) => {
                let mut differences = Differences::default();
                differences.compare("start", &json!(keptn_time(window.start())), &row["out_start"]);
                differences.compare("end", &json!(keptn_time(window.end())), &row["out_end"]);
                differences.result()
            }
        }
    };
    let id = |row: &Value| {
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        format!("{}|{}|{}", text("start"), text("end"), text("timeframe"))
    };
    check("timeframe", &table("timeframe"), id, compare);
}
