//! `/controlPlane/v1/uniform` and `/controlPlane/v1/log` (controlplane.md 1.7).

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{Extension, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::app::Moments;
use crate::control::{Integration, LogEntry, Subscription};
use crate::gate::event::parse_time;
use crate::server::Problem;
use crate::server::access::Bearer;
use crate::server::store::{EventSearch, Store};
use crate::server::uniform::{
    FailureLog, KeepError, LogQuestion, Reach, RegisterError, Registered, Registry,
    RegistryQuestion,
};

/// The most entries of one call.
const MOST_ENTRIES: usize = 1000;
/// How long a page is when nobody says.
const PAGE: usize = 20;

/// What these endpoints need.
#[derive(Clone)]
pub struct UniformParts {
    /// The integrations.
    pub registry: Arc<Registry>,
    /// What they wrote down.
    pub log: Arc<FailureLog>,
    /// Events, which tell what a context is about.
    pub store: Store,
    /// The clock.
    pub moments: Moments,
}

/// Returns the routes.
pub fn routes(parts: UniformParts) -> Router {
    Router::new()
        .route(
            "/controlPlane/v1/uniform/registration",
            get(list).post(register),
        )
        .route(
            "/controlPlane/v1/uniform/registration/{id}",
            axum::routing::delete(remove),
        )
        .route("/controlPlane/v1/uniform/registration/{id}/ping", put(ping))
        .route(
            "/controlPlane/v1/uniform/registration/{id}/subscription",
            get(subscriptions).post(subscribe),
        )
        .route(
            "/controlPlane/v1/uniform/registration/{id}/subscription/{subscription}",
            get(subscription).put(resubscribe).delete(unsubscribe),
        )
        .route("/controlPlane/v1/log", get(entries).post(add_entries))
        .with_state(parts)
}

/// Lists integrations.
async fn list(
    State(parts): State<UniformParts>,
    Extension(bearer): Extension<Arc<Bearer>>,
    Query(question): Query<RegistryQuestion>,
) -> Json<Vec<Integration>> {
    let now = (parts.moments)();
    Json(parts.registry.list(&question, &Reach::of(&bearer), now))
}

/// Registers an integration.
async fn register(
    State(parts): State<UniformParts>,
    Extension(bearer): Extension<Arc<Bearer>>,
    Json(integration): Json<Integration>,
) -> Result<Response, Problem> {
    let registered = aside(parts, move |parts| {
        let reach = Reach::of(&bearer);
        let now = (parts.moments)();
        parts.registry.register(integration, &reach, now)
    });
    let (status, id) = match registered.await? {
        Ok(Registered::New(id)) => (StatusCode::CREATED, id),
        Ok(Registered::Known(id)) => (StatusCode::OK, id),
        Err(error) => return Err(refused(&error)),
    };
    Ok((status, Json(json!({"id": id}))).into_response())
}

/// Takes note that an integration is alive.
async fn ping(
    State(parts): State<UniformParts>,
    Extension(bearer): Extension<Arc<Bearer>>,
    Path(id): Path<String>,
) -> Result<Json<Integration>, Problem> {
    let now = (parts.moments)();
    let seen = parts.registry.ping(&id, &Reach::of(&bearer), now);
    seen.map(Json).ok_or_else(nobody)
}

/// Forgets an integration.
async fn remove(
    State(parts): State<UniformParts>,
    Extension(bearer): Extension<Arc<Bearer>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let removed = aside(parts, move |parts| {
        let reach = Reach::of(&bearer);
        parts.registry.remove(&id, &reach, (parts.moments)())
    });
    let is_removed = removed.await?.map_err(|error| refused(&error))?;
    if is_removed {
        Ok(Json(json!({})))
    } else {
        Err(nobody())
    }
}

/// Lists what an integration wants to hear of.
async fn subscriptions(
    State(parts): State<UniformParts>,
    Extension(bearer): Extension<Arc<Bearer>>,
    Path(id): Path<String>,
) -> Result<Json<Vec<Subscription>>, Problem> {
    let found = parts
        .registry
        .find(&id, &Reach::of(&bearer), (parts.moments)());
    found
        .map(|integration| Json(integration.subscriptions))
        .ok_or_else(nobody)
}

/// Adds what an integration wants to hear of.
async fn subscribe(
    State(parts): State<UniformParts>,
    Extension(bearer): Extension<Arc<Bearer>>,
    Path(id): Path<String>,
    Json(subscription): Json<Subscription>,
) -> Result<Response, Problem> {
    named(&subscription)?;
    let added = aside(parts, move |parts| {
        let reach = Reach::of(&bearer);
        let now = (parts.moments)();
        parts.registry.subscribe(&id, subscription, &reach, now)
    });
    let added = added.await?.map_err(|error| refused(&error))?;
    let id = added.ok_or_else(nobody)?;
    Ok((StatusCode::CREATED, Json(json!({"id": id}))).into_response())
}

/// Shows one subscription.
async fn subscription(
    State(parts): State<UniformParts>,
    Extension(bearer): Extension<Arc<Bearer>>,
    Path((id, subscription)): Path<(String, String)>,
) -> Result<Json<Subscription>, Problem> {
    let found = parts
        .registry
        .find(&id, &Reach::of(&bearer), (parts.moments)());
    let found = found.ok_or_else(nobody)?;
    let mut all = found.subscriptions.into_iter();
    all.find(|one| one.id == subscription)
        .map(Json)
        .ok_or_else(nothing)
}

/// Changes a subscription.
async fn resubscribe(
    State(parts): State<UniformParts>,
    Extension(bearer): Extension<Arc<Bearer>>,
    Path((id, subscription)): Path<(String, String)>,
    Json(new): Json<Subscription>,
) -> Result<Response, Problem> {
    named(&new)?;
    let told = subscription.clone();
    replace(parts, Reach::of(&bearer), (id, subscription), Some(new)).await?;
    Ok((StatusCode::CREATED, Json(json!({"id": told}))).into_response())
}

/// Removes a subscription.
async fn unsubscribe(
    State(parts): State<UniformParts>,
    Extension(bearer): Extension<Arc<Bearer>>,
    Path((id, subscription)): Path<(String, String)>,
) -> Result<Json<Value>, Problem> {
    replace(parts, Reach::of(&bearer), (id, subscription), None).await?;
    Ok(Json(json!({})))
}

/// Changes or removes a subscription.
async fn replace(
    parts: UniformParts,
    reach: Reach,
    (id, subscription): (String, String),
    new: Option<Subscription>,
) -> Result<(), Problem> {
    let replaced = aside(parts, move |parts| {
        let now = (parts.moments)();
        parts
            .registry
            .replace_subscription((&id, &subscription), new, &reach, now)
    });
    let is_replaced = replaced.await?.map_err(|error| refused(&error))?;
    if is_replaced { Ok(()) } else { Err(nothing()) }
}

/// Which entries are asked for, as it stands in the query.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct EntriesQuery {
    /// The integration.
    integration_id: String,
    /// Only later ones.
    from_time: String,
    /// Only earlier ones.
    before_time: String,
    /// How many at most.
    page_size: Option<usize>,
    /// How many to skip.
    next_page_key: usize,
}

