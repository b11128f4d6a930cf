//! `tasks` in `tidegate.yaml`: who carries out which task of a sequence.
//!
//! The other commands only check that it is well formed: a variable that a deployment needs must not be set to evaluate.

mod block;
mod read;
mod schema;
#[cfg(test)]
mod tests;

pub use read::parse_tasks;
pub(super) use read::{KEY, check};
pub(super) use schema::schema;

pub(super) use block::KEYS;
