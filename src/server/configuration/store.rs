//! All projects of the data folder: `projects/NAME/project.json`, and the files beside it. A project comes and goes in
//! one step: its folder is made under another name, and then gets its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use jiff::Timestamp;
use uuid::Uuid;

use super::durable;
use super::files::{ProjectFiles, SHIPYARD};
use super::git::GitRepository;
use super::git_program::GitProgram;
use super::layout::{Layout, Scope};
use super::plain::{BRANCH, PlainRepository, damaged, disk};
use super::project_file::{ProjectFile, Storage, VERSION};
use super::repository::{Repository, RepositoryError};
use super::upstream::{Upstream, UpstreamSecrets};
use super::uri::ResourceUri;
use crate::executor::{ResourcePlace, ResourceReader, UnreadableResource};
use crate::server::vault::{Presence, Vault, VaultError};

/// The file with what is known of a project.
const PROJECT_FILE: &str = "project.json";
/// The folder with its files.
const REPOSITORY: &str = "repository";
/// The file with the shipyard that was good last, where others can change the one of the project.
const GOOD_SHIPYARD: &str = "good-shipyard.yaml";
/// Where the vault has what opens upstream repositories. No executor and nobody outside reads it.
pub const UPSTREAM_SCOPE: &str = "tidegate-upstream";

/// The configuration of all projects; clones share it.
#[derive(Clone)]
pub struct Configuration {
    /// The folder of all projects.
    folder: PathBuf,
    /// Git, for the projects that use it.
    git: GitProgram,
    /// Where secrets are.
    vault: Vault,
    /// The projects.
    projects: Arc<RwLock<BTreeMap<String, Arc<ProjectFiles>>>>,
}

/// A project to create.
#[derive(Clone, Debug)]
pub struct NewProject {
    /// Its name, checked.
    pub name: String,
    /// When.
    pub created: Timestamp,
    /// How its files are stored.
    pub storage: Storage,
    /// Where they lie.
    pub layout: Layout,
    /// The upstream repository.
    pub upstream: Option<Upstream>,
    /// The shipyard, as YAML.
    pub shipyard: String,
    /// Its stages.
    pub stages: Vec<String>,
}

