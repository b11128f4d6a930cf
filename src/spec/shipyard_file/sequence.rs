//! A sequence of a shipyard, and its tasks.

use serde_json::{Map, Value};

use super::{Named, milliseconds, take_name, trigger};
use crate::sequence::{Sequence, Task};
use crate::spec::fields::{Field, Fields};
use crate::spec::findings::Findings;
use crate::spec::problem::quoted;
use crate::spec::source::Span;
use crate::spec::yaml::Node;

/// The keys of a sequence.
const KEYS: [&str; 4] = ["name", "triggeredOn", "tasks", "timeout"];
/// The keys of a task.
const TASK_KEYS: [&str; 5] = [
    "name",
    "triggeredAfter",
    "properties",
    "timeout",
    "executors",
];
/// The most executors that a task may wait for.
const MOST_EXECUTORS: i64 = 100;

/// Reads a sequence; returns it, where its name stands, and where its triggers stand.
pub(super) fn read(
    findings: &mut Findings<'_>,
    node: &Node,
) -> Option<(Sequence, Span, Vec<Span>)> {
    let mut fields = Fields::open(findings, node, "a sequence")?;
    let (name, place) = take_name(findings, &mut fields, node.span, Named::Sequence)?;
    let (triggered_on, places) = trigger::read(findings, fields.take_set("triggeredOn"));
    let timeout = fields.take_set("timeout");
    let timeout_ms = timeout.and_then(|field| positive(findings, &field));
    let tasks = fields.take_set("tasks");
    let of = format!("the sequence {}", quoted(&name));
    fields.warn_unknown(findings, &of, &KEYS);
    let elements = tasks
        .and_then(|field| findings.elements(field.value, "tasks"))
        .unwrap_or_default();
    let tasks: Vec<Task> = elements
        .iter()
        .filter_map(|element| read_task(findings, element))
        .collect();
    if elements.is_empty() {
        let message = format!("{of} has no tasks; it fails when it is triggered");
        findings.warning(place, message, "give it a task, or remove it");
    }
    let sequence = Sequence {
        name,
        triggered_on,
        tasks,
        timeout_ms,
    };
    Some((sequence, place, places))
}

/// Reads a task.
fn read_task(findings: &mut Findings<'_>, node: &Node) -> Option<Task> {
    let mut fields = Fields::open(findings, node, "a task")?;
    let (name, _) = take_name(findings, &mut fields, node.span, Named::Task)?;
    let delay = fields.take_set("triggeredAfter");
    let delay = delay.and_then(|field| milliseconds(findings, &field));
    let timeout = fields.take_set("timeout");
    let timeout_ms = timeout.and_then(|field| positive(findings, &field));
    let executors = fields.take_set("executors");
    let executors = executors.and_then(|field| read_executors(findings, &field));
    let properties = fields.take_set("properties");
    let properties = properties.and_then(|field| read_properties(findings, &field));
    fields.warn_unknown(findings, &format!("the task {}", quoted(&name)), &TASK_KEYS);
    Some(Task {
        name,
        triggered_after_ms: delay.unwrap_or_default(),
        properties,
        timeout_ms,
        executors,
    })
}

/// Reads a duration that must not be 0: a limit of 0 would end everything at once.
fn positive(findings: &mut Findings<'_>, field: &Field<'_>) -> Option<u64> {
    let limit = milliseconds(findings, field)?;
    if limit == 0 {
        let message = format!("`{}` can't be 0", field.name);
        findings.error(field.span(), message, "leave it out to have no limit");
        return None;
    }
    Some(limit)
}

/// Reads how many executors a task waits for.
fn read_executors(findings: &mut Findings<'_>, field: &Field<'_>) -> Option<u32> {
    let number = findings.integer(field.value, "executors")?;
    let fits = !number.cut && (1..=MOST_EXECUTORS).contains(&number.value);
    if !fits {
        let message = format!("`executors` must be a whole number from 1 to {MOST_EXECUTORS}");
        findings.error(
            field.span(),
            message,
            "it is how many `.started` events the task waits for",
        );
        return None;
    }
    u32::try_from(number.value).ok()
}

/// Reads the properties of a task: a free mapping.
fn read_properties(findings: &mut Findings<'_>, field: &Field<'_>) -> Option<Map<String, Value>> {
    if field.value.entries().is_none() {
        findings.wrong_kind(field.value, "properties", "a mapping");
        return None;
    }
    match findings.json(field.value) {
        Value::Object(properties) => Some(properties),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            None
        }
    }
}
