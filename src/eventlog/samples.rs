//! Events for the tests of the logs.

use serde_json::{Value, json};

use super::{EventLog, Filter, Kinds, Page, Times};
use crate::gate::event::{CloudEvent, EventType};
use crate::gate::{ProjectName, Series, ServiceName, StageName, Verdict};

/// Returns a series.
pub(crate) fn series(project: &str, stage: &str, service: &str) -> Series {
    Series {
        project: ProjectName::new(project).unwrap(),
        stage: StageName::new(stage).unwrap(),
        service: ServiceName::new(service).unwrap(),
    }
}

/// Returns the series of [`finished`].
pub(crate) fn carts() -> Series {
    series("sockshop", "staging", "carts")
}

/// Returns an evaluation of [`carts`] that passed; without a time if that is "".
pub(crate) fn finished(id: &str, time: &str) -> CloudEvent {
    event(json!({
        "id": id, "source": "tidegate", "type": EventType::FINISHED, "time": time,
        "shkeptncontext": "context", "triggeredid": format!("trigger-{id}"),
        "data": {
            "project": "sockshop", "stage": "staging", "service": "carts", "status": "succeeded", "result": "pass",
        },
    }))
}

/// Returns an event that invalidates the evaluations of a trigger.
pub(crate) fn invalidation(id: &str, trigger: &str) -> CloudEvent {
    let mut event = finished(id, "2024-03-01T00:00:00Z");
    event.event_type = EventType::INVALIDATED.to_owned();
    event.triggeredid = Some(trigger.to_owned());
    event
}

/// Returns an evaluation of another series.
pub(crate) fn finished_in(series: &Series, id: &str, time: &str) -> CloudEvent {
    let mut event = finished(id, time);
    event.data.set("project", series.project.as_str().into());
    event.data.set("stage", series.stage.as_str().into());
    event.data.set("service", series.service.as_str().into());
    event
}

/// Returns an evaluation of as many indicators, as large as a real one.
pub(crate) fn evaluation(id: &str, time: &str, indicators: usize) -> CloudEvent {
    let mut event = finished(id, time);
    let results: Vec<Value> = (0..indicators)
        .map(|n| {
            json!({
                "score": 1, "displayName": format!("Response time of step {n}"), "keySli": false, "status": "pass",
                "value": {"metric": format!("response_time_p95_step_{n}"), "value": 540.25, "comparedValue": 510.75, "success": true},
                "passTargets": [
                    {"criteria": "<=+10%", "targetValue": 561.825, "violated": false},
                    {"criteria": "<600", "targetValue": 600, "violated": false}],
                "warningTargets": [{"criteria": "<=800", "targetValue": 800, "violated": false}],
            })
        })
        .collect();
    event.data.set("evaluation", json!({
        "timeStart": "2024-02-01T10:00:00.000Z", "timeEnd": "2024-02-01T10:05:00.000Z", "result": "pass",
        "score": 100, "sloFileContent": "LS0t".repeat(200), "indicatorResults": results,
    }));
    event
}

/// Returns an event from its JSON.
pub(crate) fn event(json: Value) -> CloudEvent {
    serde_json::from_value(json).unwrap()
}

/// Appends events one by one.
pub(crate) async fn append(log: &dyn EventLog, events: impl IntoIterator<Item = CloudEvent>) {
    for event in events {
        log.append(vec![event], Times::Stamped).await.unwrap();
    }
}

/// Reads a page without warnings, and returns its ids.
pub(crate) async fn ids(log: &dyn EventLog, filter: &Filter, limit: usize) -> Vec<String> {
    let Page { events, warnings } = log.events(filter, limit).await.unwrap();
    assert_eq!(warnings, Vec::<String>::new());
    events.into_iter().map(|event| event.id).collect()
}

/// Reads the log that version 1 wrote (`fixtures/eventlog`), and appends to it.
pub(crate) async fn check_version_1(log: &dyn EventLog) {
    let page = log.events(&Filter::default(), 10).await.unwrap();
    let ids: Vec<_> = page.events.iter().map(|event| event.id.as_str()).collect();
    let own = "0190a000-0000-7000-8000-00000000000";
    assert_eq!(
        ids,
        [
            format!("{own}4"),
            format!("{own}3"),
            format!("{own}2"),
            format!("{own}1"),
            "c09c80ae".to_owned(),
            "untimed".to_owned()
        ]
    );
    assert_eq!(page.warnings.len(), 1);
    assert_eq!(page.events[2].data_text("message"), "it's \"fine\" – 🛒");
    assert_eq!(page.events[4].extensions["gitcommitid"], "abc");
    let filter = Filter {
        kinds: Kinds::only(EventType::FINISHED),
        results: vec![Verdict::Fail],
        ..Filter::of_series(&carts())
    };
    assert_eq!(self::ids(log, &filter, 10).await, [format!("{own}3")]);
    let stored = log
        .append(vec![finished("new", "")], Times::Stamped)
        .await
        .unwrap();
    assert_eq!(
        stored[0].time.unwrap().to_string(),
        "2024-03-01T00:00:00.001Z"
    );
}
