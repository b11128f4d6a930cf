//! Resources of projects, stages and services (controlplane.md 1.9).

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::asked::Asked;
use super::json_body::{self, decode_base64};
use super::paging::PageQuery;
use super::raw_path::ResourcePath;
use super::to_the_end::to_the_end;
use crate::control::{Committed, Resource, ResourceMetadata};
use crate::server::configuration::{Overwrite, ProjectFiles, ResourceUri, Writing};
use crate::server::problem::Problem;
use crate::server::projects::{self, Projects, broken, hidden, read_scope, stored_uri};

/// The most bytes of a body: a file of the most bytes, in base64.
const MOST_BODY: usize = 15 * 1024 * 1024;
/// The most resources of one request.
const MOST_RESOURCES: usize = 1000;

/// What a reader may ask for.
#[derive(Clone, Debug, Default, Deserialize)]
struct CommitQuery {
    /// The commit to read.
    #[serde(rename = "gitCommitID", default)]
    commit: String,
}

/// Resources to write.
#[derive(Deserialize)]
struct ResourcesBody {
    /// The resources.
    resources: Vec<Resource>,
}

/// One resource to write.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ContentBody {
    /// What it holds, in base64.
    resource_content: String,
}

/// Returns the endpoints of resources.
pub fn routes(projects: Projects) -> Router {
    let mut router = Router::new();
    for scope in [
        "/resource-service/v1/project/{project}/resource",
        "/resource-service/v1/project/{project}/stage/{stage}/resource",
        "/resource-service/v1/project/{project}/stage/{stage}/service/{service}/resource",
    ] {
        router = router
            .route(scope, get(list).post(create).put(update))
            .route(
                &format!("{scope}/{{uri}}"),
                get(read).put(put).delete(remove),
            );
    }
    router
        .layer(DefaultBodyLimit::max(MOST_BODY))
        .with_state(projects)
}

/// Lists resources.
async fn list(
    State(projects): State<Projects>,
    uri: Uri,
    Asked(query): Asked<CommitQuery>,
    Asked(page): Asked<PageQuery>,
) -> Result<Json<Value>, Problem> {
    let path = ResourcePath::of(&uri)?;
    let files = read_scope(&projects, &path.project, &path.scope)?;
    let found = files.list(&path.scope, query.commit()).await;
    let page = page.page(found.map_err(|error| broken(&error))?)?;
    let metadata = metadata(&files, &path, query.commit()).await?;
    let resources = page.entries.into_iter().map(|uri| Resource {
        uri,
        content: None,
        metadata: Some(metadata.clone()),
    });
    Ok(Json(json!({
        "nextPageKey": page.next,
        "pageSize": page.size,
        "totalCount": page.total,
        "resources": resources.collect::<Vec<_>>(),
    })))
}

/// Reads a resource.
async fn read(
    State(projects): State<Projects>,
    uri: Uri,
    Asked(query): Asked<CommitQuery>,
) -> Result<Json<Resource>, Problem> {
    let path = ResourcePath::of(&uri)?;
    let name = named(&path)?;
    let files = read_scope(&projects, &path.project, &path.scope)?;
    let content = files.read(&path.scope, &name, query.commit()).await;
    let content = content.map_err(|error| broken(&error))?;
    let missing = || Problem::not_found(format!("Resource not found: {}", hidden(name.as_str())));
    Ok(Json(Resource {
        content: Some(BASE64_STANDARD.encode(content.ok_or_else(missing)?)),
        metadata: Some(metadata(&files, &path, query.commit()).await?),
        uri: name.to_string(),
    }))
}

/// Creates resources; those that are there are replaced, as in Keptn, unless `If-None-Match: *` says not to.
async fn create(
    State(projects): State<Projects>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Committed>), Problem> {
    let condition = headers.get(header::IF_NONE_MATCH);
    let overwrite = if condition.is_some_and(|value| value == "*") {
        Overwrite::No
    } else {
        Overwrite::Yes
    };
    let committed = write_all(&projects, &uri, &body, overwrite).await?;
    Ok((StatusCode::CREATED, Json(committed)))
}

