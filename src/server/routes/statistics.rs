//! `/statistics/v1/statistics` (controlplane.md 1.10).

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Extension, Json, Router};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::sequence::{EventKind, EventName};
use crate::server::Problem;
use crate::server::access::Bearer;
use crate::server::store::{EventCount, Store};

/// Which time is asked for.
#[derive(Deserialize)]
struct Span {
    /// The first second.
    from: i64,
    /// The last second.
    to: i64,
}

/// Counts of one service.
#[derive(Default)]
struct OfService {
    /// By type.
    events: BTreeMap<String, u64>,
    /// By who did something, and the type of its events.
    executions: BTreeMap<String, BTreeMap<String, u64>>,
    /// By sequence.
    sequences: BTreeMap<String, u64>,
}

/// Returns the routes.
pub fn routes(store: Store) -> Router {
    Router::new()
        .route("/statistics/v1/statistics", get(show))
        .with_state(store)
}

/// Counts the events of a time.
async fn show(
    State(store): State<Store>,
    Extension(bearer): Extension<Arc<Bearer>>,
    Query(Span { from, to }): Query<Span>,
) -> Result<Json<Value>, Problem> {
    if to < from {
        return Err(Problem::bad_request("`to` is before `from`"));
    }
    let counted = store.counts(moment("from", from)?, moment("to", to)?).await;
    let mut counts = counted.map_err(|error| {
        tracing::error!(%error, "events can't be counted");
        let message = "the events can't be read; the server's log says why";
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, message)
    })?;
    counts.retain(|one| bearer.may_enter(&one.project));
    if counts.is_empty() {
        return Err(Problem::not_found("no events in this time"));
    }
    Ok(Json(told(from, to, counts)))
}

/// Reads seconds since 1970.
fn moment(name: &str, seconds: i64) -> Result<Timestamp, Problem> {
    Timestamp::from_second(seconds)
        .map_err(|_range| Problem::bad_request(format!("`{name}` has to be seconds since 1970")))
}

/// Returns counts as Keptn says them.
fn told(from: i64, to: i64, counts: Vec<EventCount>) -> Value {
    let mut projects: BTreeMap<String, BTreeMap<String, OfService>> = BTreeMap::new();
    for one in counts {
        let EventCount {
            project,
            service,
            event_type,
            source,
            count,
        } = one;
        let service = projects
            .entry(project)
            .or_default()
            .entry(service)
            .or_default();
        match EventName::parse(&event_type) {
            Some(EventName::Sequence {
                sequence,
                kind: EventKind::Triggered,
                ..
            }) => *service.sequences.entry(sequence).or_default() += count,
            Some(EventName::Task {
                kind: EventKind::Started | EventKind::Finished,
                ..
            }) => {
                let of_source = service.executions.entry(source).or_default();
                *of_source.entry(event_type.clone()).or_default() += count;
            }
            Some(EventName::Sequence { .. } | EventName::Task { .. }) | None => {}
        }
        *service.events.entry(event_type).or_default() += count;
    }
    let projects = projects.into_iter().map(|(name, services)| {
        let services = services.into_iter().map(|(name, service)| {
            let executions = service.executions.into_iter();
            let executions =
                executions.map(|(name, types)| json!({"name": name, "executions": listed(types)}));
            json!({
                "name": name,
                "events": listed(service.events),
                "keptnServiceExecutions": executions.collect::<Vec<_>>(),
                "executedSequencesPerType": listed(service.sequences),
            })
        });
        json!({"name": name, "services": services.collect::<Vec<_>>()})
    });
    let time = |seconds: i64| {
        Timestamp::from_second(seconds).map_or_else(|_range| String::new(), |time| time.to_string())
    };
    json!({"from": time(from), "to": time(to), "projects": projects.collect::<Vec<_>>()})
}

/// Returns counts as a list.
fn listed(counts: BTreeMap<String, u64>) -> Vec<Value> {
    let counts = counts.into_iter();
    counts
        .map(|(name, count)| json!({"type": name, "count": count}))
        .collect()
}
