//! Which projects, stages and services there are: read on every request, so kept in memory. Whoever changes a project
//! stores it first, then tells the catalogue and the conductor.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;

use crate::sequence::Shipyard;

/// The projects of a server; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// By name.
    projects: Arc<RwLock<BTreeMap<String, Arc<CatalogueProject>>>>,
}

/// One project.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CatalogueProject {
    /// When it was created.
    pub created: Timestamp,
    /// The shipyard.
    pub shipyard: Arc<Shipyard>,
    /// The shipyard as YAML.
    pub shipyard_text: String,
    /// The services, which are the same in every stage, each with the moment it was created at.
    pub services: BTreeMap<String, Timestamp>,
    /// The newest commit of each stage.
    pub commits: BTreeMap<String, String>,
    /// Where the upstream repository is, without secrets; `None`: there is none.
    pub upstream: Option<serde_json::Value>,
}

impl Catalogue {
    /// Returns a project.
    #[must_use]
    pub fn project(&self, name: &str) -> Option<Arc<CatalogueProject>> {
        let projects = self.projects.read().unwrap_or_else(PoisonError::into_inner);
        projects.get(name).cloned()
    }

    /// Returns all projects, by name.
    #[must_use]
    pub fn all(&self) -> Vec<(String, Arc<CatalogueProject>)> {
        let projects = self.projects.read().unwrap_or_else(PoisonError::into_inner);
        projects
            .iter()
            .map(|(name, project)| (name.clone(), Arc::clone(project)))
            .collect()
    }

    /// Puts a project in, or takes it out.
    pub fn set(&self, name: &str, project: Option<CatalogueProject>) {
        let mut projects = self
            .projects
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        match project {
            Some(project) => projects.insert(name.to_owned(), Arc::new(project)),
            None => projects.remove(name),
        };
    }
}
