//! What is kept, in the words of Keptn's API (controlplane.md 1.5).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::control::{
    LatestEvaluation, LatestEvent, SequenceExecution, SequenceState, SequenceStateStage,
};
use crate::gate::event::keptn_time;
use crate::sequence::{
    ContextState, EventMark, Execution, Outcome, OutcomeWord, SequenceOutcome, StageState,
};

/// What a delivery came to, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoredOutcome {
    /// The worst of all sequences that have ended; "": none has.
    pub worst: String,
    /// The sequences, in the order of their triggers.
    pub sequences: Vec<StoredSequence>,
}

/// What a sequence came to, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredSequence {
    /// The id of the execution.
    pub id: String,
    /// The stage.
    pub stage: String,
    /// The sequence.
    pub sequence: String,
    /// What it came to; "": it is under way.
    pub outcome: String,
    /// Why, for people.
    pub message: String,
}

impl StoredOutcome {
    /// Returns what a delivery came to.
    pub(super) fn of(state: &ContextState) -> Self {
        let word = |word: Option<OutcomeWord>| {
            word.map_or_else(String::new, |word| word.as_str().to_owned())
        };
        let sequences = state.outcome.sequences.iter().map(|one| StoredSequence {
            id: one.id.clone(),
            stage: one.stage.clone(),
            sequence: one.sequence.clone(),
            outcome: word(one.word),
            message: one.message.clone(),
        });
        Self {
            worst: word(state.outcome.worst),
            sequences: sequences.collect(),
        }
    }
}

/// Returns how a delivery stands.
pub(super) fn sequence_state(state: &ContextState) -> SequenceState {
    SequenceState {
        name: state.name.clone(),
        service: state.service.clone(),
        project: state.project.clone(),
        time: keptn_time(state.time),
        shkeptncontext: state.context.clone(),
        state: state.state.as_str().to_owned(),
        problem_title: state.problem_title.clone().unwrap_or_default(),
        outcome: outcome(&state.outcome.sequences.iter().collect::<Vec<_>>()),
        stages: state
            .stages
            .iter()
            .map(|one| stage(one, &state.outcome))
            .collect(),
    }
}

/// Returns how a stage stands.
fn stage(state: &StageState, all: &Outcome) -> SequenceStateStage {
    let sequences = all.sequences.iter();
    let of_stage: Vec<_> = sequences.filter(|one| one.stage == state.name).collect();
    let evaluated = state.latest_evaluation.as_ref();
    SequenceStateStage {
        name: state.name.clone(),
        state: state.state.as_str().to_owned(),
        image: state.image.clone().unwrap_or_default(),
        latest_evaluation: evaluated.map(|evaluated| LatestEvaluation {
            result: evaluated.result.clone(),
            score: evaluated.score,
        }),
        latest_event: Some(mark(&state.latest_event)),
        latest_failed_event: state.latest_failed_event.as_ref().map(mark),
        outcome: outcome(&of_stage),
    }
}

/// Returns the worst of sequences that have all ended; "" while one is under way.
fn outcome(sequences: &[&SequenceOutcome]) -> String {
    let words: Option<Vec<OutcomeWord>> = sequences.iter().map(|one| one.word).collect();
    let worst = words.and_then(|words| words.into_iter().max());
    worst.map_or_else(String::new, |word| word.as_str().to_owned())
}

/// Returns an event in short.
fn mark(mark: &EventMark) -> LatestEvent {
    LatestEvent {
        event_type: mark.event_type.clone(),
        id: mark.id.clone(),
        time: keptn_time(mark.time),
    }
}

