//! Which events are taken in (controlplane.md 1.2): the rules of Keptn, and a look at what there is before anything
//! happens.

use axum::http::StatusCode;

use super::router::EventParts;
use super::whereabouts::{Whereabouts, project};
use crate::gate::event::{CloudEvent, EventType};
use crate::sequence::{Control, EventKind, EventName};
use crate::server::Problem;
use crate::server::routes::parameters::{quoted, unread};
use crate::server::store::{StoredTask, WaitingTask};

/// Types that are taken in unchecked.
const UNCHECKED: [&str; 2] = ["sh.keptn.log.error", "sh.keptn.events.problem"];
/// The type that says that monitoring is wanted.
const MONITORING: &str = "sh.keptn.event.monitoring.configure";

/// Checks an event; an error says why it is not taken in.
pub(super) async fn check(parts: &EventParts, event: &CloudEvent) -> Result<(), Problem> {
    let event_type = event.event_type.as_str();
    if UNCHECKED.contains(&event_type) {
        return Ok(());
    }
    if event_type == Control::EVENT_TYPE {
        let instead = "a sequence is controlled by POST /controlPlane/v1/sequence/{project}/{context}/control";
        return Err(Problem::bad_request(instead));
    }
    if event_type == MONITORING {
        let name = needed(event, "project")?;
        needed(event, "type")?;
        project(&parts.catalogue, &name)?;
        return Ok(());
    }
    match EventName::parse(event_type) {
        None => Err(unknown_type(event_type)),
        Some(EventName::Sequence {
            stage,
            sequence,
            kind,
        }) => check_trigger(parts, event, (&stage, &sequence, &kind)),
        Some(EventName::Task { kind, .. }) => check_answer(parts, event, &kind).await,
    }
}

/// Checks an event that triggers a sequence.
fn check_trigger(
    parts: &EventParts,
    event: &CloudEvent,
    (stage, sequence, kind): (&str, &str, &EventKind),
) -> Result<(), Problem> {
    if *kind != EventKind::Triggered {
        return Err(Problem::bad_request(format!(
            "unknown event type action in {}: of a sequence only .triggered is taken in; its .finished comes from the server",
            quoted(&event.event_type)
        )));
    }
    // First what the event says of itself, then what there is.
    for key in ["project", "stage", "service"] {
        needed(event, key)?;
    }
    let named = event.data_text("stage");
    if named != stage {
        return Err(Problem::bad_request(format!(
            "stage name in event data and in event type does not match: {} and {}",
            quoted(&named),
            quoted(stage)
        )));
    }
    Whereabouts::of(&parts.catalogue, event)?.check_sequence(sequence)
}

/// Checks an event about a task.
async fn check_answer(
    parts: &EventParts,
    event: &CloudEvent,
    kind: &EventKind,
) -> Result<(), Problem> {
    match kind {
        EventKind::Started | EventKind::StatusChanged => {}
        EventKind::Finished => {
            for key in ["result", "status"] {
                needed(event, key)?;
            }
        }
        EventKind::Invalidated => {
            Whereabouts::of(&parts.catalogue, event)?;
            return Ok(());
        }
        EventKind::Triggered => {
            return Err(Problem::bad_request(format!(
                "unknown event type action in {}: tasks are triggered by their sequence",
                quoted(&event.event_type)
            )));
        }
        EventKind::Other(_) => return Err(unknown_type(&event.event_type)),
    }
    Whereabouts::of(&parts.catalogue, event)?;
    let triggered = event.triggeredid.as_deref().unwrap_or_default();
    if triggered.is_empty() {
        return Err(Problem::bad_request(
            "the event has no triggeredid; it has to name the .triggered event that it answers",
        ));
    }
    // What is said of an evaluation later is about one that has ended.
    if EventType::is_steering(&event.event_type) {
        return Ok(());
    }
    check_task(parts, event, triggered).await
}

