//! The control plane: Keptn's HTTP API (controlplane.md 1) over the conductor, the store, and the configuration of
//! projects. It answers; what happens is decided by the engine.

mod access;
mod assembly;
#[cfg(test)]
mod assembly_tests;
mod catalogue;
mod certificate;
mod configuration;
mod emission;
mod folder;
mod front;
mod logging;
mod metrics;
mod openapi;
mod own_parts;
mod problem;
mod projects;
mod router;
mod routes;
mod serve;
mod settings;
#[cfg(test)]
mod shell_tests;
mod sightings;
mod store;
mod table;
mod task_bindings;
mod uniform;
mod vault;
mod webhook_tasks;

/// A private host or network that webhooks may go to.
pub use crate::net::AllowedTarget;
pub use assembly::ServerParts;
pub use catalogue::{Catalogue, CatalogueProject};
pub use configuration::Storage;
pub use folder::FolderError;
pub use logging::start as start_log;
pub use problem::Problem;
pub use serve::{ServeError, serve};
pub use settings::{
    AccessSettings, Anonymous, Limits, LogFormat, MetricsAccess, Proxies, Scope, ServeSettings,
    ServerCertificate, TokenDigest, TokenSettings,
};
pub use sightings::{ServiceSighting, Sightings};