/// Returns an execution as Keptn shows it.
pub(super) fn sequence_execution(one: &Execution) -> SequenceExecution {
    let scope = &one.scope;
    SequenceExecution {
        id: one.id.clone(),
        schema_version: "1".to_owned(),
        triggered_at: keptn_time(one.triggered_at),
        input_properties: (*one.input).clone(),
        sequence: sequence(one),
        scope: json!({
            "project": scope.project,
            "stage": scope.stage,
            "service": scope.service,
            "labels": scope.labels,
            "keptnContext": scope.context,
            "triggeredId": scope.triggered_id,
            "gitcommitid": scope.git_commit_id.as_deref().unwrap_or_default(),
            "eventType": scope.event_type,
        }),
        status: status(one),
    }
}

/// Returns the sequence of an execution.
fn sequence(one: &Execution) -> Value {
    let tasks = one.sequence.tasks.iter().map(|task| {
        let mut shown = json!({"name": task.name});
        if let (Some(properties), Some(shown)) = (&task.properties, shown.as_object_mut()) {
            let properties = Value::Object(properties.clone());
            shown.insert("properties".to_owned(), properties);
        }
        shown
    });
    let triggers = one.sequence.triggered_on.iter().map(|trigger| {
        let event = format!("{}.{}.finished", trigger.stage, trigger.sequence);
        match &trigger.selector {
            None => json!({"event": event}),
            Some(selector) => {
                let pairs = selector.matches.iter().cloned();
                let pairs = pairs.map(|(key, value)| (key, Value::String(value)));
                json!({"event": event, "selector": {"match": Value::Object(pairs.collect())}})
            }
        }
    });
    let (tasks, triggers): (Vec<Value>, Vec<Value>) = (tasks.collect(), triggers.collect());
    json!({"name": one.sequence.name, "triggeredOn": triggers, "tasks": tasks})
}

/// Returns how an execution stands.
fn status(one: &Execution) -> Value {
    let previous = one.previous.iter().map(|task| {
        json!({
            "name": task.name,
            "triggeredID": task.triggered_id,
            "result": task.result.as_str(),
            "status": task.status.as_str(),
            "properties": *task.data,
        })
    });
    let mut status = json!({
        "state": one.state.as_str(),
        "stateBeforePause": one.before_pause.map_or("", |state| state.as_str()),
        "previousTasks": previous.collect::<Vec<Value>>(),
        "currentTask": current(one),
    });
    if let (Some(ended), Some(status)) = (&one.ended, status.as_object_mut()) {
        let tidegate = json!({
            "endedAt": keptn_time(ended.time),
            "status": ended.status.as_str(),
            "result": ended.result.as_str(),
            "worstResult": ended.worst_result.as_str(),
            "message": ended.message,
        });
        status.insert("tidegate".to_owned(), tidegate);
    }
    status
}

/// Returns the task under way.
fn current(one: &Execution) -> Value {
    let Some(current) = &one.current else {
        return json!({"name": "", "triggeredID": "", "events": []});
    };
    let events = current.answers.iter().map(|answer| {
        json!({
            "eventType": answer.event_type,
            "source": answer.source,
            "result": answer.result,
            "status": answer.status,
            "time": keptn_time(answer.time),
            "properties": *answer.data,
        })
    });
    let events: Vec<Value> = events.collect();
    json!({"name": current.name, "triggeredID": current.triggered_id, "events": events})
}

/// Returns the first moment that is shown as later than this one: times are shown with three digits.
pub(crate) fn shown_after(time: Timestamp) -> i64 {
    millisecond(time)
        .saturating_add(1)
        .saturating_mul(1_000_000)
}

/// Returns the first moment that is not shown as earlier than this one.
pub(crate) fn shown_before(time: Timestamp) -> i64 {
    let floor = millisecond(time);
    let is_whole = time.as_nanosecond() == i128::from(floor) * 1_000_000;
    let first = if is_whole {
        floor
    } else {
        floor.saturating_add(1)
    };
    first.saturating_mul(1_000_000)
}

/// Returns the whole millisecond at or before a moment.
fn millisecond(time: Timestamp) -> i64 {
    i64::try_from(time.as_nanosecond().div_euclid(1_000_000)).unwrap_or(i64::MAX)
}
