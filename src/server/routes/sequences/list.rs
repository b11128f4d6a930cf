//! `GET /controlPlane/v1/sequence/{project}` and `/sequence-execution` (controlplane.md 1.5): how things stand.

use axum::Json;
use axum::extract::{Path, Query, State};
use serde_json::{Value, json};

use crate::server::Problem;
use crate::server::routes::events::{EventParts, project};
use crate::server::routes::parameters::{Parameters, next_page, unread};
use crate::server::store::{ContextSearch, ExecutionSearch};

/// The most items of one page, and what a size of 0 stands for.
const MOST: usize = 10_000;

/// Lists how the deliveries of a project stand, newest first.
pub(super) async fn contexts(
    State(parts): State<EventParts>,
    Path(project): Path<String>,
    Query(query): Query<Parameters>,
) -> Result<Json<Value>, Problem> {
    let search = ContextSearch {
        project,
        name: query.text("name"),
        states: query.list("state"),
        contexts: query.list("keptnContext"),
        since: query.since()?,
        before: query.before()?,
    };
    let (offset, size) = query.whole_page(MOST)?;
    let page = parts.store.contexts(search, offset, size).await;
    let page = page.map_err(|error| unread(&error))?;
    Ok(Json(json!({
        "states": page.found,
        "nextPageKey": next_page(offset, page.found.len(), page.total),
        "pageSize": size,
        "totalCount": page.total,
    })))
}

/// Lists runs of sequences, newest first.
pub(super) async fn executions(
    State(parts): State<EventParts>,
    Query(query): Query<Parameters>,
) -> Result<Json<Value>, Problem> {
    let Some(name) = query.text("project") else {
        let missing = "the parameter project is missing; it has to name one";
        return Err(Problem::bad_request(missing));
    };
    project(&parts.catalogue, &name)?;
    let search = ExecutionSearch {
        project: name,
        stage: query.text("stage"),
        service: query.text("service"),
        name: query.text("name"),
        states: query.list("status"),
        contexts: query.list("keptnContext"),
    };
    let (offset, size) = query.whole_page(MOST)?;
    let page = parts.store.executions(search, offset, size).await;
    let page = page.map_err(|error| unread(&error))?;
    Ok(Json(json!({
        "sequenceExecutions": page.found,
        "nextPageKey": next_page(offset, page.found.len(), page.total),
        "pageSize": size,
        "totalCount": page.total,
    })))
}
