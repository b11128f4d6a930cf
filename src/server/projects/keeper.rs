//! Keeps what is stored, the catalogue, and the engine in step.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};

use super::past::Past;
use super::refusal::{broken, hidden, stopped};
use super::shipyard;
use crate::app::{Conductor, Moments};
use crate::sequence::ProjectDefinition;
use crate::server::catalogue::{Catalogue, CatalogueProject};
use crate::server::configuration::{
    Configuration, Layout, ProjectFiles, RepositoryError, Storage, UpstreamPlace,
};
use crate::server::problem::Problem;

/// How many projects can change at the same time.
const LANES: usize = 64;

/// What an operator can choose of projects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectsSettings {
    /// How the files of a project without an upstream repository are stored.
    pub storage: Storage,
    /// How stages are kept apart in git.
    pub layout: Layout,
    /// Hosts that are no upstream, and what ends with them.
    pub denied_hosts: Vec<String>,
}

/// What projects consist of.
pub struct ProjectsParts {
    /// Their files.
    pub configuration: Configuration,
    /// What every handler reads.
    pub catalogue: Catalogue,
    /// The engine, and the log.
    pub conductor: Conductor,
    /// What happened in them.
    pub past: Arc<dyn Past>,
    /// The clock.
    pub moments: Moments,
    /// What an operator chose.
    pub settings: ProjectsSettings,
}

/// The projects of a server; clones share them.
#[derive(Clone)]
pub struct Projects {
    /// What they consist of.
    pub(super) parts: Arc<ProjectsParts>,
    /// One change of a project at a time; projects with the same hash wait for each other.
    lanes: Arc<Vec<Mutex<()>>>,
}

/// A project can't be read at the start.
#[derive(Debug, thiserror::Error)]
#[error("the project `{project}` can't be read: {reason}")]
pub struct LoadError {
    /// The project.
    pub project: String,
    /// Why.
    pub reason: String,
}

impl Projects {
    /// Takes the parts.
    #[must_use]
    pub fn new(parts: ProjectsParts) -> Self {
        Self {
            parts: Arc::new(parts),
            lanes: Arc::new((0..LANES).map(|_| Mutex::new(())).collect()),
        }
    }

    /// Returns the files of all projects: what executors read.
    #[cfg(test)]
    pub fn configuration(&self) -> &Configuration {
        &self.parts.configuration
    }

    /// Reads every project that is stored, for the start of a server: before there is a conductor.
    pub async fn load(
        configuration: &Configuration,
    ) -> Result<Vec<(String, CatalogueProject)>, LoadError> {
        let mut loaded = Vec::new();
        for files in configuration.all() {
            let failure = |reason: String| LoadError {
                project: files.name.clone(),
                reason,
            };
            let newest = match configuration.shipyard(&files).await {
                Ok(text) => catalogued(&files, text).await,
                Err(error) => Err(error.to_string()),
            };
            let project = match (newest, configuration.good_shipyard(&files.name)) {
                (Err(reason), Some(text)) => {
                    let project = &files.name;
                    tracing::warn!(%project, reason, "the shipyard can't be used; the last good one counts");
                    catalogued(&files, text).await
                }
                (newest, _) => newest,
            };
            loaded.push((files.name.clone(), project.map_err(failure)?));
        }
        Ok(loaded)
    }

    /// Fetches what others did in the upstream repositories, and goes by it. What is wrong there is logged, and the
    /// project stays as it was.
    pub async fn refresh(&self) {
        for files in self.parts.configuration.all() {
            if files.file.upstream.is_none() {
                continue;
            }
            let name = &files.name;
            let _lane = self.lane(name).await;
            if let Err(error) = files.pull().await {
                tracing::warn!(project = %name, %error, "the upstream repository can't be read");
            } else if let Err(problem) = self.settle(name).await {
                tracing::warn!(project = %name, problem = %problem.message, "what came from the upstream repository is not taken");
            }
        }
    }

    /// Does so again and again.
    pub async fn refresh_regularly(self, interval: Duration) {
        loop {
            tokio::time::sleep(interval).await;
            self.refresh().await;
        }
    }

    /// Waits until nobody else changes a project.
    pub(super) async fn lane(&self, project: &str) -> MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        project.hash(&mut hasher);
        let index = usize::try_from(hasher.finish() % LANES as u64).unwrap_or_default();
        match self.lanes.get(index).or_else(|| self.lanes.first()) {
            Some(lane) => lane.lock().await,
            None => std::future::pending().await,
        }
    }

    /// Returns the files of a project.
    pub(super) fn files(&self, project: &str) -> Result<Arc<ProjectFiles>, Problem> {
        let files = self.parts.configuration.project(project);
        files.ok_or_else(|| Problem::not_found(format!("Project not found: {}", hidden(project))))
    }

    /// Tells the catalogue and the engine what is stored of a project.
    pub(super) async fn settle(&self, project: &str) -> Result<(), Problem> {
        let files = self.files(project)?;
        let configuration = &self.parts.configuration;
        let text = configuration.shipyard(&files).await;
        let text = text.map_err(|error| broken(&error))?;
        let catalogued = catalogued(&files, text)
            .await
            .map_err(Problem::bad_request)?;
        if files.file.upstream.is_some() {
            let kept = configuration.keep_shipyard(project, &catalogued.shipyard_text);
            if let Err(error) = kept {
                tracing::warn!(%project, %error, "the shipyard can't be kept for the next start");
            }
        }
        let definition = ProjectDefinition {
            shipyard: Arc::clone(&catalogued.shipyard),
            commits: catalogued.commits.clone(),
        };
        self.parts.catalogue.set(project, Some(catalogued));
        let defined = self
            .parts
            .conductor
            .define(project.to_owned(), Some(definition))
            .await;
        defined.map_err(|error| stopped(&error))
    }
}

/// Returns what the catalogue says of a project.
async fn catalogued(files: &ProjectFiles, text: String) -> Result<CatalogueProject, String> {
    let shipyard = shipyard::read(&text)?;
    let stages = shipyard.stages.iter().map(|stage| stage.name.as_str());
    let commits: Result<BTreeMap<String, String>, RepositoryError> = files.commits(stages).await;
    Ok(CatalogueProject {
        created: files.file.created,
        commits: commits.map_err(|error| error.to_string())?,
        shipyard: Arc::new(shipyard),
        shipyard_text: text,
        services: files.file.services.clone(),
        upstream: files.file.upstream.as_ref().map(UpstreamPlace::view),
    })
}
