//! The control plane: Keptn's HTTP API (controlplane.md 1) over the conductor, the store, and the configuration of
//! projects. It answers; what happens is decided by the engine.

mod access;
mod catalogue;
mod front;
mod metrics;
mod openapi;
mod problem;
mod routes;
mod serve;
mod settings;
mod table;
mod uniform;

pub use catalogue::{Catalogue, CatalogueProject};
pub use problem::Problem;
pub use serve::{ServeError, serve};
pub use settings::{
    AccessSettings, Anonymous, Limits, LogFormat, MetricsAccess, Proxies, Scope, ServeSettings,
    ServerCertificate, TokenDigest, TokenSettings,
};
