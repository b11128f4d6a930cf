//! The data of the events that the engine sends (controlplane.md 3.5).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::execution::{Execution, Scope, TaskStatus};
use super::merge::{merge_data, merge_properties};
use super::settings::Merging;
use crate::gate::Verdict;
use crate::gate::event::EventData;

/// The largest event that is sent, in bytes of its data.
pub(super) const MOST_BYTES: usize = 1 << 20;

/// The version of `data.tidegate` of a sequence's `.finished`.
const VERSION: u32 = 1;

/// Returns the data of the `.triggered` event of the current task.
pub(super) fn task_payload(one: &Execution, how: Merging) -> EventData {
    let mut payload = merged(one, how);
    let task = one.current_task();
    if let Some((task, properties)) = task.and_then(|task| Some((task, task.properties.as_ref()?)))
    {
        merge_properties(&mut payload, &task.name, properties, how);
        // A task that is named like a base field can't say that this is somebody else's.
        name_scope(&mut payload, &one.scope, &one.scope.stage);
    }
    Value::Object(payload).into()
}

/// Returns the data of the `.triggered` event of a sequence that follows in a stage.
pub(super) fn follow_up_payload(one: &Execution, stage: &str, how: Merging) -> Map<String, Value> {
    let mut payload = merged(one, how);
    name_scope(&mut payload, &one.scope, stage);
    if let Some(ended) = &one.ended {
        payload.insert("result".to_owned(), ended.result.as_str().into());
        payload.insert("status".to_owned(), ended.status.as_str().into());
    }
    payload
}

/// Returns the data of the `.finished` event of a sequence.
pub(super) fn finished_payload(one: &Execution) -> EventData {
    let mut data = base(one);
    if let Some(ended) = &one.ended {
        data.insert("status".to_owned(), ended.status.as_str().into());
        data.insert("result".to_owned(), ended.result.as_str().into());
        data.insert("message".to_owned(), ended.message.as_str().into());
        data.insert(
            "tidegate".to_owned(),
            json!({"version": VERSION, "worstResult": ended.worst_result.as_str()}),
        );
    }
    Value::Object(data).into()
}

/// Returns project, stage, service and the labels that came together.
pub(super) fn base(one: &Execution) -> Map<String, Value> {
    let mut data = Map::new();
    name_scope(&mut data, &one.scope, &one.scope.stage);
    let mut labels: BTreeMap<String, Value> = BTreeMap::new();
    let tasks = one.previous.iter().map(|task| &task.data);
    for data in std::iter::once(&one.input).chain(tasks) {
        let found = data.get("labels").and_then(Value::as_object);
        for (name, value) in found.into_iter().flatten() {
            labels.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    if !labels.is_empty() {
        data.insert("labels".to_owned(), labels.into_iter().collect());
    }
    data
}

/// Returns the data of the trigger and of all tasks that are done.
fn merged(one: &Execution, how: Merging) -> Map<String, Value> {
    let mut payload = Map::clone(&one.input);
    for task in &one.previous {
        merge_data(&mut payload, &task.data, how);
    }
    name_scope(&mut payload, &one.scope, &one.scope.stage);
    if let Some(last) = one.previous.last() {
        payload.insert("result".to_owned(), last.result.as_str().into());
        payload.insert("status".to_owned(), last.status.as_str().into());
    }
    if let Some(message) = payload.get_mut("message") {
        *message = "".into();
    }
    payload
}

/// Writes whose a payload is.
fn name_scope(payload: &mut Map<String, Value>, scope: &Scope, stage: &str) {
    payload.insert("project".to_owned(), scope.project.as_str().into());
    payload.insert("stage".to_owned(), stage.into());
    payload.insert("service".to_owned(), scope.service.as_str().into());
}

/// Returns the worst result of all tasks, and of the sequence itself.
pub(super) fn worst_result(one: &Execution, result: Verdict, status: TaskStatus) -> Verdict {
    let own = match status {
        TaskStatus::Succeeded => result,
        TaskStatus::Errored | TaskStatus::Aborted | TaskStatus::Unknown => Verdict::Fail,
    };
    let tasks = one.previous.iter().map(|task| task.result);
    tasks.fold(own, Verdict::max)
}
