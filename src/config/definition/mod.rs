//! Definitions of HTTP backends, read from YAML: in `tidegate.yaml` under `type: http`, or in a file of their own.
//!
//! Everything in them may hold the placeholders of `provider`, so no variable of the environment is filled in here.

mod block;
mod blueprint;
mod entry;
mod listing;
mod parameters;
mod polling;
mod request;
mod response;

pub(super) use block::{INNER_KEYS, KEYS, read};
pub(super) use entry::{Named, find, names, read as read_entry};
pub use listing::{ListedDefinition, definitions};
pub(super) use parameters::{declared, given};
