//! The control plane: Keptn's HTTP API (controlplane.md 1) over the conductor, the store, and the configuration of
//! projects. It answers; what happens is decided by the engine.

mod catalogue;
mod configuration;
mod problem;
mod routes;
mod serve;
mod sightings;
mod store;
mod vault;

pub use catalogue::{Catalogue, CatalogueProject};
pub use problem::Problem;
pub use routes::{EventParts, event_routes, sequence_routes};
pub use serve::{ServeError, ServeSettings, serve};
pub use sightings::{ServiceSighting, Sightings};
pub use store::{Projects, Store};