/// Writes resources.
async fn update(
    State(projects): State<Projects>,
    uri: Uri,
    body: Bytes,
) -> Result<Json<Committed>, Problem> {
    write_all(&projects, &uri, &body, Overwrite::Yes)
        .await
        .map(Json)
}

/// Writes one resource.
async fn put(
    State(projects): State<Projects>,
    uri: Uri,
    body: Bytes,
) -> Result<Json<Committed>, Problem> {
    let path = ResourcePath::of(&uri)?;
    let name = named(&path)?;
    let ContentBody { resource_content } = json_body::read(&body)?;
    let content = decode_base64("resourceContent", &resource_content)?;
    let written = write(&projects, &path, vec![(name, content)], Overwrite::Yes).await;
    written.map(Json)
}

/// Deletes a resource.
async fn remove(State(projects): State<Projects>, uri: Uri) -> Result<Json<Committed>, Problem> {
    let path = ResourcePath::of(&uri)?;
    let name = named(&path)?;
    let (all, place) = (projects.clone(), path.clone());
    let removed =
        to_the_end(
            async move { projects::remove(&all, &place.project, &place.scope, &name).await },
        );
    let commit = removed.await?;
    committed(&projects, &path, commit).map(Json)
}

impl CommitQuery {
    /// Returns the commit, where one is named.
    fn commit(&self) -> Option<&str> {
        Some(self.commit.as_str()).filter(|commit| !commit.is_empty())
    }
}

/// Writes the resources of a body.
async fn write_all(
    projects: &Projects,
    uri: &Uri,
    body: &Bytes,
    overwrite: Overwrite,
) -> Result<Committed, Problem> {
    let path = ResourcePath::of(uri)?;
    let ResourcesBody { resources } = json_body::read(body)?;
    if resources.is_empty() || resources.len() > MOST_RESOURCES {
        return Err(Problem::bad_request(format!(
            "`resources` has to have one resource at least, and at most {MOST_RESOURCES}"
        )));
    }
    let mut decoded = Vec::with_capacity(resources.len());
    for resource in resources {
        let name = stored_uri(&resource.uri)?;
        let content = resource.content.unwrap_or_default();
        let what = format!("the resourceContent of {name}");
        decoded.push((name, decode_base64(&what, &content)?));
    }
    write(projects, &path, decoded, overwrite).await
}

/// Writes resources.
async fn write(
    projects: &Projects,
    path: &ResourcePath,
    resources: Vec<(ResourceUri, Vec<u8>)>,
    overwrite: Overwrite,
) -> Result<Committed, Problem> {
    let writing = Writing {
        scope: path.scope.clone(),
        resources,
        overwrite,
        new_stages: Vec::new(),
    };
    let (all, project) = (projects.clone(), path.project.clone());
    let changed = to_the_end(async move { projects::change(&all, &project, writing).await });
    let commit = changed.await?;
    committed(projects, path, commit)
}

/// Returns the resource that a path names.
fn named(path: &ResourcePath) -> Result<ResourceUri, Problem> {
    stored_uri(path.uri.as_deref().unwrap_or_default())
}

/// Says where a resource comes from.
async fn metadata(
    files: &ProjectFiles,
    path: &ResourcePath,
    commit: Option<&str>,
) -> Result<ResourceMetadata, Problem> {
    let version = match commit {
        Some(commit) => commit.to_owned(),
        None => files
            .commit(&path.scope)
            .await
            .map_err(|error| broken(&error))?,
    };
    Ok(origin(files, path, version))
}

/// Says what became of a change.
fn committed(
    projects: &Projects,
    path: &ResourcePath,
    commit: String,
) -> Result<Committed, Problem> {
    let files = read_scope(projects, &path.project, &path.scope)?;
    Ok(Committed {
        metadata: origin(&files, path, commit.clone()),
        commit_id: commit,
    })
}

/// Says where the files of a scope are.
fn origin(files: &ProjectFiles, path: &ResourcePath, version: String) -> ResourceMetadata {
    ResourceMetadata {
        branch: files.branch(&path.scope),
        upstream_url: files
            .file
            .upstream
            .as_ref()
            .map(|place| place.url.clone())
            .unwrap_or_default(),
        version,
    }
}
