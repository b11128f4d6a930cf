//! A run as a document for programs.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::plan::{Reached, Uses};
use crate::app::{Course, SequenceCourse, TaskCourse, WaitingTask};
use crate::cli::exit::Exit;
use crate::executor::{ApprovalUse, TaskUse};
use crate::sequence::Outcome;

/// The version of the document.
const VERSION: u32 = 1;

/// What else is to be told of a run.
pub struct Facts<'a> {
    /// The project.
    pub project: &'a str,
    /// The context.
    pub context: &'a str,
    /// What waits for others.
    pub waiting: &'a [WaitingTask],
    /// How the process ends.
    pub exit: Exit,
}

/// Returns the document of a run.
pub fn document(course: &Course, facts: &Facts<'_>) -> Value {
    let Facts {
        project,
        context,
        waiting,
        exit,
    } = facts;
    let outcome = Outcome::of(course.executions());
    let word = if waiting.is_empty() {
        outcome.worst.map(|word| word.as_str())
    } else {
        Some("waiting")
    };
    let waiting = waiting.iter().map(
        |task| json!({"stage": task.stage, "task": task.task, "triggered_id": task.triggered_id}),
    );
    json!({
        "version": VERSION,
        "project": project,
        "context": context,
        "outcome": word,
        "exit_code": exit.code(),
        "sequences": course.sequences().iter().map(sequence).collect::<Vec<_>>(),
        "waiting": waiting.collect::<Vec<_>>(),
    })
}

/// Returns the document of a sequence.
fn sequence(course: &SequenceCourse) -> Value {
    let SequenceCourse { execution, tasks } = course;
    let scope = &execution.scope;
    let ended = execution.ended.as_ref();
    let outcome = Outcome::of([execution]).worst;
    json!({
        "stage": scope.stage,
        "sequence": execution.sequence.name,
        "service": scope.service,
        "id": execution.id,
        "triggered_id": scope.triggered_id,
        "state": execution.state.as_str(),
        "outcome": outcome.map(|word| word.as_str()),
        "result": ended.map(|ended| ended.result.as_str()),
        "worst_result": ended.map(|ended| ended.worst_result.as_str()),
        "status": ended.map(|ended| ended.status.as_str()),
        "message": ended.map(|ended| ended.message.as_str()),
        "triggered": time(Some(execution.triggered_at)),
        "started": time(execution.started_at),
        "ended": time(ended.map(|ended| ended.time)),
        "tasks": tasks.iter().map(task).collect::<Vec<_>>(),
    })
}

/// Returns the document of a task.
fn task(course: &TaskCourse) -> Value {
    let TaskCourse {
        name,
        triggered_id,
        state,
        began,
        ended,
    } = course;
    json!({
        "name": name,
        "triggered_id": triggered_id,
        "state": state.as_str(),
        "result": state.result().map(|result| result.as_str()),
        "status": state.status().map(|status| status.as_str()),
        "message": state.message(),
        "started": time(*began),
        "ended": time(*ended),
        "data": state.data(name),
    })
}

/// Writes a moment.
fn time(time: Option<Timestamp>) -> Option<String> {
    time.map(|time| time.to_string())
}

/// Returns the document of a plan.
pub fn plan(project: &str, service: &str, reached: &[Reached], uses: &Uses) -> Value {
    let sequences = reached.iter().map(|Reached { stage, sequence }| {
        let tasks = sequence.tasks.iter().map(|task| {
            let by = uses.get(&(stage.clone(), task.name.clone()));
            json!({"name": task.name, "by": by.map(by_whom)})
        });
        json!({
            "stage": stage,
            "sequence": sequence.name,
            "triggered_on": sequence.triggered_on.iter().map(|on| {
                let selector = on.selector.iter().flat_map(|selector| &selector.matches);
                let pairs = selector.map(|(key, value)| (key.clone(), value.as_str().into()));
                json!({
                    "stage": on.stage,
                    "sequence": on.sequence,
                    "match": pairs.collect::<Map<String, Value>>(),
                })
            }).collect::<Vec<_>>(),
            "tasks": tasks.collect::<Vec<_>>(),
        })
    });
    json!({
        "version": VERSION,
        "dry_run": true,
        "project": project,
        "service": service,
        "sequences": sequences.collect::<Vec<_>>(),
    })
}

/// Says who carries out a task.
pub fn by_whom(found: &TaskUse) -> String {
    match found {
        TaskUse::Command(command) => command.command.join(" "),
        TaskUse::Gate => "the gate".to_owned(),
        TaskUse::Approval(ApprovalUse::Prompt) => {
            "whoever is at the terminal, else a decision later".to_owned()
        }
        TaskUse::Approval(ApprovalUse::Policy(_)) => "the approval policy".to_owned(),
        TaskUse::Approval(ApprovalUse::Later) => "a decision later".to_owned(),
        TaskUse::Webhook(file) => format!("the webhooks of {}", file.display()),
    }
}