/// Lists what integrations wrote down.
async fn entries(
    State(parts): State<UniformParts>,
    Query(query): Query<EntriesQuery>,
) -> Result<Json<Value>, Problem> {
    let EntriesQuery {
        integration_id,
        from_time,
        before_time,
        page_size,
        next_page_key,
    } = query;
    let question = LogQuestion {
        integration: integration_id,
        from: moment("fromTime", &from_time)?,
        before: moment("beforeTime", &before_time)?,
        skip: next_page_key,
        most: page_size.unwrap_or(PAGE),
    };
    let (logs, all) = parts.log.page(&question);
    let next = next_page_key.saturating_add(logs.len());
    let mut page = Map::new();
    page.insert("logs".to_owned(), json!(logs));
    if next < all && !logs.is_empty() {
        page.insert("nextPageKey".to_owned(), next.into());
    }
    page.insert("pageSize".to_owned(), logs.len().into());
    page.insert("totalCount".to_owned(), all.into());
    Ok(Json(page.into()))
}

/// What is to be written down.
#[derive(Deserialize)]
struct NewEntries {
    /// The entries.
    logs: Vec<LogEntry>,
}

/// Writes down what went wrong.
async fn add_entries(
    State(parts): State<UniformParts>,
    Extension(bearer): Extension<Arc<Bearer>>,
    Json(NewEntries { logs }): Json<NewEntries>,
) -> Result<Json<Value>, Problem> {
    if logs.len() > MOST_ENTRIES {
        let message = format!("there are more than {MOST_ENTRIES} entries; send them in parts");
        return Err(Problem::bad_request(message));
    }
    for context in foreign_contexts(&bearer, &logs) {
        belongs(&parts.store, &bearer, context).await?;
    }
    let added = aside(parts, move |parts| parts.log.add(logs, (parts.moments)()));
    added.await?.map_err(|error| unkept(&error))?;
    Ok(Json(json!({})))
}

