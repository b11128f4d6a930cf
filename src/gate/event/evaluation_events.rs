//! The two events of an evaluation, made from its record: the one that asks for it and the one that answers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::additions::additions;
use super::wire::EvaluationData;
use super::{CloudEvent, EventType};
use crate::gate::evaluation::Conclusion;
use crate::gate::record::Record;

/// The source of our events.
pub const SOURCE: &str = "tidegate";
/// The version of Keptn's specification that our events follow.
const KEPTN_SPEC_VERSION: &str = "0.2.4";

/// Returns the `evaluation.triggered` event of an evaluation.
#[must_use]
pub fn triggered_event(record: &Record) -> CloudEvent {
    let (start, end) = window(record);
    let mut data = common(record);
    data.insert("test".to_owned(), json!({"start": "", "end": ""}));
    data.insert(
        "evaluation".to_owned(),
        json!({"start": start, "end": end, "timeframe": ""}),
    );
    let deployments: Vec<&String> = record.deployment.iter().collect();
    data.insert(
        "deployment".to_owned(),
        json!({"deploymentNames": deployments}),
    );
    envelope(record, EventType::TRIGGERED, data)
}

/// Returns the `evaluation.finished` event of an evaluation, our additions under `data.tidegate`.
#[must_use]
pub fn finished_event(record: &Record) -> CloudEvent {
    let evaluation = &record.evaluation;
    let status = match &evaluation.conclusion {
        Conclusion::Scored => "succeeded",
        Conclusion::Inconclusive(_) | Conclusion::RetrievalErrored => "errored",
        Conclusion::NotSucceeded(status) => status,
    };
    let mut data = common(record);
    data.insert("status".to_owned(), status.into());
    data.insert("result".to_owned(), evaluation.verdict.as_str().into());
    if !evaluation.message.is_empty() {
        data.insert("message".to_owned(), evaluation.message.as_str().into());
    }
    let slo_file = STANDARD.encode(&record.slo_file.content);
    let wire = EvaluationData::of(evaluation, window(record), slo_file);
    data.insert(
        "evaluation".to_owned(),
        serde_json::to_value(wire).unwrap_or_default(),
    );
    data.insert("tidegate".to_owned(), additions(record));
    CloudEvent {
        triggeredid: Some(record.ids.triggered.clone()),
        id: record.ids.finished.clone(),
        ..envelope(record, EventType::FINISHED, data)
    }
}

/// Returns the members that every event of an evaluation has; empty ones are left out, as in Keptn.
fn common(record: &Record) -> Map<String, Value> {
    let mut data = Map::new();
    data.insert("project".to_owned(), record.series.project.as_str().into());
    data.insert("stage".to_owned(), record.series.stage.as_str().into());
    data.insert("service".to_owned(), record.series.service.as_str().into());
    if !record.labels.is_empty() {
        data.insert("labels".to_owned(), json!(record.labels));
    }
    data
}

/// Returns the window in Keptn's form; empty texts where it is not known.
fn window(record: &Record) -> (String, String) {
    record.window.map_or_else(Default::default, |window| {
        (keptn_time(window.start()), keptn_time(window.end()))
    })
}

/// Wraps data into an event with the id of the `.triggered` event.
fn envelope(record: &Record, event_type: &str, data: Map<String, Value>) -> CloudEvent {
    let text = |value: &str| Value::String(value.to_owned());
    let mut extensions = Map::new();
    extensions.insert("contenttype".to_owned(), text("application/json"));
    extensions.insert("datacontenttype".to_owned(), text("application/json"));
    extensions.insert("shkeptnspecversion".to_owned(), text(KEPTN_SPEC_VERSION));
    CloudEvent {
        id: record.ids.triggered.clone(),
        source: SOURCE.to_owned(),
        specversion: "1.0".to_owned(),
        event_type: event_type.to_owned(),
        time: Some(record.time),
        shkeptncontext: Some(record.ids.context.clone()),
        triggeredid: None,
        data: Value::Object(data).into(),
        extensions,
    }
}

/// Prints an instant as Keptn does: UTC, exactly three digits of a second.
///
/// ```
/// use tidegate::gate::event::keptn_time;
/// assert_eq!(keptn_time("2024-02-01T12:00:00.1239+02:00".parse().unwrap()), "2024-02-01T10:00:00.123Z");
/// ```
#[must_use]
pub fn keptn_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}