/// A project could not be created, changed, or deleted.
#[derive(Debug, thiserror::Error)]
pub enum ConfigurationError {
    /// It is there already.
    #[error("Project already exists: {0}")]
    Exists(String),
    /// The upstream repository belongs to a project already.
    #[error(
        "already initialized GIT repository: {0} has a project's files; use an empty repository, or empty it"
    )]
    UpstreamInUse(String),
    /// A stage would have the branch of the project's own files.
    #[error("the stage `{0}` can't be: the project's own files are in the branch of that name")]
    StageIsMain(String),
    /// The files can't be read or written.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// The secrets of the upstream repository can't be kept.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl Configuration {
    /// Opens the configuration in a folder, and removes what was not finished.
    pub fn open(folder: &Path, git: GitProgram, vault: Vault) -> Result<Self, ConfigurationError> {
        durable::create_folder(folder)
            .and_then(|()| durable::sweep(folder))
            .map_err(disk("can't use", folder))?;
        let configuration = Self {
            folder: folder.to_owned(),
            git,
            vault,
            projects: Arc::default(),
        };
        for place in durable::folders(folder).map_err(disk("can't read", folder))? {
            let Some(name) = place.file_name().and_then(|name| name.to_str()) else {
                continue;
            };
            let file = read_project_file(&place.join(PROJECT_FILE))?;
            configuration.remember(name, file)?;
        }
        Ok(configuration)
    }

    /// Returns the files of a project.
    #[must_use]
    pub fn project(&self, name: &str) -> Option<Arc<ProjectFiles>> {
        let projects = self.projects.read().unwrap_or_else(PoisonError::into_inner);
        projects.get(name).cloned()
    }

    /// Returns all projects, by name.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<ProjectFiles>> {
        let projects = self.projects.read().unwrap_or_else(PoisonError::into_inner);
        projects.values().cloned().collect()
    }

    /// Creates a project, all of it or nothing.
    pub async fn create(&self, new: NewProject) -> Result<Arc<ProjectFiles>, ConfigurationError> {
        if self.project(&new.name).is_some() {
            return Err(ConfigurationError::Exists(new.name));
        }
        let partial = self
            .folder
            .join(format!("{}{}", durable::PARTIAL, Uuid::new_v4()));
        let built = self.build(&partial, &new).await;
        let finished = built.and_then(|file| {
            let secrets = new.upstream.as_ref().map(|upstream| &upstream.secrets);
            self.keep_secrets(&new.name, secrets)?;
            let place = self.folder.join(&new.name);
            durable::rename(&partial, &place).map_err(disk("can't create", &place))?;
            self.remember(&new.name, file)
        });
        if finished.is_err() {
            // What is left is removed at the next start; what matters is said.
            drop(durable::remove_folder(&partial));
            drop(self.keep_secrets(&new.name, None));
        }
        finished
    }

    /// Makes the folder of a project.
    async fn build(
        &self,
        folder: &Path,
        new: &NewProject,
    ) -> Result<ProjectFile, ConfigurationError> {
        durable::create_folder(folder).map_err(disk("can't create", folder))?;
        let place = folder.join(REPOSITORY);
        let (repository, layout, main): (Arc<dyn Repository>, _, _) = match new.storage {
            // Without branches, stages are folders.
            Storage::Plain => (
                Arc::new(PlainRepository::open(&place)?),
                Layout::Folders,
                BRANCH.to_owned(),
            ),
            Storage::Git => {
                let git = GitRepository::open(&place, self.git.clone(), new.upstream.clone());
                let main = git.create().await?;
                (Arc::new(git), new.layout, main)
            }
        };
        let file = ProjectFile {
            version: VERSION,
            created: new.created,
            storage: new.storage,
            layout,
            main,
            upstream: new.upstream.as_ref().map(|upstream| upstream.place.clone()),
            services: BTreeMap::new(),
        };
        check_stages(&file, &new.stages)?;
        let files = ProjectFiles {
            name: new.name.clone(),
            file: file.clone(),
            repository,
        };
        let present = files.list(&Scope::Project, None).await?;
        if present.iter().any(|path| path == "metadata.yaml") {
            let url = file.upstream.map(|place| place.url).unwrap_or_default();
            return Err(ConfigurationError::UpstreamInUse(url));
        }
        write_project_file(folder, &file)?;
        files
            .put_shipyard(&new.shipyard, &new.stages, new.created)
            .await?;
        Ok(file)
    }

    /// Changes what is known of a project besides its files.
    pub fn rewrite(
        &self,
        name: &str,
        file: ProjectFile,
    ) -> Result<Arc<ProjectFiles>, ConfigurationError> {
        write_project_file(&self.folder.join(name), &file)?;
        self.remember(name, file)
    }

    /// Gives a project another upstream repository, or other credentials: everything is there when this returns, or
    /// nothing changed here.
    pub async fn move_upstream(
        &self,
        project: &ProjectFiles,
        upstream: Upstream,
    ) -> Result<Arc<ProjectFiles>, ConfigurationError> {
        let place = self.folder.join(&project.name).join(REPOSITORY);
        let git = GitRepository::open(&place, self.git.clone(), Some(upstream.clone()));
        if project
            .file
            .upstream
            .as_ref()
            .is_some_and(|before| before.url == upstream.place.url)
        {
            git.pull().await?;
        }
        git.publish().await?;
        let before = self.secrets(&project.name);
        self.keep_secrets(&project.name, Some(&upstream.secrets))?;
        let file = ProjectFile {
            upstream: Some(upstream.place),
            ..project.file.clone()
        };
        let rewritten = self.rewrite(&project.name, file);
        if rewritten.is_err() {
            self.keep_secrets(&project.name, Some(&before))?;
        }
        rewritten
    }

    /// Deletes a project: its files, what is known of it, and what opens its upstream repository, which stays.
    pub fn delete(&self, name: &str) -> Result<(), ConfigurationError> {
        let place = self.folder.join(name);
        durable::remove_folder(&place).map_err(disk("can't delete", &place))?;
        let mut projects = self
            .projects
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        projects.remove(name);
        drop(projects);
        self.keep_secrets(name, None)
    }

    /// Returns the shipyard of a project, as YAML.
    pub async fn shipyard(&self, project: &ProjectFiles) -> Result<String, RepositoryError> {
        let missing =
            |reason: &str| damaged(&self.folder.join(&project.name).join(SHIPYARD), reason);
        let uri = ResourceUri::parse(SHIPYARD).map_err(|error| missing(&error.to_string()))?;
        let content = project.read(&Scope::Project, &uri, None).await?;
        let content = content.ok_or_else(|| missing("it is missing"))?;
        String::from_utf8(content).map_err(|_malformed| missing("it is no text"))
    }

    /// Keeps a shipyard that is good: the start of a server goes by it where the newest is not.
    pub fn keep_shipyard(&self, project: &str, text: &str) -> std::io::Result<()> {
        if self.good_shipyard(project).as_deref() == Some(text) {
            return Ok(());
        }
        let place = self.folder.join(project).join(GOOD_SHIPYARD);
        durable::write(&place, text.as_bytes())
    }

    /// Returns the shipyard that was good last; `None` where none was kept.
    #[must_use]
    pub fn good_shipyard(&self, project: &str) -> Option<String> {
        durable::read_text(&self.folder.join(project).join(GOOD_SHIPYARD))
    }

    /// Opens a project and keeps it in memory.
    fn remember(
        &self,
        name: &str,
        file: ProjectFile,
    ) -> Result<Arc<ProjectFiles>, ConfigurationError> {
        let place = self.folder.join(name).join(REPOSITORY);
        let repository: Arc<dyn Repository> = match file.storage {
            Storage::Plain => Arc::new(PlainRepository::open(&place)?),
            Storage::Git => {
                let upstream = file.upstream.clone().map(|place| Upstream {
                    place,
                    secrets: self.secrets(name),
                });
                Arc::new(GitRepository::open(&place, self.git.clone(), upstream))
            }
        };
        let files = Arc::new(ProjectFiles {
            name: name.to_owned(),
            file,
            repository,
        });
        let mut projects = self
            .projects
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        projects.insert(name.to_owned(), Arc::clone(&files));
        Ok(files)
    }

    /// Returns what opens the upstream repository of a project.
    fn secrets(&self, project: &str) -> UpstreamSecrets {
        let values = self.vault.values(UPSTREAM_SCOPE, project);
        UpstreamSecrets::from_values(&values.unwrap_or_default())
    }

    /// Keeps what opens the upstream repository of a project, or forgets it.
    fn keep_secrets(
        &self,
        project: &str,
        secrets: Option<&UpstreamSecrets>,
    ) -> Result<(), ConfigurationError> {
        let values = secrets
            .map(UpstreamSecrets::to_values)
            .filter(|values| !values.is_empty());
        let is_kept = values.is_some();
        let allowed = |presence| is_kept || presence == Presence::Present;
        self.vault.set(UPSTREAM_SCOPE, project, values, allowed)?;
        Ok(())
    }
}

