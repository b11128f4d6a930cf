//! `POST …/evaluation` (controlplane.md 1.4): triggers an evaluation of a window.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::window::WindowWords;
use crate::gate::event::{CloudEvent, keptn_time};
use crate::server::Problem;
use crate::server::routes::events::{EventParts, SOURCE, Sent, Whereabouts, send};

/// What is wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NewEvaluation {
    /// The labels.
    labels: Option<BTreeMap<String, String>>,
    /// The window.
    #[serde(flatten)]
    window: WindowWords,
    /// The commit at which executors read resources.
    gitcommitid: String,
}

/// Triggers an evaluation.
pub(super) async fn trigger(
    State(parts): State<EventParts>,
    Path((project, stage, service)): Path<(String, String, String)>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let wanted: NewEvaluation = if body.is_empty() {
        NewEvaluation::default()
    } else {
        serde_json::from_slice(&body).map_err(|error| {
            Problem::bad_request(format!("the body says no evaluation: {error}"))
        })?
    };
    Whereabouts::find(&parts.catalogue, &project, &stage, &service)?;
    let (start, end) = wanted.window.window((parts.moments)())?;
    let data = json!({
        "project": project,
        "stage": stage,
        "service": service,
        "labels": wanted.labels.unwrap_or_default(),
        "evaluation": {"start": keptn_time(start), "end": keptn_time(end)},
    });
    let mut extensions = Map::new();
    extensions.insert("contenttype".to_owned(), "application/json".into());
    if !wanted.gitcommitid.is_empty() {
        extensions.insert("gitcommitid".to_owned(), wanted.gitcommitid.into());
    }
    let event = CloudEvent {
        source: SOURCE.to_owned(),
        specversion: "1.0".to_owned(),
        event_type: format!("sh.keptn.event.{stage}.evaluation.triggered"),
        data: data.into(),
        extensions,
        ..CloudEvent::default()
    };
    let context = send(&parts, Sent { event, key: None }).await?;
    Ok(Json(json!({"keptnContext": context})))
}