/// Returns the contexts of entries that have to be looked at before they are taken: none, where the token is for all
/// projects.
fn foreign_contexts<'e>(bearer: &Bearer, entries: &'e [LogEntry]) -> BTreeSet<&'e str> {
    if bearer.may_enter_all() {
        return BTreeSet::new();
    }
    let contexts = entries.iter().map(|entry| entry.shkeptncontext.as_str());
    contexts.collect()
}

/// Refuses a context in which nothing happened in a project of the token.
async fn belongs(store: &Store, bearer: &Bearer, context: &str) -> Result<(), Problem> {
    for project in bearer.projects().into_iter().flatten() {
        let search = EventSearch {
            context: Some(context.to_owned()),
            project: Some(project.clone()),
            ..EventSearch::default()
        };
        let found = store.newest(search, 1).await.map_err(|error| {
            tracing::error!(%error, "the events of a context could not be read");
            let message = "the events could not be read; the server's log says why";
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, message)
        })?;
        if !found.is_empty() {
            return Ok(());
        }
    }
    bearer.enter_all("each entry has to name a shkeptncontext of one of its projects")
}

/// Reads a time of the query.
fn moment(name: &str, text: &str) -> Result<Option<jiff::Timestamp>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    let refuse = || {
        Problem::bad_request(format!(
            "`{name}` must be a time such as 2026-01-31T12:00:00Z"
        ))
    };
    parse_time(text).map(Some).ok_or_else(refuse)
}

/// Refuses a subscription to nothing.
fn named(subscription: &Subscription) -> Result<(), Problem> {
    if subscription.event.is_empty() {
        let message = "a subscription needs the event that it is for, such as sh.keptn.event.deployment.triggered";
        return Err(Problem::bad_request(message));
    }
    Ok(())
}

/// Does what waits for the disk where nobody else waits for it.
async fn aside<T: Send + 'static>(
    parts: UniformParts,
    work: impl FnOnce(&UniformParts) -> T + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(move || work(&parts)).await;
    done.map_err(|error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}

/// Nobody has that id.
fn nobody() -> Problem {
    Problem::not_found("Uniform integration not found: register it again")
}

/// There is no such subscription.
fn nothing() -> Problem {
    Problem::not_found("Uniform subscription not found")
}

/// Says why an integration stays as it was.
fn refused(error: &RegisterError) -> Problem {
    let status = match error {
        RegisterError::Keep(error) => return unkept(error),
        RegisterError::Lacks(_) => StatusCode::BAD_REQUEST,
        RegisterError::Outside | RegisterError::Foreign => StatusCode::FORBIDDEN,
        RegisterError::TooMany
        | RegisterError::TooManySubscriptions
        | RegisterError::TooLarge
        | RegisterError::Full
        | RegisterError::Own => StatusCode::CONFLICT,
    };
    Problem::new(status, error.to_string())
}

/// Something could not be kept.
fn unkept(error: &KeepError) -> Problem {
    tracing::error!(%error, "an integration could not be kept");
    let message = "it could not be stored; the server's log says why";
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, message)
}
