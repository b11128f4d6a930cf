//! Secrets and their scopes (controlplane.md 1.10). Values go in and never come out.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::asked::Asked;
use super::json_body;
use crate::control::SecretMetadata;
use crate::net::Secret;
use crate::server::problem::Problem;
use crate::server::projects::SecretShelf;

/// The most bytes of a body.
const MOST_BODY: usize = 2 * 1024 * 1024;

/// A secret to keep. It has no `Debug`.
#[derive(Deserialize)]
struct SecretBody {
    /// The name.
    #[serde(default)]
    name: String,
    /// The scope.
    #[serde(default)]
    scope: String,
    /// The values.
    #[serde(default)]
    data: BTreeMap<String, String>,
}

/// Which secrets are meant.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct SecretQuery {
    /// The name.
    name: String,
    /// The scope.
    scope: String,
}

/// Returns the endpoints of secrets.
pub fn routes(shelf: SecretShelf) -> Router {
    Router::new()
        .route(
            "/secrets/v1/secret",
            get(list).post(create).put(update).delete(remove),
        )
        .route("/secrets/v1/scope", get(scopes))
        .layer(DefaultBodyLimit::max(MOST_BODY))
        .with_state(shelf)
}

/// Lists secrets, without their values.
async fn list(State(shelf): State<SecretShelf>, Asked(query): Asked<SecretQuery>) -> Json<Value> {
    let wanted = |have: &str, want: &str| want.is_empty() || have == want;
    let records = shelf.list().into_iter();
    let secrets: Vec<SecretMetadata> = records
        .filter(|record| wanted(&record.name, &query.name) && wanted(&record.scope, &query.scope))
        .map(|record| SecretMetadata {
            name: record.name,
            scope: record.scope,
            keys: record.keys,
        })
        .collect();
    Json(json!({ "Secrets": secrets }))
}

/// Creates a secret.
async fn create(
    State(shelf): State<SecretShelf>,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let SecretBody { name, scope, data } = json_body::read(&body)?;
    keep(move || shelf.create(&name, &scope, secret(data))).await?;
    Ok((StatusCode::CREATED, Json(json!({}))))
}

/// Replaces a secret.
async fn update(State(shelf): State<SecretShelf>, body: Bytes) -> Result<Json<Value>, Problem> {
    let SecretBody { name, scope, data } = json_body::read(&body)?;
    keep(move || shelf.update(&name, &scope, secret(data))).await?;
    Ok(Json(json!({})))
}

/// Deletes a secret.
async fn remove(
    State(shelf): State<SecretShelf>,
    Asked(query): Asked<SecretQuery>,
) -> Result<Json<Value>, Problem> {
    let SecretQuery { name, scope } = query;
    if name.is_empty() || scope.is_empty() {
        return Err(Problem::bad_request(
            "`name` and `scope` are needed to delete a secret",
        ));
    }
    keep(move || shelf.delete(&name, &scope)).await?;
    Ok(Json(json!({})))
}

/// Lists scopes.
async fn scopes(State(shelf): State<SecretShelf>) -> Json<Value> {
    Json(json!({ "scopes": shelf.scopes() }))
}

/// Lets the vault wait for the disk where nothing else has to wait with it.
async fn keep(
    change: impl FnOnce() -> Result<(), Problem> + Send + 'static,
) -> Result<(), Problem> {
    let kept = tokio::task::spawn_blocking(change).await;
    kept.unwrap_or_else(|_stopped| {
        let message = "the server is stopping; try again later";
        Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, message))
    })
}

/// Takes the values as secrets.
fn secret(data: BTreeMap<String, String>) -> BTreeMap<String, Secret> {
    data.into_iter()
        .map(|(key, value)| (key, Secret::new(value)))
        .collect()
}
