//! The commands that drive a control plane.

mod approve;
mod auth;
mod credential;
mod failure;
mod get;
mod input;
mod local_approval;
mod manage;
mod outcome;
mod project;
mod resource;
mod secret;
mod sequence;
mod session;
mod standing;
mod told;
mod trigger;
mod wait;

pub use approve::{approve, decline};
pub use auth::{auth, status};
pub use get::get;
pub use manage::{create, delete, update};
pub use resource::{add_resource, send};
pub use sequence::{control, control_sequence};
pub use trigger::trigger;