#[async_trait]
impl ResourceReader for Configuration {
    async fn resource(
        &self,
        place: &ResourcePlace,
        uri: &str,
        commit: Option<&str>,
    ) -> Result<Option<Vec<u8>>, UnreadableResource> {
        let unreadable = |reason: String| UnreadableResource {
            uri: uri.to_owned(),
            reason,
        };
        let Some(project) = self.project(&place.project) else {
            return Ok(None);
        };
        let scope = match (&place.stage, &place.service) {
            (None, _) => Scope::Project,
            (Some(stage), None) => Scope::Stage(stage.clone()),
            (Some(stage), Some(service)) => Scope::Service(stage.clone(), service.clone()),
        };
        let known = match &scope {
            Scope::Project | Scope::Stage(_) => true,
            Scope::Service(_, service) => project.file.services.contains_key(service),
        };
        if !known {
            return Ok(None);
        }
        let uri = ResourceUri::parse(uri).map_err(|error| unreadable(error.to_string()))?;
        let read = project.read(&scope, &uri, commit).await;
        read.map_err(|error| unreadable(error.to_string()))
    }
}

/// Checks that no stage shares a branch with the project's own files.
pub fn check_stages(file: &ProjectFile, stages: &[String]) -> Result<(), ConfigurationError> {
    let clash = match file.layout {
        Layout::Folders => None,
        Layout::Branches => stages.iter().find(|stage| **stage == file.main),
    };
    match clash {
        Some(stage) => Err(ConfigurationError::StageIsMain(stage.clone())),
        None => Ok(()),
    }
}

/// Reads what is known of a project.
fn read_project_file(path: &Path) -> Result<ProjectFile, RepositoryError> {
    let content = durable::read(path).map_err(disk("can't read", path))?;
    let content = content.ok_or_else(|| damaged(path, "it is missing"))?;
    let file: ProjectFile =
        serde_json::from_slice(&content).map_err(|error| damaged(path, &error.to_string()))?;
    if file.version != VERSION {
        return Err(damaged(path, "it was written by a newer tidegate"));
    }
    Ok(file)
}

/// Writes what is known of a project.
fn write_project_file(folder: &Path, file: &ProjectFile) -> Result<(), RepositoryError> {
    let path = folder.join(PROJECT_FILE);
    let content =
        serde_json::to_vec_pretty(file).map_err(|error| damaged(&path, &error.to_string()))?;
    durable::write(&path, &content).map_err(disk("can't write", &path))
}
