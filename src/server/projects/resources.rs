//! Resources that are read, written, and deleted.

use std::sync::Arc;

use axum::http::StatusCode;

use super::changes::new_stages;
use super::keeper::Projects;
use super::refusal::{hidden, unwritten};
use crate::server::configuration::{
    METADATA, MOST_FILE_BYTES, ProjectFiles, ResourceUri, SHIPYARD, Scope, Writing,
};
use crate::server::problem::Problem;

/// Reads the path of a resource.
pub fn stored_uri(text: &str) -> Result<ResourceUri, Problem> {
    ResourceUri::parse(text).map_err(|error| {
        Problem::bad_request(format!(
            "resourceURI `{}` is not taken: {error}",
            hidden(text)
        ))
    })
}

/// Returns the files of a project, if it has the stage and the service.
pub fn read_scope(
    projects: &Projects,
    project: &str,
    scope: &Scope,
) -> Result<Arc<ProjectFiles>, Problem> {
    let files = projects.files(project)?;
    let (stage, service) = match scope {
        Scope::Project => (None, None),
        Scope::Stage(stage) => (Some(stage), None),
        Scope::Service(stage, service) => (Some(stage), Some(service)),
    };
    let known = projects
        .parts
        .catalogue
        .project(project)
        .unwrap_or_default();
    if let Some(stage) = stage.filter(|stage| known.shipyard.stage(stage).is_none()) {
        return Err(Problem::not_found(format!(
            "Stage not found: {}",
            hidden(stage)
        )));
    }
    if let Some(service) = service.filter(|service| !files.file.services.contains_key(*service)) {
        return Err(Problem::not_found(format!(
            "Service not found: {}",
            hidden(service)
        )));
    }
    Ok(files)
}

/// Writes resources; returns the commit. A shipyard among them is checked, and is the engine's from then on.
pub async fn change(
    projects: &Projects,
    project: &str,
    writing: Writing,
) -> Result<String, Problem> {
    let mut writing = writing;
    let mut sizes = writing
        .resources
        .iter()
        .map(|(uri, content)| (uri, content.len()));
    if let Some((uri, bytes)) = sizes.find(|(_, bytes)| *bytes > MOST_FILE_BYTES) {
        let message = format!("{uri} has {bytes} bytes; {MOST_FILE_BYTES} is the most");
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, message));
    }
    let _lane = projects.lane(project).await;
    let files = read_scope(projects, project, &writing.scope)?;
    for (uri, content) in &writing.resources {
        refuse_metadata(&files, &writing.scope, uri)?;
        if is_shipyard(&writing.scope, uri) {
            let text = std::str::from_utf8(content)
                .map_err(|_malformed| Problem::bad_request("shipyard.yaml is no text in UTF-8"))?;
            writing.new_stages = new_stages(projects, project, &files, text).await?;
        }
    }
    let now = (projects.parts.moments)();
    let written = files.put(writing, now).await;
    let commit = written.map_err(|error| unwritten(&error))?;
    projects.settle(project).await?;
    Ok(commit)
}

/// Deletes a resource; returns the commit.
pub async fn remove(
    projects: &Projects,
    project: &str,
    scope: &Scope,
    uri: &ResourceUri,
) -> Result<String, Problem> {
    if is_shipyard(scope, uri) {
        return Err(Problem::bad_request(
            "shipyard.yaml can't be deleted: a project has one as long as it is there",
        ));
    }
    let _lane = projects.lane(project).await;
    let files = read_scope(projects, project, scope)?;
    refuse_metadata(&files, scope, uri)?;
    let now = (projects.parts.moments)();
    let removed = files.remove(scope, uri, now).await;
    let commit = removed.map_err(|error| unwritten(&error))?;
    projects.settle(project).await?;
    Ok(commit)
}

/// Refuses to touch what tells that a folder belongs to a project, a stage, or a service: a folder of git is gone without
/// a file, and a repository whose project nobody knows any more would be given to another.
fn refuse_metadata(files: &ProjectFiles, scope: &Scope, uri: &ResourceUri) -> Result<(), Problem> {
    let uri = uri.as_str();
    let is_of_service = || {
        let service = uri.strip_suffix(METADATA)?.strip_suffix('/')?;
        let is_known = files.file.services.contains_key(service);
        (matches!(scope, Scope::Stage(_)) && is_known).then_some(())
    };
    if uri == METADATA || is_of_service().is_some() {
        return Err(Problem::bad_request(format!(
            "{} is the server's own: it can be read, but neither written nor deleted",
            hidden(uri)
        )));
    }
    Ok(())
}

/// Tells whether a resource is the shipyard of its project.
fn is_shipyard(scope: &Scope, uri: &ResourceUri) -> bool {
    *scope == Scope::Project && uri.as_str() == SHIPYARD
}