/// Checks that an answer is for a task that waits for it, or for nothing that the engine ever had.
async fn check_task(
    parts: &EventParts,
    event: &CloudEvent,
    triggered: &str,
) -> Result<(), Problem> {
    let context = event.shkeptncontext.clone().unwrap_or_default();
    let task = parts
        .store
        .task(context.clone(), triggered.to_owned())
        .await;
    match task.map_err(|error| unread(&error))? {
        StoredTask::Current(waiting) => check_waiting(&waiting, event, triggered),
        StoredTask::Ended => Err(ended(triggered)),
        StoredTask::Unknown => Err(not_waiting(triggered, &context)),
        StoredTask::OtherContext => check_foreign(parts, triggered).await,
    }
}

/// Checks that an answer says of the task that waits what it is. Keptn answers 200, and the task waits for ever.
fn check_waiting(
    waiting: &WaitingTask,
    event: &CloudEvent,
    triggered: &str,
) -> Result<(), Problem> {
    if event.data_text("project") != waiting.project {
        // Nothing is said of what other projects have.
        let context = event.shkeptncontext.as_deref().unwrap_or_default();
        return Err(not_waiting(triggered, context));
    }
    let named = match EventName::parse(&event.event_type) {
        Some(EventName::Task { task, .. }) => task,
        Some(EventName::Sequence { .. }) | None => String::new(),
    };
    let (stage, service) = (event.data_text("stage"), event.data_text("service"));
    if (&named, &stage, &service) == (&waiting.name, &waiting.stage, &waiting.service) {
        return Ok(());
    }
    Err(Problem::bad_request(format!(
        "the task with triggeredid {} is {} of the stage {} and the service {}; the event says {}, {} and {}",
        quoted(triggered),
        quoted(&waiting.name),
        quoted(&waiting.stage),
        quoted(&waiting.service),
        quoted(&named),
        quoted(&stage),
        quoted(&service)
    )))
}

/// Says that nothing waits for an answer.
fn not_waiting(triggered: &str, context: &str) -> Problem {
    Problem::not_found(format!(
        "no open task with triggeredid {} in the context {}",
        quoted(triggered),
        quoted(context)
    ))
}

/// Checks that an answer without a context of ours is for nothing of ours: it is history of somebody else.
async fn check_foreign(parts: &EventParts, triggered: &str) -> Result<(), Problem> {
    let answered = parts.store.event(triggered.to_owned()).await;
    let Some(answered) = answered.map_err(|error| unread(&error))? else {
        return Ok(());
    };
    let own = answered.shkeptncontext.unwrap_or_default();
    let task = parts.store.task(own.clone(), triggered.to_owned()).await;
    match task.map_err(|error| unread(&error))? {
        StoredTask::OtherContext | StoredTask::Unknown => Ok(()),
        StoredTask::Ended | StoredTask::Current(_) => Err(Problem::bad_request(format!(
            "the task with triggeredid {} is of the context {}; the event has to name it as its shkeptncontext",
            quoted(triggered),
            quoted(&own)
        ))),
    }
}

/// Says that a task has ended.
pub(super) fn ended(triggered: &str) -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        format!(
            "the task with triggeredid {} has ended; what comes later changes nothing",
            quoted(triggered)
        ),
    )
}

/// Says that an answer changed nothing though its task waits.
pub(super) fn unheard(triggered: &str) -> Problem {
    Problem::conflict(format!(
        "the task with triggeredid {} did not take this event; look at the open task again",
        quoted(triggered)
    ))
}

/// Returns a text member of the data that has to be there.
fn needed(event: &CloudEvent, key: &str) -> Result<String, Problem> {
    let text = event.data_text(key);
    if text.is_empty() {
        let missing = format!("the event has no data.{key}; it has to have one, as a text");
        return Err(Problem::bad_request(missing));
    }
    Ok(text)
}

/// Says that a type is none.
fn unknown_type(event_type: &str) -> Problem {
    Problem::bad_request(format!(
        "unknown event type {}; known are sh.keptn.event.STAGE.SEQUENCE.triggered and \
         sh.keptn.event.TASK.started, .status.changed, .finished and .invalidated",
        quoted(event_type)
    ))
}
