//! One entry of `providers` in `tidegate.yaml`.

mod auth;
mod connection;
mod constant;
mod datadog;
mod dynatrace;
mod entry;
mod environment;
pub(super) mod exec;
pub(super) mod files;
mod http;
pub(super) mod path_plugin;
mod prometheus;
mod secrets;
mod sql;
#[cfg(test)]
mod vendor_tests;

pub(super) use connection::{Fallback, secret, tls};
pub(super) use entry::{INNER_KEYS, KEYS, read};
pub use environment::providers_from_environment;
pub(super) use exec::environment;
pub(super) use secrets::Secrets;
