//! Projects that are created, changed, and deleted.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};

use super::announcement::Announcement;
use super::credentials::GitCredentials;
use super::keeper::Projects;
use super::refusal::{broken, stopped, unconfigured, unforgotten};
use super::shipyard;
use crate::sequence::Shipyard;
use crate::server::configuration::{NewProject, ProjectFiles, Storage, Upstream, check_stages};
use crate::server::problem::Problem;

/// A project as somebody wants it.
pub struct Draft {
    /// Its name, checked.
    pub name: String,
    /// The shipyard as YAML; `None`: as it is.
    pub shipyard: Option<String>,
    /// The upstream repository; `None`: as it is.
    pub credentials: Option<GitCredentials>,
}

/// Creates a project: stored, told to the log, in the catalogue, known to the engine; or nothing of it.
pub async fn create(projects: &Projects, draft: Draft) -> Result<(), Problem> {
    let text = draft.shipyard.filter(|text| !text.is_empty());
    let text =
        text.ok_or_else(|| Problem::bad_request("the project needs a shipyard, in base64"))?;
    let read = shipyard::take(&draft.name, &text).map_err(Problem::bad_request)?;
    let settings = &projects.parts.settings;
    let upstream = draft
        .credentials
        .map(|given| given.check(&settings.denied_hosts))
        .transpose()?;
    let new = NewProject {
        name: draft.name.clone(),
        created: (projects.parts.moments)(),
        storage: if upstream.is_some() {
            Storage::Git
        } else {
            settings.storage
        },
        layout: settings.layout,
        upstream,
        shipyard: text.clone(),
        stages: names(&read),
    };
    let _lane = projects.lane(&draft.name).await;
    if projects.parts.configuration.project(&draft.name).is_none() {
        // A server that was killed while it deleted a project of this name may have left something.
        let gone = projects.parts.past.forget_project(&draft.name).await;
        gone.map_err(|error| unforgotten(&error))?;
    }
    let created = projects.parts.configuration.create(new).await;
    let files = created.map_err(|error| unconfigured(&error))?;
    let told = creation(&files, &text)
        .tell(&projects.parts.conductor)
        .await;
    let settled = match told {
        Ok(()) => projects.settle(&draft.name).await,
        Err(problem) => Err(problem),
    };
    if settled.is_err() {
        projects.parts.catalogue.set(&draft.name, None);
        let undone = projects.parts.configuration.delete(&draft.name);
        undone.map_err(|error| unconfigured(&error))?;
    }
    settled
}

/// Changes a project: its upstream repository, its shipyard, or both. Stages may come, and never go.
pub async fn update(projects: &Projects, draft: Draft) -> Result<(), Problem> {
    let _lane = projects.lane(&draft.name).await;
    let files = projects.files(&draft.name)?;
    let settings = &projects.parts.settings;
    let upstream = draft
        .credentials
        .map(|given| given.check(&settings.denied_hosts))
        .transpose()?;
    if upstream.is_some() && files.file.storage == Storage::Plain {
        return Err(Problem::bad_request(
            "the project has no git repository: it was created without an upstream, and can't get one; create a project with gitCredentials",
        ));
    }
    let text = draft.shipyard.filter(|text| !text.is_empty());
    let new_stages = match &text {
        Some(text) => new_stages(projects, &draft.name, &files, text).await?,
        None => Vec::new(),
    };
    let files = match upstream {
        Some(upstream) => moved(projects, &files, upstream).await?,
        None => files,
    };
    if let Some(text) = text {
        let now = (projects.parts.moments)();
        let written = files.put_shipyard(&text, &new_stages, now).await;
        written.map_err(|error| broken(&error))?;
    }
    projects.settle(&draft.name).await
}

/// Returns the stages that a new shipyard adds; refuses one that lacks a stage, or is none.
pub async fn new_stages(
    projects: &Projects,
    name: &str,
    files: &ProjectFiles,
    text: &str,
) -> Result<Vec<String>, Problem> {
    let read = shipyard::take(name, text).map_err(Problem::bad_request)?;
    let stored = projects.parts.configuration.shipyard(files).await;
    let stored = stored.map_err(|error| broken(&error))?;
    let before = shipyard::read(&stored).map_err(Problem::bad_request)?;
    if let Some(gone) = before
        .stages
        .iter()
        .find(|stage| read.stage(&stage.name).is_none())
    {
        return Err(Problem::bad_request(format!(
            "stage name cannot be changed or removed: the project has the stage `{}`, and the new shipyard does not",
            gone.name
        )));
    }
    let new: Vec<String> = names(&read)
        .into_iter()
        .filter(|name| before.stage(name).is_none())
        .collect();
    check_stages(&files.file, &new).map_err(|error| unconfigured(&error))?;
    Ok(new)
}

/// Deletes a project: nothing of it goes on, and one of the same name begins anew. Returns what to say.
pub async fn delete(projects: &Projects, name: &str) -> Result<String, Problem> {
    let _lane = projects.lane(name).await;
    let files = projects.files(name)?;
    let parts = &projects.parts;
    parts
        .configuration
        .delete(name)
        .map_err(|error| unconfigured(&error))?;
    parts.catalogue.set(name, None);
    let forgotten = parts.conductor.define(name.to_owned(), None).await;
    forgotten.map_err(|error| stopped(&error))?;
    let announcement = Announcement {
        matter: "project.delete",
        started: base(name),
        finished: Map::new(),
    };
    announcement.tell(&parts.conductor).await?;
    let gone = parts.past.forget_project(name).await;
    gone.map_err(|error| unforgotten(&error))?;
    Ok(match &files.file.upstream {
        Some(place) => format!(
            "the project is deleted; its upstream repository {} was not touched",
            place.url
        ),
        None => "the project is deleted, with all of its resources".to_owned(),
    })
}

/// Gives a project another upstream repository.
async fn moved(
    projects: &Projects,
    files: &ProjectFiles,
    upstream: Upstream,
) -> Result<Arc<ProjectFiles>, Problem> {
    let moved = projects
        .parts
        .configuration
        .move_upstream(files, upstream)
        .await;
    moved.map_err(|error| unconfigured(&error))
}

/// Returns the names of stages, in the order of the file.
fn names(shipyard: &Shipyard) -> Vec<String> {
    shipyard
        .stages
        .iter()
        .map(|stage| stage.name.clone())
        .collect()
}

/// Returns what is told of a project that is new.
fn creation(files: &ProjectFiles, shipyard: &str) -> Announcement {
    let url = files.file.upstream.as_ref().map(|place| place.url.clone());
    let created = json!({
        "projectName": files.name,
        "gitRemoteURL": url.unwrap_or_default(),
        "shipyard": BASE64_STANDARD.encode(shipyard),
    });
    let mut finished = Map::new();
    finished.insert("createdProject".to_owned(), created);
    Announcement {
        matter: "project.create",
        started: base(&files.name),
        finished,
    }
}

/// Returns the data that every event of a project has.
fn base(project: &str) -> Map<String, Value> {
    let mut data = Map::new();
    data.insert("project".to_owned(), project.into());
    data.insert("projectName".to_owned(), project.into());
    data
}
