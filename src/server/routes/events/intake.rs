//! `POST /v1/event` (controlplane.md 1.2): an event comes in, and is answered once it is stored.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::{Extension, Json};
use serde_json::{Value, json};
use uuid::{Builder, Uuid};

use super::admission;
use super::router::{EVENT_BYTES, EventParts};
use crate::control::DecodeError;
use crate::gate::event::{CloudEvent, EventType};
use crate::sequence::{Ignored, derived_id};
use crate::server::Problem;
use crate::server::access::{Bearer, sent_event};
use crate::server::routes::parameters::{quoted, unread, unstored};
use crate::server::store::StoredTask;

/// Where an event comes from that does not say.
pub(in crate::server::routes) const SOURCE: &str = "https://github.com/keptn/keptn/api";
/// The header that makes a request repeatable.
const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// The most characters of its value.
const KEY_CHARACTERS: usize = 255;

/// An event that somebody sends.
pub(in crate::server::routes) struct Sent {
    /// The event; its id and time are given here.
    pub event: CloudEvent,
    /// What makes the request repeatable.
    pub key: Option<IdempotencyKey>,
}

/// What makes a request repeatable: the same key of the same sender, for an event of the same project.
pub(in crate::server::routes) struct IdempotencyKey {
    /// The name of the token.
    sender: String,
    /// The key.
    text: String,
}

impl IdempotencyKey {
    /// Returns an id that is the same whenever the event comes again.
    fn id(&self, event: &CloudEvent, what: &str) -> String {
        let project = event.data_text("project");
        let parts = [self.sender.as_str(), &project, &self.text, what];
        derived_id("idempotency-key", &parts)
    }
}

/// Takes an event in.
pub(super) async fn take(
    State(parts): State<EventParts>,
    bearer: Option<Extension<Arc<Bearer>>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, Problem> {
    let body = body.map_err(|error| too_large(&error))?;
    let event = read(&headers, &body)?;
    let sender = bearer.map_or_else(String::new, |bearer| bearer.name.clone());
    let key = idempotency_key(&headers)?.map(|text| IdempotencyKey { sender, text });
    let context = send(&parts, Sent { event, key }).await?;
    Ok(Json(json!({"keptnContext": context})))
}

/// Checks an event, stores it with what follows from it, and returns its context.
pub(in crate::server::routes) async fn send(
    parts: &EventParts,
    Sent { mut event, key }: Sent,
) -> Result<String, Problem> {
    event.shkeptncontext = Some(event.shkeptncontext.unwrap_or_default());
    if let Some(key) = &key {
        event.id = key.id(&event, "event");
        if let Some(context) = earlier(parts, &event, key).await? {
            return Ok(context);
        }
    } else {
        event.id = Uuid::new_v4().to_string();
    }
    event.shkeptncontext = Some(context_of(&event, key.as_ref()));
    admission::check(parts, &event).await?;
    let answers = event.triggeredid.clone();
    let event_type = &event.event_type;
    let is_answer = event_type.ends_with(".finished") && !EventType::is_steering(event_type);
    let accepted = parts.conductor.submit(event).await;
    let accepted = accepted.map_err(|error| unstored(&error))?;
    match accepted.ignored {
        // It ended between the look and the answer.
        Some(Ignored::NotOpen(_)) if is_answer => {
            let triggered = answers.unwrap_or_default();
            let task = parts
                .store
                .task(accepted.context.clone(), triggered.clone());
            match task.await.map_err(|error| unread(&error))? {
                StoredTask::Ended => Err(admission::ended(&triggered)),
                // Another context: it is history of somebody else.
                StoredTask::OtherContext => Ok(accepted.context),
                StoredTask::Unknown | StoredTask::Current(_) => Err(admission::unheard(&triggered)),
            }
        }
        Some(Ignored::Duplicate(_)) if is_answer => {
            Err(admission::ended(&answers.unwrap_or_default()))
        }
        Some(ignored @ Ignored::Lacks(_)) => Err(Problem::bad_request(ignored.to_string())),
        Some(_) | None => Ok(accepted.context),
    }
}

/// Returns the context of the event that was sent with the same key before.
async fn earlier(
    parts: &EventParts,
    event: &CloudEvent,
    key: &IdempotencyKey,
) -> Result<Option<String>, Problem> {
    let stored = parts.store.event(event.id.clone()).await;
    let Some(stored) = stored.map_err(|error| unread(&error))? else {
        return Ok(None);
    };
    if (&stored.event_type, &stored.data) != (&event.event_type, &event.data) {
        return Err(Problem::conflict(format!(
            "the idempotency key {} was used for another event; take a new one",
            quoted(&key.text)
        )));
    }
    Ok(Some(stored.shkeptncontext.unwrap_or_default()))
}

/// Returns the context that an event has: its own, if that is a UUID; one that is made of its own, always the same; or a
/// new one.
fn context_of(event: &CloudEvent, key: Option<&IdempotencyKey>) -> String {
    let given = event.shkeptncontext.as_deref().unwrap_or_default();
    if given.is_empty() {
        return key.map_or_else(
            || Uuid::new_v4().to_string(),
            |key| key.id(event, "context"),
        );
    }
    if Uuid::parse_str(given).is_ok() {
        return given.to_owned();
    }
    let mut bytes = [b' '; 16];
    for (byte, given) in bytes.iter_mut().zip(given.bytes()) {
        *byte = given;
    }
    Builder::from_random_bytes(bytes).into_uuid().to_string()
}

/// Reads an event, in either mode of `CloudEvents`. Its id, its time and its version are given here, whatever it says.
fn read(headers: &HeaderMap, body: &[u8]) -> Result<CloudEvent, Problem> {
    let event = sent_event(headers, body).map_err(|error| {
        let is_foreign = matches!(error, DecodeError::ContentType { .. });
        let status = if is_foreign {
            StatusCode::UNSUPPORTED_MEDIA_TYPE
        } else {
            StatusCode::BAD_REQUEST
        };
        Problem::new(status, error.to_string())
    })?;
    let mut event = CloudEvent {
        id: String::new(),
        time: None,
        specversion: "1.0".to_owned(),
        triggeredid: event.triggeredid.filter(|id| !id.is_empty()),
        ..event
    };
    event.extensions.shift_remove("datacontenttype");
    let json = "application/json".into();
    event.extensions.insert("contenttype".to_owned(), json);
    let is_source = |text: &str| !text.is_empty() && !text.contains(is_no_part_of_a_url);
    if !is_source(&event.source) {
        SOURCE.clone_into(&mut event.source);
    }
    Ok(event)
}

/// Tells whether no URL has a character.
fn is_no_part_of_a_url(character: char) -> bool {
    character.is_control() || character.is_whitespace()
}

/// Returns the key that makes a request repeatable.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default().trim();
    if text.is_empty() || text.len() > KEY_CHARACTERS {
        return Err(Problem::bad_request(format!(
            "the header Idempotency-Key has to have 1 to {KEY_CHARACTERS} printable ASCII characters"
        )));
    }
    Ok(Some(text.to_owned()))
}

/// Says that a body is too large, or did not arrive.
fn too_large(error: &BytesRejection) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let text = format!("the event has more than {EVENT_BYTES} bytes; make it smaller");
        return Problem::new(StatusCode::PAYLOAD_TOO_LARGE, text);
    }
    Problem::bad_request("the body did not arrive in full; send it again")
}
