//! `GET /x/v1/events/stream`: events as they become durable, as server-sent events. Ours; Keptn has none.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::Stream;
use futures_util::stream::unfold;
use serde_json::json;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::router::EventParts;
use super::shown::Shown;
use super::whereabouts::project;
use crate::gate::event::CloudEvent;
use crate::server::Problem;
use crate::server::routes::parameters::Parameters;

/// Follows what happens; each event has its id, so that a client can tell where it was.
pub(super) async fn follow(
    State(parts): State<EventParts>,
    Query(query): Query<Parameters>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    if let Some(name) = query.text("project") {
        project(&parts.catalogue, &name)?;
    }
    let listener = Listener {
        events: parts.conductor.subscribe(),
        project: query.text("project"),
        context: query.text("keptnContext"),
        event_type: query.text("type"),
    };
    let stream = unfold(listener, async |mut listener| {
        let event = listener.next().await?;
        Some((Ok(event), listener))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()))
}

/// Somebody who listens.
struct Listener {
    /// Everything that happens.
    events: Receiver<Arc<CloudEvent>>,
    /// Only of this project.
    project: Option<String>,
    /// Only of this context.
    context: Option<String>,
    /// Only of this type.
    event_type: Option<String>,
}

impl Listener {
    /// Returns what is told next; `None` when the server stops.
    async fn next(&mut self) -> Option<Event> {
        loop {
            match self.events.recv().await {
                Ok(event) if self.wants(&event) => {
                    let told = Event::default().id(&event.id).json_data(Shown(&event));
                    if let Ok(told) = told {
                        return Some(told);
                    }
                }
                Ok(_other) => {}
                Err(RecvError::Lagged(missed)) => {
                    let told = Event::default().event("missed");
                    return told.json_data(json!({"missed": missed})).ok();
                }
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// Tells whether an event is wanted.
    fn wants(&self, event: &CloudEvent) -> bool {
        let is = |wanted: &Option<String>, found: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted == found)
        };
        let context = event.shkeptncontext.as_deref().unwrap_or_default();
        is(&self.event_type, &event.event_type)
            && is(&self.context, context)
            && (self.project.is_none() || is(&self.project, &event.data_text("project")))
    }
}
