//! CI systems: which one runs this, and what it wants to hear. Pure; nothing here writes or reads a variable by itself.

mod azure;
mod bitbucket;
mod detect;
mod github;
mod gitlab;
mod habits;
mod job;
mod quiet;
#[cfg(test)]
mod runners;
mod said;
mod speech;
mod system;
mod teamcity;
mod vendors;

pub use detect::{detect, job_of};
pub use job::CiJob;
pub use quiet::{quiet, quiet_json, quiet_xml, stirs};
pub use speech::{Addition, Call, Fold, Request, Utterance, Weight, speak, speak_unjudged};
pub use system::CiSystem;
