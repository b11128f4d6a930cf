//! Projects and their stages (controlplane.md 1.3).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Extension, Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::asked::{Asked, Named};
use super::json_body;
use super::paging::PageQuery;
use super::project_view::{expand_project, expand_stages};
use super::to_the_end::to_the_end;
use crate::control::{ExpandedProject, ExpandedStage};
use crate::server::access::Bearer;
use crate::server::catalogue::{Catalogue, CatalogueProject};
use crate::server::problem::Problem;
use crate::server::projects::{self, Draft, GitCredentials, Projects, hidden};
use crate::server::sightings::Sightings;

/// The most characters of the name of a project.
const MOST_NAME: usize = 200;

/// What the endpoints of projects and services need.
#[derive(Clone)]
pub struct ProjectsRouteParts {
    /// Who changes projects.
    pub projects: Projects,
    /// What there is.
    pub catalogue: Catalogue,
    /// What was last seen of services.
    pub sightings: Arc<dyn Sightings>,
}

/// The body of a creation or a change.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ProjectBody {
    /// The name.
    #[serde(default)]
    name: String,
    /// The shipyard, in base64.
    shipyard: Option<String>,
    /// The upstream repository.
    git_credentials: Option<GitCredentials>,
}

/// A page of projects.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProjectPage {
    /// The key of the next page.
    next_page_key: String,
    /// How many there may be in a page.
    page_size: usize,
    /// How many there are.
    total_count: usize,
    /// The projects.
    projects: Vec<ExpandedProject>,
}

/// Returns the endpoints of projects and stages.
pub fn routes(parts: ProjectsRouteParts) -> Router {
    Router::new()
        .route(
            "/controlPlane/v1/project",
            get(list).post(create).put(update),
        )
        .route(
            "/controlPlane/v1/project/{project}",
            get(show).delete(delete),
        )
        .route("/controlPlane/v1/project/{project}/stage", get(stages))
        .route(
            "/controlPlane/v1/project/{project}/stage/{stage}",
            get(stage),
        )
        .with_state(parts)
}

impl ProjectsRouteParts {
    /// Returns a project.
    pub fn known(&self, project: &str) -> Result<Arc<CatalogueProject>, Problem> {
        let known = self.catalogue.project(project);
        known.ok_or_else(|| Problem::not_found(format!("Project not found: {}", hidden(project))))
    }

    /// Returns the stages of a project, as they are shown.
    pub async fn stages(&self, project: &str) -> Result<Vec<ExpandedStage>, Problem> {
        let known = self.known(project)?;
        let sightings = self.sightings.of_project(project).await;
        Ok(expand_stages(&known, &sightings))
    }

    /// Returns a stage of a project, as it is shown.
    pub async fn stage(&self, project: &str, stage: &str) -> Result<ExpandedStage, Problem> {
        let stages = self.stages(project).await?;
        let found = stages.into_iter().find(|one| one.stage_name == stage);
        found.ok_or_else(|| {
            let (project, stage) = (hidden(project), hidden(stage));
            Problem::not_found(format!("Stage not found: {stage} in project {project}"))
        })
    }
}

/// Lists projects.
async fn list(
    State(parts): State<ProjectsRouteParts>,
    Extension(bearer): Extension<Arc<Bearer>>,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<ProjectPage>, Problem> {
    let mut all = parts.catalogue.all();
    all.retain(|(name, _)| bearer.may_enter(name));
    let page = query.page(all)?;
    let mut projects = Vec::with_capacity(page.entries.len());
    for (name, known) in &page.entries {
        let sightings = parts.sightings.of_project(name).await;
        projects.push(expand_project(name, known, &sightings));
    }
    Ok(Json(ProjectPage {
        next_page_key: page.next,
        page_size: page.size,
        total_count: page.total,
        projects,
    }))
}

/// Shows a project.
async fn show(
    State(parts): State<ProjectsRouteParts>,
    Named(project): Named<String>,
) -> Result<Json<ExpandedProject>, Problem> {
    let known = parts.known(&project)?;
    let sightings = parts.sightings.of_project(&project).await;
    Ok(Json(expand_project(&project, &known, &sightings)))
}

/// Creates a project.
async fn create(
    State(parts): State<ProjectsRouteParts>,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let draft = draft(&body)?;
    if parts.catalogue.project(&draft.name).is_some() {
        return Err(Problem::conflict(format!(
            "Project already exists: {}",
            draft.name
        )));
    }
    to_the_end(async move { projects::create(&parts.projects, draft).await }).await?;
    Ok((StatusCode::CREATED, Json(json!({}))))
}

/// Changes a project.
async fn update(
    State(parts): State<ProjectsRouteParts>,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let draft = draft(&body)?;
    to_the_end(async move { projects::update(&parts.projects, draft).await }).await?;
    Ok((StatusCode::CREATED, Json(json!({}))))
}

/// Deletes a project.
async fn delete(
    State(parts): State<ProjectsRouteParts>,
    Named(project): Named<String>,
) -> Result<Json<Value>, Problem> {
    let deleted = to_the_end(async move { projects::delete(&parts.projects, &project).await });
    let message = deleted.await?;
    Ok(Json(json!({ "message": message })))
}

/// Lists the stages of a project, in the order of the shipyard.
async fn stages(
    State(parts): State<ProjectsRouteParts>,
    Named(project): Named<String>,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Value>, Problem> {
    let page = query.page(parts.stages(&project).await?)?;
    Ok(Json(json!({
        "nextPageKey": page.next,
        "pageSize": page.size,
        "totalCount": page.total,
        "stages": page.entries,
    })))
}

/// Shows a stage.
async fn stage(
    State(parts): State<ProjectsRouteParts>,
    Named((project, stage)): Named<(String, String)>,
) -> Result<Json<ExpandedStage>, Problem> {
    parts.stage(&project, &stage).await.map(Json)
}

/// Reads what somebody wants of a project.
fn draft(body: &Bytes) -> Result<Draft, Problem> {
    let ProjectBody {
        name,
        shipyard,
        git_credentials,
    } = json_body::read(body)?;
    if !is_name(&name) {
        let told = hidden(&name);
        return Err(Problem::bad_request(format!(
            "the project name `{told}` is not valid: it has to begin with a small letter, end with a small letter or a digit, and have only small letters, digits and hyphens, at most {MOST_NAME}"
        )));
    }
    let shipyard = shipyard
        .map(|text| json_body::decode_base64("shipyard", &text))
        .transpose()?;
    let shipyard = shipyard.map(String::from_utf8).transpose();
    Ok(Draft {
        name,
        shipyard: shipyard
            .map_err(|_malformed| Problem::bad_request("shipyard is no text in UTF-8"))?,
        credentials: git_credentials,
    })
}

/// Tells whether a text can be the name of a project: `[a-z]([a-z0-9-]*[a-z0-9])?`.
fn is_name(text: &str) -> bool {
    text.len() <= MOST_NAME
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && !text.ends_with('-')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}
