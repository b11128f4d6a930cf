//! The events by which an executor of this process answers a task.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::executor::Finish;
use crate::gate::event::CloudEvent;
use crate::sequence::{EventKind, EventName, derived_id};

/// The members of a task's data that every answer repeats.
const BASE: [&str; 4] = ["project", "stage", "service", "labels"];
/// The attributes of a task that every answer repeats.
const ATTRIBUTES: [&str; 2] = ["gitcommitid", "shkeptnspecversion"];
/// The members that only the answer itself sets.
const OWN: [&str; 4] = ["project", "stage", "service", "labels"];

/// Returns the event by which an executor says that it is at a task. Its id is always the same.
pub(super) fn started(executor: &str, task: &str, triggered: &CloudEvent) -> CloudEvent {
    answer(
        executor,
        task,
        triggered,
        &EventKind::Started,
        base(triggered),
    )
}

/// Returns one of several answers of an executor to one task: the first has the id that an only answer has.
pub(super) fn one_of_several(
    answer: CloudEvent,
    executor: &str,
    triggered: &CloudEvent,
    number: usize,
) -> CloudEvent {
    if number == 0 {
        return answer;
    }
    let id = derived_id(
        &triggered.id,
        &[executor, &answer.event_type, &number.to_string()],
    );
    CloudEvent { id, ..answer }
}

/// Returns the event by which an executor says what came of a task. Its id is always the same.
pub(in crate::app) fn finished(
    executor: &str,
    task: &str,
    triggered: &CloudEvent,
    finish: &Finish,
) -> CloudEvent {
    let mut data = base(triggered);
    let own = |key: &String| OWN.contains(&key.as_str());
    let said = finish.data.iter().filter(|(key, _)| !own(key));
    data.extend(said.map(|(key, value)| (key.clone(), value.clone())));
    if !finish.labels.is_empty() {
        let known = data.entry("labels").or_insert_with(|| Map::new().into());
        if let Value::Object(known) = known {
            for (key, value) in &finish.labels {
                // Labels that are there stay as they are, as in Keptn.
                known.entry(key.as_str()).or_insert_with(|| value.clone());
            }
        }
    }
    data.insert("status".to_owned(), finish.status.as_str().into());
    data.insert("result".to_owned(), finish.result.as_str().into());
    data.insert("message".to_owned(), finish.message.as_str().into());
    answer(executor, task, triggered, &EventKind::Finished, data)
}

/// Returns the members that every answer repeats.
fn base(triggered: &CloudEvent) -> Map<String, Value> {
    let Value::Object(mut data) = triggered.data.value() else {
        return Map::new();
    };
    data.retain(|key, value| BASE.contains(&key.as_str()) && !value.is_null());
    data
}

/// Returns an answer to a task.
fn answer(
    executor: &str,
    task: &str,
    triggered: &CloudEvent,
    kind: &EventKind,
    data: Map<String, Value>,
) -> CloudEvent {
    let extensions = ATTRIBUTES.iter().filter_map(|name| {
        let value = triggered.extensions.get(*name)?;
        Some(((*name).to_owned(), value.clone()))
    });
    let word = kind.to_string();
    let name = EventName::Task {
        task: task.to_owned(),
        kind: kind.clone(),
    };
    CloudEvent {
        id: derived_id(&triggered.id, &[executor, &word]),
        source: executor.to_owned(),
        specversion: "1.0".to_owned(),
        event_type: name.to_string(),
        time: None::<Timestamp>,
        shkeptncontext: triggered.shkeptncontext.clone(),
        triggeredid: Some(triggered.id.clone()),
        data: Value::Object(data).into(),
        extensions: extensions.collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A task that was triggered.
    fn triggered() -> CloudEvent {
        serde_json::from_value(json!({
            "id": "t1", "source": "shipyard-controller", "specversion": "1.0",
            "type": "sh.keptn.event.deployment.triggered", "shkeptncontext": "c",
            "gitcommitid": "abc", "traceparent": "no",
            "data": {
                "project": "p", "stage": "dev", "service": "s", "labels": {"a": "1"},
                "result": "pass", "deployment": {"x": 1},
            },
        }))
        .unwrap()
    }

    #[test]
    fn started_repeats_whose_it_is_and_nothing_else() {
        let event = started("command", "deployment", &triggered());
        insta::assert_snapshot!(serde_json::to_string(&event).unwrap(), @r#"{"id":"b4f1c1da-8b2a-5a58-8c2a-f52a95ce92a8","source":"command","specversion":"1.0","type":"sh.keptn.event.deployment.started","shkeptncontext":"c","triggeredid":"t1","data":{"project":"p","stage":"dev","service":"s","labels":{"a":"1"}},"gitcommitid":"abc"}"#);
    }

    #[test]
    fn finished_says_what_came_of_it_and_changes_no_label() {
        let data = json!({"deployment": {"url": "u"}, "project": "other", "result": "fail"});
        let labels = json!({"a": "2", "b": "3"});
        let finish = Finish {
            message: "done".to_owned(),
            data: data.as_object().cloned().unwrap(),
            labels: labels.as_object().cloned().unwrap(),
            ..Finish::pass()
        };
        let event = finished("command", "deployment", &triggered(), &finish);
        insta::assert_snapshot!(serde_json::to_string(&event).unwrap(), @r#"{"id":"b1a3d4bf-9bae-5d18-a694-6d3d293219b1","source":"command","specversion":"1.0","type":"sh.keptn.event.deployment.finished","shkeptncontext":"c","triggeredid":"t1","data":{"project":"p","stage":"dev","service":"s","labels":{"a":"1","b":"3"},"deployment":{"url":"u"},"result":"pass","status":"succeeded","message":"done"},"gitcommitid":"abc"}"#);
        assert_eq!(
            event,
            finished("command", "deployment", &triggered(), &finish)
        );
    }
}
