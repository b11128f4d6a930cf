//! Integrations and what they write down: who wants to hear of what (controlplane.md 1.7).

mod failure_log;
mod limits;
mod question;
mod reach;
mod register_error;
mod registry;
#[cfg(test)]
mod registry_tests;
mod small_file;

pub use failure_log::{FailureLog, LogQuestion};
pub use question::RegistryQuestion;
pub use reach::Reach;
pub use register_error::RegisterError;
pub use registry::{Registered, Registry};
pub use small_file::KeepError;
