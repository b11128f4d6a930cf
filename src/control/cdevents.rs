//! Deliveries as `CDEvents` 0.5.1: sequences are pipeline runs, tasks are task runs, tests are test suite runs, and what
//! was deployed, rolled back, or released is told of the service.
//!
//! The specification knows no warning: one is a success. Ids are made from those of the events, so that whoever receives
//! an event twice knows it again.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::gate::event::CloudEvent;
use crate::net::percent_encode;
use crate::sequence::{EventKind, EventName, derived_id};

/// The version of the specification.
const SPECIFICATION: &str = "0.5.1";
/// The version of the events in it that are used here.
const EVENT: &str = "0.3.0";
/// How many deployments under way are remembered.
const MOST_REMEMBERED: usize = 1000;
/// How many characters of a message are told.
const MOST_CHARACTERS: usize = 2000;

/// Makes `CDEvents` of Keptn's events. It remembers what is being deployed: only the event that asks for it says so.
#[derive(Debug, Default)]
pub struct CdEvents {
    /// The image of each task that is under way, by the id of its `.triggered`.
    images: BTreeMap<String, String>,
}

impl CdEvents {
    /// Returns what an event comes to; nothing for most types of events.
    pub fn of(&mut self, event: &CloudEvent) -> Vec<Value> {
        match EventName::parse(&event.event_type) {
            Some(EventName::Sequence {
                stage,
                sequence,
                kind,
            }) => {
                let pipeline = format!("{stage}.{sequence}");
                Vec::from_iter(sequence_event(event, &pipeline, &kind))
            }
            Some(EventName::Task { task, kind }) => {
                self.remember(event, &kind);
                let mut told = Vec::from_iter(task_event(event, &task, &kind));
                told.extend(test_event(event, &task, &kind));
                if kind == EventKind::Finished {
                    told.extend(self.service_event(event, &task));
                }
                told
            }
            None => Vec::new(),
        }
    }

    /// Remembers which image a task is for.
    fn remember(&mut self, event: &CloudEvent, kind: &EventKind) {
        if *kind != EventKind::Triggered {
            return;
        }
        if let Some(image) = image(event) {
            if self.images.len() >= MOST_REMEMBERED {
                // One that was never finished makes room.
                self.images.pop_first();
            }
            self.images.insert(event.id.clone(), image);
        }
    }

    /// Returns what a finished task says of the service.
    fn service_event(&mut self, event: &CloudEvent, task: &str) -> Option<Value> {
        let remembered = self.images.remove(run_id(event));
        if outcome(event) != "success" {
            return None;
        }
        let predicate = match task {
            "deployment" => "deployed",
            "rollback" => "rolledback",
            "release" => "published",
            _ => return None,
        };
        let mut content = json!({"environment": environment(event)});
        if predicate != "published" {
            // What was deployed must be told, so nothing is where nobody said it.
            let image = image(event).or(remembered)?;
            insert(&mut content, "artifactId", image.into());
        }
        let service = service_id(event)?;
        Some(cdevent(event, ("service", predicate), &service, &content))
    }
}

/// Returns what a sequence's event comes to.
fn sequence_event(event: &CloudEvent, pipeline: &str, kind: &EventKind) -> Option<Value> {
    let delivery = event.shkeptncontext.as_deref().unwrap_or_default();
    let uri = format!("urn:keptn:context:{}", percent_encode(delivery));
    let mut content = json!({"pipelineName": pipeline, "uri": uri});
    let predicate = predicate(kind)?;
    if predicate == "finished" {
        add_outcome(&mut content, event);
    }
    let about = ("pipelinerun", predicate);
    Some(cdevent(event, about, run_id(event), &content))
}

/// Returns what a task's event comes to; runs of tasks are not queued.
fn task_event(event: &CloudEvent, task: &str, kind: &EventKind) -> Option<Value> {
    let predicate = predicate(kind).filter(|predicate| *predicate != "queued")?;
    let mut content = json!({"taskName": task});
    if predicate == "finished" {
        add_outcome(&mut content, event);
    }
    Some(cdevent(
        event,
        ("taskrun", predicate),
        run_id(event),
        &content,
    ))
}

/// Returns what an event of the task `test` comes to, besides the run of the task.
fn test_event(event: &CloudEvent, task: &str, kind: &EventKind) -> Option<Value> {
    if task != "test" {
        return None;
    }
    let predicate = predicate(kind)?;
    let mut content = json!({"environment": environment(event)});
    if let Some(service) = service_id(event) {
        insert(&mut content, "testSuite", json!({"id": service}));
    }
    if predicate == "finished" {
        insert(&mut content, "outcome", outcome(event).into());
        let message = shortened(&event.data_text("message"));
        if !message.is_empty() {
            insert(&mut content, "reason", message.into());
        }
    }
    let about = ("testsuiterun", predicate);
    Some(cdevent(event, about, run_id(event), &content))
}

