//! Services that come and go, in every stage at once.

use serde_json::Map;

use super::announcement::Announcement;
use super::keeper::Projects;
use super::refusal::{broken, hidden, unconfigured};
use crate::server::configuration::{ProjectFile, ProjectFiles};
use crate::server::problem::Problem;

/// Creates a service, whose name is checked.
pub async fn add_service(projects: &Projects, project: &str, service: &str) -> Result<(), Problem> {
    let _lane = projects.lane(project).await;
    let files = projects.files(project)?;
    if files.file.services.contains_key(service) {
        let told = hidden(service);
        return Err(Problem::conflict(format!(
            "service already exists: {told} in project {project}"
        )));
    }
    let now = (projects.parts.moments)();
    let stages = stages(projects, project);
    let added = files.add_service(&stages, service, now).await;
    added.map_err(|error| broken(&error))?;
    let mut file = files.file.clone();
    file.services.insert(service.to_owned(), now);
    store(projects, &files, file)?;
    projects.settle(project).await?;
    announce(projects, "service.create", project, service).await
}

/// Deletes a service, with its resources.
pub async fn remove_service(
    projects: &Projects,
    project: &str,
    service: &str,
) -> Result<(), Problem> {
    let _lane = projects.lane(project).await;
    let files = projects.files(project)?;
    let mut file = files.file.clone();
    if file.services.remove(service).is_none() {
        let told = hidden(service);
        return Err(Problem::not_found(format!(
            "Service not found: {told} in project {project}"
        )));
    }
    let now = (projects.parts.moments)();
    let stages = stages(projects, project);
    let removed = files.remove_service(&stages, service, now).await;
    removed.map_err(|error| broken(&error))?;
    store(projects, &files, file)?;
    projects.settle(project).await?;
    announce(projects, "service.delete", project, service).await
}

/// Stores which services there are.
fn store(projects: &Projects, files: &ProjectFiles, file: ProjectFile) -> Result<(), Problem> {
    let stored = projects.parts.configuration.rewrite(&files.name, file);
    stored.map(drop).map_err(|error| unconfigured(&error))
}

/// Returns the stages of a project.
fn stages(projects: &Projects, project: &str) -> Vec<String> {
    let known = projects.parts.catalogue.project(project);
    let stages = known.iter().flat_map(|known| &known.shipyard.stages);
    stages.map(|stage| stage.name.clone()).collect()
}

/// Tells the log.
async fn announce(
    projects: &Projects,
    matter: &'static str,
    project: &str,
    service: &str,
) -> Result<(), Problem> {
    let mut data = Map::new();
    data.insert("project".to_owned(), project.into());
    data.insert("service".to_owned(), service.into());
    let announcement = Announcement {
        matter,
        started: data,
        finished: Map::new(),
    };
    announcement.tell(&projects.parts.conductor).await
}
