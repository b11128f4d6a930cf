//! `GET /x/v1/context/{context}/verdict`: what a delivery came to; with `wait`, once it is over. Ours; with Keptn a
//! client has to ask again and again, and to guess.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, Query, State};
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, timeout_at};

use crate::gate::parse_duration;
use crate::server::Problem;
use crate::server::routes::events::{EventParts, project};
use crate::server::routes::parameters::{Parameters, quoted, unread};
use crate::server::store::StoredContext;

/// The longest that one request waits.
const LONGEST: Duration = Duration::from_secs(60);

/// Tells what a delivery came to, or how it stands when the wait is over.
pub(super) async fn show(
    State(parts): State<EventParts>,
    Path(context): Path<String>,
    Query(query): Query<Parameters>,
) -> Result<Json<Value>, Problem> {
    let deadline = Instant::now() + wait(&query)?;
    let name = query.text("project");
    if let Some(name) = &name {
        project(&parts.catalogue, name)?;
    }
    // Before the first look, so that nothing is missed between the two.
    let mut events = parts.conductor.subscribe();
    loop {
        let stored = parts.store.context(name.clone(), context.clone()).await;
        let stored = stored.map_err(|error| unread(&error))?;
        let Some(stored) = stored else {
            return Err(Problem::not_found(format!(
                "nothing was triggered with the context {}",
                quoted(&context)
            )));
        };
        if stored.is_over {
            return Ok(shown(&context, &stored));
        }
        loop {
            match timeout_at(deadline, events.recv()).await {
                Ok(Ok(event)) if event.shkeptncontext.as_ref() != Some(&context) => {}
                Ok(Ok(_) | Err(RecvError::Lagged(_))) => break,
                Ok(Err(RecvError::Closed)) | Err(_) => return Ok(shown(&context, &stored)),
            }
        }
    }
}

/// Shows what a delivery came to.
fn shown(context: &str, stored: &StoredContext) -> Json<Value> {
    Json(json!({
        "keptnContext": context,
        "state": stored.state,
        "isOver": stored.is_over,
        "outcome": stored.outcome,
    }))
}

/// Returns how long to wait.
fn wait(query: &Parameters) -> Result<Duration, Problem> {
    let Some(text) = query.text("wait") else {
        return Ok(Duration::ZERO);
    };
    let read = parse_duration(&text).ok();
    let wait = read.and_then(|read| Duration::try_from(read).ok());
    let wait = wait.map(|wait| wait.min(LONGEST));
    wait.ok_or_else(|| {
        let text = quoted(&text);
        Problem::bad_request(format!(
            "the parameter wait is no duration such as 30s: {text}"
        ))
    })
}
