//! Integrations and what they write down: who wants to hear of what (controlplane.md 1.7).

mod failure_log;
mod registry;
#[cfg(test)]
mod registry_tests;
mod small_file;

pub use failure_log::{FailureLog, LogQuestion};
pub use registry::{RegisterError, Registered, Registry, RegistryQuestion};
pub use small_file::KeepError;
