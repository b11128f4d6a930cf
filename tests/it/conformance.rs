//! The reference's answers: every case agrees, or stands in `fixtures/conformance/divergences.json` with its reason.
//! A case that is listed and agrees after all fails, too.

mod cases;
mod scoring;
mod tables;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tidegate::gate::event::{CloudEvent, EventType, decode_record, finished_event};
use tidegate::gate::{
    Baseline, Evaluation, ProjectName, Readings, Record, RecordIds, Series, ServiceName, Slo,
    SloFile, StageName, TimeWindow, evaluate,
};
use tidegate::spec::{Source, parse_slo};

/// Returns the path of a file of the fixtures.
fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/conformance")
        .join(name)
}

/// Reads a JSON file of the fixtures.
fn read(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(fixture(name)).unwrap()).unwrap()
}

/// Returns a table of the hand-made cases.
fn table(name: &str) -> Vec<Value> {
    match read("reference_cases.json")[name].take() {
        Value::Array(rows) => rows,
        other @ (Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Object(_)) => {
            panic!("no table {name}: {other}")
        }
    }
}

/// Compares every row of a table; `id` names a row.
fn check(
    table: &str,
    rows: &[Value],
    id: impl Fn(&Value) -> String,
    compare: impl Fn(&Value) -> Result<(), String>,
) {
    let divergences = read("divergences.json");
    let mut listed: BTreeMap<String, String> = divergences
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["table"] == table)
        .map(|entry| {
            (
                entry["id"].as_str().unwrap().to_owned(),
                entry["reason"].to_string(),
            )
        })
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
    wrong.extend(
        listed
            .into_keys()
            .map(|id| format!("{id} is listed, and is no case")),
    );
    assert!(
        wrong.is_empty(),
        "{} of {} rows of {table}:\n{}",
        wrong.len(),
        rows.len(),
        wrong.join("\n")
    );
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
fn run(
    slo: &str,
    readings: &Readings,
    history: &[CloudEvent],
) -> Result<(Slo, Evaluation), String> {
    let parsed = parse_slo(&Source::new("slo.yaml", slo));
    let slo = parsed.value.ok_or_else(|| {
        format!(
            "refused: {:?}",
            parsed
                .problems
                .iter()
                .map(|p| &p.message)
                .collect::<Vec<_>>()
        )
    })?;
    let mut relevant: Vec<&CloudEvent> = history
        .iter()
        .filter(|event| event.is_of(&series()) && !is_invalidated(event, history))
        .filter(|event| {
            slo.comparison
                .include
                .admits(event.data_text("result").parse().ok())
        })
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
                && history
                    .iter()
                    .filter(same)
                    .any(|other| other.event_type == EventType::INVALIDATED)
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
        ids: RecordIds {
            finished: id(),
            triggered: id(),
            context: id(),
        },
        time: "2024-02-01T10:06:00Z".parse().unwrap(),
        producer: "test".to_owned(),
        series: series(),
        deployment: None,
        labels: BTreeMap::new(),
        window: Some(window.unwrap()),
        slo_file: SloFile {
            path: "slo.yaml".to_owned(),
            content: slo.to_owned(),
        },
        evaluation,
        readings: Vec::new(),
        warnings: Vec::new(),
    };
    let event = finished_event(&record);
    assert_eq!(decode_record(&event, None).as_ref(), Ok(&record));
    serde_json::to_value(event).unwrap()
}

/// Tells whether two numbers are the same within 1e-9, relative.
fn close(a: &Value, b: &Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => {
            (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-300) || a.to_bits() == b.to_bits()
        }
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
            self.0
                .push(format!("{name} is {ours}, expected {expected}"));
        }
    }

    /// Returns an error where anything differs.
    fn result(self) -> Result<(), String> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(self.0.join("; "))
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