/// Returns the word for what an event says of a run.
fn predicate(kind: &EventKind) -> Option<&'static str> {
    match kind {
        EventKind::Triggered => Some("queued"),
        EventKind::Started => Some("started"),
        EventKind::Finished => Some("finished"),
        EventKind::StatusChanged | EventKind::Invalidated | EventKind::Other(_) => None,
    }
}

/// Returns the id of the run that an event speaks of: that of its `.triggered`.
fn run_id(event: &CloudEvent) -> &str {
    let triggered = event.triggeredid.as_deref().filter(|id| !id.is_empty());
    triggered.unwrap_or(&event.id)
}

/// Returns how a run ended.
fn outcome(event: &CloudEvent) -> &'static str {
    let (status, result) = (event.data_text("status"), event.data_text("result"));
    match (status.as_str(), result.as_str()) {
        ("aborted", _) => "cancel",
        ("succeeded" | "", "pass" | "warning") => "success",
        ("succeeded" | "", _) => "failure",
        (_, _) => "error",
    }
}

/// Adds how a run ended, and what was said where it did not end well.
fn add_outcome(content: &mut Value, event: &CloudEvent) {
    let outcome = outcome(event);
    insert(content, "outcome", outcome.into());
    let message = shortened(&event.data_text("message"));
    if outcome != "success" && !message.is_empty() {
        insert(content, "errors", message.into());
    }
}

/// Returns the stage as an environment.
fn environment(event: &CloudEvent) -> Value {
    let stage = event.data_text("stage");
    json!({"id": if stage.is_empty() { "unknown" } else { &stage }})
}

/// Returns the service with its project.
fn service_id(event: &CloudEvent) -> Option<String> {
    let service = event.data_text("service");
    (!service.is_empty()).then(|| format!("{}/{service}", event.data_text("project")))
}

/// Returns the image that an event asks to deploy.
fn image(event: &CloudEvent) -> Option<String> {
    let data = event.data.tree()?;
    let image = data
        .pointer("/configurationChange/values/image")?
        .as_str()?;
    (!image.is_empty()).then(|| shortened(image))
}

/// Wraps what happened to a subject into an event.
fn cdevent(event: &CloudEvent, about: (&str, &str), subject: &str, content: &Value) -> Value {
    let (kind, predicate) = about;
    let source = source(event);
    let mut custom = Map::new();
    for key in ["project", "stage", "service", "status", "result"] {
        let text = event.data_text(key);
        if !text.is_empty() {
            custom.insert(key.to_owned(), shortened(&text).into());
        }
    }
    custom.insert("type".to_owned(), event.event_type.as_str().into());
    if let Some(context) = &event.shkeptncontext {
        custom.insert("shkeptncontext".to_owned(), context.as_str().into());
    }
    json!({
        "context": {
            "specversion": SPECIFICATION,
            "id": derived_id(&event.id, &["cdevents", kind, predicate]),
            "source": source,
            "type": format!("dev.cdevents.{kind}.{predicate}.{EVENT}"),
            "timestamp": event.time.unwrap_or_default().to_string(),
        },
        "subject": {"id": subject, "source": source, "content": content},
        "customData": custom,
        "customDataContentType": "application/json",
    })
}

/// Returns who says it, as a reference of a URI.
fn source(event: &CloudEvent) -> String {
    let names = ["project", "stage", "service"].map(|key| event.data_text(key));
    let encoded: Vec<String> = names
        .iter()
        .filter(|name| !name.is_empty())
        .map(|name| percent_encode(name))
        .collect();
    format!("/tidegate/{}", encoded.join("/"))
}

/// Adds a member to an object.
fn insert(object: &mut Value, key: &str, value: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(key.to_owned(), value);
    }
}

