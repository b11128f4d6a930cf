//! `GET /controlPlane/v1/event/triggered/{type}` (controlplane.md 1.6): what executors have to do. Only what was sent is
//! listed: what is delayed, paused, or waits for its slot is nobody's work yet.

use axum::Json;
use axum::extract::{Path, Query, State};
use serde_json::{Value, json};

use super::router::EventParts;
use super::shown::shown;
use super::whereabouts::project;
use crate::gate::event::CloudEvent;
use crate::sequence::{EventKind, EventName, Execution};
use crate::server::Problem;
use crate::server::routes::parameters::{Parameters, next_page, quoted, unstored};

/// The most events of one page.
const MOST: usize = 1000;

/// Lists the open tasks of a type, oldest first.
pub(super) async fn list(
    State(parts): State<EventParts>,
    Path(event_type): Path<String>,
    Query(query): Query<Parameters>,
) -> Result<Json<Value>, Problem> {
    let Some(EventName::Task {
        task,
        kind: EventKind::Triggered,
    }) = EventName::parse(&event_type)
    else {
        return Err(Problem::bad_request(format!(
            "{} is no type of a task's event; it has to be sh.keptn.event.TASK.triggered",
            quoted(&event_type)
        )));
    };
    if let Some(name) = query.text("project") {
        project(&parts.catalogue, &name)?;
    }
    let (offset, size) = query.page(MOST)?;
    let wanted = Wanted {
        task,
        project: query.text("project"),
        stage: query.text("stage"),
        service: query.text("service"),
        id: query.text("eventID"),
    };
    let open = parts
        .conductor
        .ask(move |engine| engine.open_tasks_of(|one| wanted.is(one)));
    let mut open: Vec<CloudEvent> = open.await.map_err(|error| unstored(&error))?;
    open.sort_by(|a, b| (a.time, &a.id).cmp(&(b.time, &b.id)));
    let total = open.len();
    let page: Vec<CloudEvent> = open.into_iter().skip(offset).take(size).collect();
    let next = next_page(offset, page.len(), total).to_string();
    Ok(Json(
        json!({"events": shown(&page), "nextPageKey": next, "pageSize": size, "totalCount": total}),
    ))
}

/// Which tasks somebody wants to know of.
struct Wanted {
    /// The task.
    task: String,
    /// Of this project.
    project: Option<String>,
    /// Of this stage.
    stage: Option<String>,
    /// Of this service.
    service: Option<String>,
    /// Of this event.
    id: Option<String>,
}

impl Wanted {
    /// Tells whether the current task of an execution is wanted.
    fn is(&self, one: &Execution) -> bool {
        let is = |wanted: &Option<String>, found: &String| {
            wanted.as_ref().is_none_or(|wanted| wanted == found)
        };
        let Some(current) = &one.current else {
            return false;
        };
        current.name == self.task
            && is(&self.project, &one.scope.project)
            && is(&self.stage, &one.scope.stage)
            && is(&self.service, &one.scope.service)
            && is(&self.id, &current.triggered_id)
    }
}
