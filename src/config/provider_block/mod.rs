//! One entry of `providers` in `tidegate.yaml`.

mod auth;
mod connection;
mod constant;
mod entry;
pub(super) mod exec;
pub(super) mod files;
mod http;
mod prometheus;
mod secrets;
mod sql;

pub(super) use connection::Fallback;
pub(super) use entry::{INNER_KEYS, KEYS, read};
pub use prometheus::prometheus_from_environment;
