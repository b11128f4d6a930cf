//! The files of one project, by scope.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::layout::{Scope, Spot};
use super::project_file::{ProjectFile, Storage};
use super::repository::{Change, Edit, Repository, RepositoryError, Revision};
use super::uri::{ResourceUri, STAGES_FOLDER};

/// What tells in a repository that a folder belongs to a project, a stage, or a service.
pub const METADATA: &str = "metadata.yaml";
/// The shipyard, among the project's own files.
pub const SHIPYARD: &str = "shipyard.yaml";

/// The files of one project.
#[derive(Clone)]
pub struct ProjectFiles {
    /// The name of the project.
    pub name: String,
    /// What is known of it.
    pub file: ProjectFile,
    /// Where the files are.
    pub(super) repository: Arc<dyn Repository>,
}

/// Files could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// A resource is there already.
    #[error("Resource already exists: {0}")]
    Exists(String),
    /// A file would take the place of a folder, or the other way around.
    #[error("`{path}` can't be a resource: `{other}` is one")]
    InTheWay {
        /// The path.
        path: String,
        /// What is there.
        other: String,
    },
    /// A resource is not there.
    #[error("Resource not found: {0}")]
    Missing(String),
    /// The repository can't do it.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Resources to write, all or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writing {
    /// Whose they are.
    pub scope: Scope,
    /// What they hold.
    pub resources: Vec<(ResourceUri, Vec<u8>)>,
    /// Whether one may be there already.
    pub overwrite: Overwrite,
    /// Stages that come with them: those of a shipyard among them.
    pub new_stages: Vec<String>,
}

/// Whether a resource may be there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overwrite {
    /// It is replaced, as in Keptn.
    Yes,
    /// It has to be new.
    No,
}

impl ProjectFiles {
    /// Returns the URIs of the resources of a scope, in order.
    pub async fn list(
        &self,
        scope: &Scope,
        commit: Option<&str>,
    ) -> Result<Vec<String>, RepositoryError> {
        let spot = self.spot(scope);
        let paths = self
            .repository
            .list(&revision(&spot, commit), &spot.folder)
            .await?;
        let own = paths
            .iter()
            .filter_map(|path| path.strip_prefix(&spot.folder));
        let hidden = format!("{STAGES_FOLDER}/");
        Ok(own
            .filter(|path| !path.starts_with(&hidden))
            .map(str::to_owned)
            .collect())
    }

    /// Returns a resource.
    pub async fn read(
        &self,
        scope: &Scope,
        uri: &ResourceUri,
        commit: Option<&str>,
    ) -> Result<Option<Vec<u8>>, RepositoryError> {
        let spot = self.spot(scope);
        let path = format!("{}{uri}", spot.folder);
        self.repository.read(&revision(&spot, commit), &path).await
    }

    /// Returns the newest commit of the files of a scope; "" where there is none.
    pub async fn commit(&self, scope: &Scope) -> Result<String, RepositoryError> {
        let heads = self.repository.heads().await?;
        Ok(heads
            .get(&self.spot(scope).branch)
            .cloned()
            .unwrap_or_default())
    }

    /// Returns the newest commit of each stage.
    pub async fn commits(
        &self,
        stages: impl IntoIterator<Item = &str>,
    ) -> Result<BTreeMap<String, String>, RepositoryError> {
        let heads = self.repository.heads().await?;
        let commits = stages.into_iter().filter_map(|stage| {
            let branch = self.spot(&Scope::Stage(stage.to_owned())).branch;
            Some((stage.to_owned(), heads.get(&branch)?.clone()))
        });
        Ok(commits.collect())
    }

    /// Writes resources in one commit, and the stages that come with them; returns the commit.
    pub async fn put(&self, writing: Writing, at: Timestamp) -> Result<String, FilesError> {
        let Writing {
            scope,
            resources,
            overwrite,
            new_stages,
        } = writing;
        let spot = self.spot(&scope);
        let present = self.repository.list(&revision(&spot, None), "").await?;
        let mut present: BTreeSet<String> = present.into_iter().collect();
        let mut edits = Vec::with_capacity(resources.len());
        for (uri, content) in resources {
            let path = format!("{}{uri}", spot.folder);
            if overwrite == Overwrite::No && present.contains(&path) {
                return Err(FilesError::Exists(uri.to_string()));
            }
            check_place(&path, &uri, &present)?;
            present.insert(path.clone());
            edits.push(Edit {
                path,
                content: Some(content),
            });
        }
        let mut changes = vec![change(&spot.branch, "Updated resource", at, edits)];
        changes.extend(new_stages.iter().map(|stage| self.new_stage(stage, at)));
        Ok(self.make(&by_branch(changes), &spot).await?)
    }

    /// Takes a resource away; returns the commit.
    pub async fn remove(
        &self,
        scope: &Scope,
        uri: &ResourceUri,
        at: Timestamp,
    ) -> Result<String, FilesError> {
        let spot = self.spot(scope);
        let path = format!("{}{uri}", spot.folder);
        let present = self.repository.list(&revision(&spot, None), "").await?;
        if !present.contains(&path) {
            return Err(FilesError::Missing(uri.to_string()));
        }
        let edit = Edit {
            path,
            content: None,
        };
        let change = change(&spot.branch, "Deleted resource", at, vec![edit]);
        Ok(self.make(&[change], &spot).await?)
    }

