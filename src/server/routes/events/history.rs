//! `GET /mongodb-datastore/event` and `/event/type/{type}` (controlplane.md 1.8): what was stored, newest first.

use axum::Json;
use axum::extract::{Path, Query, State};
use serde_json::{Value, json};

use super::filter;
use super::router::EventParts;
use super::shown::shown;
use crate::server::Problem;
use crate::server::routes::parameters::{Parameters, next_page, unread};
use crate::server::store::EventSearch;

/// The most events of one page.
const MOST: usize = 100;
/// How many events a list by type has where nobody says.
const LIMIT: usize = 20;

/// Lists stored events.
pub(super) async fn list(
    State(parts): State<EventParts>,
    Query(query): Query<Parameters>,
) -> Result<Json<Value>, Problem> {
    let search = EventSearch {
        project: query.text("project"),
        stage: query.text("stage"),
        service: query.text("service"),
        event_type: query.text("type"),
        context: query.text("keptnContext"),
        id: query.text("eventID"),
        source: query.text("source"),
        since: query.since()?,
        before: query.before()?,
        only_roots: query.has("root"),
        ..EventSearch::default()
    };
    let (offset, size) = query.page(MOST)?;
    let page = parts.store.events(search, offset, size).await;
    let page = page.map_err(|error| unread(&error))?;
    let mut answer = json!({
        "events": shown(&page.events), "pageSize": size, "totalCount": page.total,
    });
    // What can't be read has its place on the page, so that the next one begins behind it.
    let on_page = size.min(page.total.saturating_sub(offset));
    let next = next_page(offset, on_page, page.total);
    if let (true, Some(answer)) = (next > 0, answer.as_object_mut()) {
        answer.insert("nextPageKey".to_owned(), next.to_string().into());
    }
    Ok(Json(answer))
}

/// Lists stored events of a type that meet an expression.
pub(super) async fn list_of_type(
    State(parts): State<EventParts>,
    Path(event_type): Path<String>,
    Query(query): Query<Parameters>,
) -> Result<Json<Value>, Problem> {
    let mut search = filter::read(&query.text("filter").unwrap_or_default())?;
    search.since = query.since()?;
    if query.flag("excludeInvalidated")? {
        let family = event_type.rsplit_once('.').map(|(family, _)| family);
        search.invalidated_by = family.map(|family| format!("{family}.invalidated"));
    }
    search.event_type = Some(event_type);
    let limit = query.number("limit")?.unwrap_or(LIMIT);
    if limit == 0 || limit > MOST {
        return Err(Problem::bad_request(format!(
            "the parameter limit has to be from 1 to {MOST}: {limit}"
        )));
    }
    let events = parts.store.newest(search, limit).await;
    let events = events.map_err(|error| unread(&error))?;
    Ok(Json(json!({"events": shown(&events)})))
}
