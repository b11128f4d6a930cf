//! What was last seen of the services of a project: read from the events that are stored.

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::control::EventContext;

/// Tells what was last seen of services.
#[async_trait]
pub trait Sightings: Send + Sync {
    /// Returns the services of a project that any event names, each once in each stage.
    async fn of_project(&self, project: &str) -> Vec<ServiceSighting>;
}

/// What was last seen of a service in a stage.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServiceSighting {
    /// The stage.
    pub stage: String,
    /// The service.
    pub service: String,
    /// The image that was deployed last there; "" where none was.
    pub image: String,
    /// The newest event of each type.
    pub types: BTreeMap<String, EventContext>,
}
