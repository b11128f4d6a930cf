//! Services of projects (controlplane.md 1.3).

use axum::body::Bytes;
use axum::extract::State;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::asked::{Asked, Named};
use super::json_body;
use super::paging::PageQuery;
use super::projects::ProjectsRouteParts;
use super::to_the_end::to_the_end;
use crate::control::ExpandedService;
use crate::server::configuration::check_part;
use crate::server::problem::Problem;
use crate::server::projects::{add_service, hidden, remove_service};

/// The most characters of the name of a service.
const MOST_NAME: usize = 43;
/// What Keptn does not take in the name of a service.
const REFUSED: [char; 7] = ['/', '>', '<', '|', ':', '&', '\\'];

/// The body of a creation.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServiceBody {
    /// The name.
    #[serde(default)]
    service_name: String,
}

/// Returns the endpoints of services.
pub fn routes(parts: ProjectsRouteParts) -> Router {
    let of_stage = "/controlPlane/v1/project/{project}/stage/{stage}/service";
    Router::new()
        .route("/controlPlane/v1/project/{project}/service", post(create))
        .route(
            "/controlPlane/v1/project/{project}/service/{service}",
            delete(remove),
        )
        .route(of_stage, get(list))
        .route(&format!("{of_stage}/{{service}}"), get(show))
        .with_state(parts)
}

/// Lists the services of a stage.
async fn list(
    State(parts): State<ProjectsRouteParts>,
    Named((project, stage)): Named<(String, String)>,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Value>, Problem> {
    let page = query.page(parts.stage(&project, &stage).await?.services)?;
    Ok(Json(json!({
        "nextPageKey": page.next,
        "pageSize": page.size,
        "totalCount": page.total,
        "services": page.entries,
    })))
}

/// Shows a service in a stage.
async fn show(
    State(parts): State<ProjectsRouteParts>,
    Named((project, stage, service)): Named<(String, String, String)>,
) -> Result<Json<ExpandedService>, Problem> {
    let stage = parts.stage(&project, &stage).await?;
    let found = stage
        .services
        .into_iter()
        .find(|one| one.service_name == service);
    let missing = || {
        Problem::not_found(format!(
            "Service not found: {} in project {project}",
            hidden(&service)
        ))
    };
    found.map(Json).ok_or_else(missing)
}

/// Creates a service in every stage.
async fn create(
    State(parts): State<ProjectsRouteParts>,
    Named(project): Named<String>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let ServiceBody { service_name } = json_body::read(&body)?;
    check_name(&service_name)?;
    to_the_end(async move { add_service(&parts.projects, &project, &service_name).await }).await?;
    Ok(Json(json!({ "message": "" })))
}

/// Deletes a service from every stage.
async fn remove(
    State(parts): State<ProjectsRouteParts>,
    Named((project, service)): Named<(String, String)>,
) -> Result<Json<Value>, Problem> {
    to_the_end(async move { remove_service(&parts.projects, &project, &service).await }).await?;
    Ok(Json(json!({ "message": "" })))
}

/// Checks the name of a service: it becomes a folder.
fn check_name(name: &str) -> Result<(), Problem> {
    let told = hidden(name);
    if name.is_empty() {
        return Err(Problem::bad_request("serviceName must not be empty"));
    }
    if name.chars().count() > MOST_NAME {
        return Err(Problem::bad_request(format!(
            "the service name `{told}` has more than {MOST_NAME} characters"
        )));
    }
    if name.contains(REFUSED) || check_part(name).is_err() || name.trim() != name {
        return Err(Problem::bad_request(format!(
            "the service name `{told}` is not valid: it must not be `.`, `..` or `.git`, begin or end with a blank, or contain one of / > < | : & \\ ~, `..`, or a control character"
        )));
    }
    Ok(())
}