/// Returns the beginning of a text, without control characters.
fn shortened(text: &str) -> String {
    let printable = text.chars().filter(|c| !c.is_control());
    printable.take(MOST_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An event of a type, with data.
    fn event(id: &str, event_type: &str, triggered: Option<&str>, data: Value) -> CloudEvent {
        let mut data = data;
        for (key, value) in [("project", "p"), ("stage", "dev"), ("service", "s v")] {
            data[key] = value.into();
        }
        let event = json!({
            "id": id, "type": format!("sh.keptn.event.{event_type}"), "source": "x",
            "time": "2024-02-01T10:00:00Z", "shkeptncontext": "c", "triggeredid": triggered,
            "data": data,
        });
        serde_json::from_value(event).unwrap()
    }

    /// A delivery with everything in it.
    fn delivery() -> Vec<CloudEvent> {
        let image = json!({"configurationChange": {"values": {"image": "r.example/a:1"}}});
        let ended = |result: &str| json!({"status": "succeeded", "result": result});
        vec![
            event("1", "dev.delivery.triggered", None, image.clone()),
            event("2", "dev.delivery.started", Some("1"), json!({})),
            event("3", "deployment.triggered", None, image.clone()),
            event("4", "deployment.started", Some("3"), json!({})),
            event("5", "deployment.status.changed", Some("3"), json!({})),
            event("6", "deployment.finished", Some("3"), ended("pass")),
            event("7", "test.triggered", None, json!({})),
            event("8", "test.started", Some("7"), json!({})),
            event(
                "9",
                "test.finished",
                Some("7"),
                json!({"status": "errored", "result": "fail", "message": "no\u{1b}pe"}),
            ),
            event("a", "rollback.triggered", None, image),
            event("b", "rollback.finished", Some("a"), ended("warning")),
            event("c", "release.finished", Some("x"), ended("pass")),
            event("d", "deployment.finished", Some("x"), ended("pass")),
            event(
                "e",
                "dev.delivery.finished",
                Some("1"),
                json!({"status": "aborted"}),
            ),
            event("f", "approval.finished", Some("x"), ended("fail")),
        ]
    }

    #[test]
    fn a_delivery_is_told_as_runs_and_services() {
        let mut cdevents = CdEvents::default();
        let lines: Vec<String> = delivery()
            .iter()
            .flat_map(|event| cdevents.of(event))
            .map(|told| {
                let word = |pointer: &str| told.pointer(pointer).unwrap().to_string();
                format!(
                    "{} {} {}",
                    word("/context/type"),
                    word("/subject/id"),
                    word("/subject/content")
                )
            })
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @r#"
        "dev.cdevents.pipelinerun.queued.0.3.0" "1" {"pipelineName":"dev.delivery","uri":"urn:keptn:context:c"}
        "dev.cdevents.pipelinerun.started.0.3.0" "1" {"pipelineName":"dev.delivery","uri":"urn:keptn:context:c"}
        "dev.cdevents.taskrun.started.0.3.0" "3" {"taskName":"deployment"}
        "dev.cdevents.taskrun.finished.0.3.0" "3" {"taskName":"deployment","outcome":"success"}
        "dev.cdevents.service.deployed.0.3.0" "p/s v" {"environment":{"id":"dev"},"artifactId":"r.example/a:1"}
        "dev.cdevents.testsuiterun.queued.0.3.0" "7" {"environment":{"id":"dev"},"testSuite":{"id":"p/s v"}}
        "dev.cdevents.taskrun.started.0.3.0" "7" {"taskName":"test"}
        "dev.cdevents.testsuiterun.started.0.3.0" "7" {"environment":{"id":"dev"},"testSuite":{"id":"p/s v"}}
        "dev.cdevents.taskrun.finished.0.3.0" "7" {"taskName":"test","outcome":"error","errors":"nope"}
        "dev.cdevents.testsuiterun.finished.0.3.0" "7" {"environment":{"id":"dev"},"testSuite":{"id":"p/s v"},"outcome":"error","reason":"nope"}
        "dev.cdevents.taskrun.finished.0.3.0" "a" {"taskName":"rollback","outcome":"success"}
        "dev.cdevents.service.rolledback.0.3.0" "p/s v" {"environment":{"id":"dev"},"artifactId":"r.example/a:1"}
        "dev.cdevents.taskrun.finished.0.3.0" "x" {"taskName":"release","outcome":"success"}
        "dev.cdevents.service.published.0.3.0" "p/s v" {"environment":{"id":"dev"}}
        "dev.cdevents.taskrun.finished.0.3.0" "x" {"taskName":"deployment","outcome":"success"}
        "dev.cdevents.pipelinerun.finished.0.3.0" "1" {"pipelineName":"dev.delivery","uri":"urn:keptn:context:c","outcome":"cancel"}
        "dev.cdevents.taskrun.finished.0.3.0" "x" {"taskName":"approval","outcome":"failure"}
        "#);
        assert!(cdevents.images.is_empty());
    }

    #[test]
    fn the_sdk_of_cdevents_reads_every_event_to_the_last_member() {
        let mut cdevents = CdEvents::default();
        let mut ids = std::collections::BTreeSet::new();
        for told in delivery().iter().flat_map(|event| cdevents.of(event)) {
            let read: cdevents_sdk::CDEvent = serde_json::from_value(told.clone())
                .unwrap_or_else(|error| panic!("{error}: {told}"));
            let again = serde_json::to_value(&read).unwrap();
            assert_eq!(again["subject"], told["subject"]);
            assert_eq!(again["context"]["type"], told["context"]["type"]);
            assert!(ids.insert(told["context"]["id"].to_string()), "{told}");
        }
        assert_eq!(ids.len(), 17);
    }
}
