//! A file that an evaluation is compared with instead of the log: stored evaluations, a report, or bare numbers.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::gate::event::{CloudEvent, EventType};
use crate::gate::{Baseline, Comparison, PastEvaluation, PastValue, Reference};
use crate::spec::{Problem, Source};

/// What a file has to compare with.
#[derive(Clone, Debug)]
pub struct ReferenceFile {
    /// Where it is, as the user named it.
    path: String,
    /// What is in it.
    content: Content,
}

/// What is in a file.
#[derive(Clone, Debug)]
enum Content {
    /// Stored evaluations, newest first: the SLO's `comparison` block chooses among them.
    Events(Vec<CloudEvent>),
    /// One evaluation, from a report of ours or from bare numbers.
    One(PastEvaluation),
}

/// What a file may hold, for hints.
const FORMS: &str = "a baseline file holds evaluations as --output keptn-event or `tidegate events export` write them, a report of \
     --output json, or {\"name\": number}";

impl ReferenceFile {
    /// Reads a file.
    pub fn read(source: &Source) -> Result<Self, Problem> {
        let malformed =
            |message: String| Problem::malformed(source.path(), None, message).with_hint(FORMS);
        let mut values = Vec::new();
        for value in serde_json::Deserializer::from_str(source.text()).into_iter::<Value>() {
            let value = value.map_err(|error| malformed(format!("it is not JSON: {error}")))?;
            if let Value::Array(several) = value {
                values.extend(several);
            } else {
                values.push(value);
            }
        }
        let content = match values.as_slice() {
            [] => return Err(malformed("it is empty".to_owned())),
            [Value::Object(one)] if !one.contains_key("type") => {
                Content::One(evaluation(one).map_err(malformed)?)
            }
            _ => Content::Events(events(values).map_err(malformed)?),
        };
        Ok(Self {
            path: source.path().to_owned(),
            content,
        })
    }

    /// Returns the baseline, for an SLO that compares like this.
    pub(super) fn baseline(&self, comparison: Comparison) -> Baseline {
        let baseline = match &self.content {
            Content::Events(events) => Baseline::from_events(&comparison, events),
            Content::One(evaluation) => Baseline::new(vec![evaluation.clone()]),
        };
        baseline.by(Reference::File(self.path.clone()))
    }
}

/// Takes the evaluations among events, newest first.
fn events(values: Vec<Value>) -> Result<Vec<CloudEvent>, String> {
    let read = |value| serde_json::from_value::<CloudEvent>(value);
    let events: Result<Vec<CloudEvent>, _> = values.into_iter().map(read).collect();
    let mut events =
        events.map_err(|error| format!("it holds something that is no event: {error}"))?;
    events.retain(|event| event.event_type == EventType::FINISHED);
    if events.is_empty() {
        return Err("it holds no evaluation".to_owned());
    }
    events.sort_by(|a, b| (b.time, &b.id).cmp(&(a.time, &a.id)));
    Ok(events)
}

/// Takes the values of a report of ours, or bare numbers.
fn evaluation(object: &Map<String, Value>) -> Result<PastEvaluation, String> {
    let values = match object.get("objectives") {
        Some(Value::Array(objectives)) => objectives.iter().filter_map(reported).collect(),
        Some(_) | None => numbers(object)?,
    };
    if values.is_empty() {
        return Err("it holds no value".to_owned());
    }
    let text = |key: &str| object.get(key).and_then(Value::as_str);
    Ok(PastEvaluation {
        id: text("id").unwrap_or_default().to_owned(),
        time: text("time").and_then(|time| time.parse().ok()),
        result: text("result").and_then(|result| result.parse().ok()),
        values,
    })
}

/// Takes the value of one objective of a report; one that was not fetched is no baseline.
fn reported(objective: &Value) -> Option<PastValue> {
    Some(PastValue {
        metric: objective.get("sli")?.as_str()?.to_owned(),
        value: objective.get("value")?.as_f64()?,
        success: objective.get("policy").is_none_or(Value::is_null),
    })
}

/// Takes bare numbers by their names.
fn numbers(object: &Map<String, Value>) -> Result<Vec<PastValue>, String> {
    let numbers: BTreeMap<&String, &Value> = object.iter().collect();
    let number = |(name, value): (&String, &Value)| {
        let value = value
            .as_f64()
            .ok_or_else(|| format!("`{name}` is not a number"))?;
        Ok(PastValue {
            metric: name.clone(),
            value,
            success: true,
        })
    };
    numbers.into_iter().map(number).collect()
}
