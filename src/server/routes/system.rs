//! What the server says of itself: tokens, metadata, health, metrics, and the document of its API.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::app::Conductor;
use crate::server::metrics::{Metrics, UnderWay};
use crate::server::openapi::document;
use crate::server::{Catalogue, Problem};

/// What these endpoints need.
#[derive(Clone)]
pub struct SystemParts {
    /// The conductor.
    pub conductor: Conductor,
    /// The projects.
    pub catalogue: Catalogue,
    /// The figures.
    pub metrics: Arc<Metrics>,
}

/// Returns the routes.
pub fn routes(parts: SystemParts) -> Router {
    Router::new()
        .route("/v1/auth", post(auth))
        .route("/v1/metadata", get(metadata))
        .route("/v1/import", post(import))
        .route("/health", get(health))
        .route("/healthz", get(health))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics))
        .route("/openapi.json", get(openapi))
        .with_state(parts)
}

/// Says that the token is good: whoever comes here showed one.
async fn auth() -> StatusCode {
    StatusCode::OK
}

/// Says which server this is.
async fn metadata() -> Json<Value> {
    Json(json!({
        "namespace": "tidegate",
        "keptnlabel": "keptn",
        "keptnversion": "N/A",
        "bridgeversion": "N/A",
        "shipyardversion": "0.2.0",
        "automaticprovisioning": true,
        "tidegateversion": env!("CARGO_PKG_VERSION"),
    }))
}

/// Says that import packages are left out.
async fn import() -> Problem {
    Problem::new(
        StatusCode::NOT_IMPLEMENTED,
        "import packages are left out; send what is in them one by one: services, secrets, resources and subscriptions",
    )
}

/// Says that the process is alive.
async fn health() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

/// Says whether events can be taken in and stored.
async fn ready(State(parts): State<SystemParts>) -> Result<Json<Value>, Problem> {
    let refuse = |why: String| Problem::new(StatusCode::SERVICE_UNAVAILABLE, why);
    let asked = parts.conductor.ask(|_engine| ()).await;
    asked.map_err(|error| refuse(error.to_string()))?;
    Ok(Json(json!({"status": "ok"})))
}

/// Returns the figures.
async fn metrics(State(parts): State<SystemParts>) -> Result<Response, Problem> {
    let asked = parts.conductor.ask(|engine| {
        let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        (
            count(engine.open().count()),
            count(engine.open_tasks().len()),
        )
    });
    let (executions, tasks) = asked
        .await
        .map_err(|error| Problem::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string()))?;
    let projects = u64::try_from(parts.catalogue.all().len()).unwrap_or(u64::MAX);
    let text = parts.metrics.text(UnderWay {
        executions,
        tasks,
        projects,
    });
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}

/// Returns the document.
async fn openapi() -> Json<Value> {
    Json(document())
}
