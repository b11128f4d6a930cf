//! Logs and events for tests.

use serde_json::{Value, json};

use crate::eventlog::{EventLog, EventLogSettings, Times, open};
use crate::gate::event::{CloudEvent, EventType};
use crate::gate::{ProjectName, Series, ServiceName, StageName};

/// Returns an empty log.
pub fn memory() -> Box<dyn EventLog> {
    open(EventLogSettings::new("memory:".parse().unwrap())).unwrap()
}

/// Returns the series of the events.
pub fn carts() -> Series {
    Series {
        project: ProjectName::new("sockshop").unwrap(),
        stage: StageName::new("staging").unwrap(),
        service: ServiceName::new("carts").unwrap(),
    }
}

/// Makes an event of a minute; `None` has no time.
pub fn event(id: &str, minute: Option<u32>) -> CloudEvent {
    said(id, "test", minute, &json!({}))
}

/// Makes an event of a type that says something.
pub fn said(id: &str, event_type: &str, minute: Option<u32>, more: &Value) -> CloudEvent {
    let mut data = json!({"project": "sockshop", "stage": "staging", "service": "carts"});
    data.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let time = minute.map(|minute| {
        let (hour, minute) = (minute / 60, minute % 60);
        format!("2024-02-01T{hour:02}:{minute:02}:00Z")
    });
    let event = json!({"id": id, "type": event_type, "time": time, "source": "test", "data": data});
    serde_json::from_value(event).unwrap()
}

/// Makes the two events of an evaluation `NAME` with a score: `NAME-t` and `NAME`.
pub fn evaluation(name: &str, minute: u32, result: &str, score: f64) -> Vec<CloudEvent> {
    let trigger = format!("{name}-t");
    let mut triggered = said(&trigger, EventType::TRIGGERED, Some(minute), &json!({}));
    let results = json!([{"score": 1.0, "status": "pass", "displayName": "", "keySli": false,
        "value": {"metric": "rt", "value": 1.0, "success": true}, "passTargets": null, "warningTargets": null}]);
    let data = json!({
        "status": "succeeded", "result": result, "labels": {"branch": "main"},
        "evaluation": {"score": score, "result": result, "indicatorResults": results},
    });
    let mut finished = said(name, EventType::FINISHED, Some(minute), &data);
    triggered.shkeptncontext = Some(format!("{name}-c"));
    finished.shkeptncontext = triggered.shkeptncontext.clone();
    finished.triggeredid = Some(trigger);
    vec![triggered, finished]
}

/// Makes the event that invalidates an evaluation.
pub fn invalidation(name: &str, minute: u32) -> CloudEvent {
    let why = json!({"evaluation": {"reason": "wrong load"}});
    let mut event = said(
        &format!("{name}-i"),
        EventType::INVALIDATED,
        Some(minute),
        &why,
    );
    event.triggeredid = Some(format!("{name}-t"));
    event
}

/// Makes the event that pins an evaluation.
pub fn pin(name: &str, minute: u32) -> CloudEvent {
    let what = json!({"pin": {"evaluation": name, "reason": "release 5"}});
    said(&format!("{name}-p"), EventType::PINNED, Some(minute), &what)
}

/// Stores events with their times.
pub async fn store(log: &dyn EventLog, events: Vec<CloudEvent>) {
    log.append(events, Times::Kept).await.unwrap();
}
