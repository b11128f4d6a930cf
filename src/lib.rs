//! tidegate: a quality gate.
pub mod eventlog;
pub mod gate;
pub mod net;
pub mod provider;
pub mod report;
pub mod spec;
