//! CI systems: which one runs this, and what it wants to hear. Pure; nothing here writes or reads a variable by itself.

mod job;

pub use job::{CiJob, CiSystem};