    /// Writes the shipyard, and the folders of stages and their services that are new, all or none.
    pub async fn put_shipyard(
        &self,
        shipyard: &str,
        new_stages: &[String],
        at: Timestamp,
    ) -> Result<(), RepositoryError> {
        let main = self.spot(&Scope::Project).branch;
        let mut own = vec![file(SHIPYARD.to_owned(), shipyard)];
        let is_new = !self.repository.heads().await?.contains_key(&main);
        if is_new {
            own.insert(
                0,
                file(
                    METADATA.to_owned(),
                    &metadata("projectName", &self.name, self.file.created),
                ),
            );
        }
        let message = if is_new {
            "initialized project"
        } else {
            "Updated resource"
        };
        let mut changes = vec![change(&main, message, at, own)];
        for stage in new_stages {
            changes.push(self.new_stage(stage, at));
        }
        self.make_all(changes).await
    }

    /// Makes the folder of a service in every stage, all or none.
    pub async fn add_service(
        &self,
        stages: &[String],
        service: &str,
        at: Timestamp,
    ) -> Result<(), RepositoryError> {
        let message = format!("Added service: {service}");
        let changes = stages.iter().map(|stage| {
            let spot = self.spot(&Scope::Service(stage.clone(), service.to_owned()));
            let edit = service_metadata(&spot, service, at);
            change(&spot.branch, &message, at, vec![edit])
        });
        self.make_all(changes.collect()).await
    }

    /// Takes the folder of a service out of every stage, all or none.
    pub async fn remove_service(
        &self,
        stages: &[String],
        service: &str,
        at: Timestamp,
    ) -> Result<(), RepositoryError> {
        let message = format!("Removed service: {service}");
        let changes = stages.iter().map(|stage| {
            let spot = self.spot(&Scope::Service(stage.clone(), service.to_owned()));
            let edit = Edit {
                path: spot.folder.trim_end_matches('/').to_owned(),
                content: None,
            };
            change(&spot.branch, &message, at, vec![edit])
        });
        self.make_all(changes.collect()).await
    }

    /// Fetches what others did upstream.
    pub async fn pull(&self) -> Result<(), RepositoryError> {
        self.repository.pull().await
    }

    /// Returns the branch of a scope; "" where there are no branches to speak of.
    #[must_use]
    pub fn branch(&self, scope: &Scope) -> String {
        match self.file.storage {
            Storage::Plain => String::new(),
            Storage::Git => self.spot(scope).branch,
        }
    }

    /// Returns where the files of a scope lie.
    fn spot(&self, scope: &Scope) -> Spot {
        self.file.layout.spot(&self.file.main, scope)
    }

    /// Makes commits; returns the newest of a spot.
    async fn make(&self, changes: &[Change], spot: &Spot) -> Result<String, RepositoryError> {
        let made = self.repository.commit(changes).await?;
        Ok(made.get(&spot.branch).cloned().unwrap_or_default())
    }

    /// Makes one commit for each branch.
    async fn make_all(&self, changes: Vec<Change>) -> Result<(), RepositoryError> {
        self.repository.commit(&by_branch(changes)).await.map(drop)
    }

    /// Returns what makes a stage, with all services.
    fn new_stage(&self, stage: &str, at: Timestamp) -> Change {
        let spot = self.spot(&Scope::Stage(stage.to_owned()));
        let metadata = metadata("stageName", stage, at);
        let mut edits = vec![file(format!("{}{METADATA}", spot.folder), &metadata)];
        for (service, created) in &self.file.services {
            let place = self.spot(&Scope::Service(stage.to_owned(), service.clone()));
            edits.push(service_metadata(&place, service, *created));
        }
        change(&spot.branch, &format!("Added stage: {stage}"), at, edits)
    }
}

/// Returns what makes the folder of a service.
fn service_metadata(spot: &Spot, service: &str, at: Timestamp) -> Edit {
    let metadata = metadata("serviceName", service, at);
    file(format!("{}{METADATA}", spot.folder), &metadata)
}

/// Returns the text of a `metadata.yaml`.
fn metadata(key: &str, name: &str, created: Timestamp) -> String {
    let name = serde_json::Value::from(name);
    format!("{key}: {name}\ncreationTimestamp: \"{created}\"\n")
}

/// Checks that no file becomes a folder, and no folder a file.
fn check_place(
    path: &str,
    uri: &ResourceUri,
    present: &BTreeSet<String>,
) -> Result<(), FilesError> {
    let in_the_way = |other: &str| FilesError::InTheWay {
        path: uri.to_string(),
        other: other.to_owned(),
    };
    let below = format!("{path}/");
    if let Some(other) = present
        .range(below.clone()..)
        .next()
        .filter(|other| other.starts_with(&below))
    {
        return Err(in_the_way(other));
    }
    let above = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
    match above.into_iter().find(|folder| present.contains(*folder)) {
        Some(other) => Err(in_the_way(other)),
        None => Ok(()),
    }
}

/// Joins the changes of the same branch, in order: one commit each.
fn by_branch(changes: Vec<Change>) -> Vec<Change> {
    let mut joined: Vec<Change> = Vec::new();
    for change in changes {
        if let Some(same) = joined.iter_mut().find(|one| one.branch == change.branch) {
            same.edits.extend(change.edits);
        } else {
            joined.push(change);
        }
    }
    joined
}

/// Returns what is read: a commit where one is named, else the newest.
fn revision(spot: &Spot, commit: Option<&str>) -> Revision {
    match commit {
        Some(commit) => Revision::Commit(commit.to_owned()),
        None => Revision::Branch(spot.branch.clone()),
    }
}

/// Makes a change.
fn change(branch: &str, message: &str, time: Timestamp, edits: Vec<Edit>) -> Change {
    Change {
        branch: branch.to_owned(),
        message: message.to_owned(),
        time,
        edits,
    }
}

/// Makes an edit that writes a text.
fn file(path: String, text: &str) -> Edit {
    Edit {
        path,
        content: Some(text.as_bytes().to_vec()),
    }
}
