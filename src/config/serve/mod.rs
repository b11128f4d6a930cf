//! `serve` in `tidegate.yaml`: how the server behaves. Only `tidegate serve` reads it; to every other command it is a key
//! that is there.

mod block;
mod engine;
mod limits;
mod schema;
mod tokens;

pub(super) use block::check;
pub use block::{ServeBlock, parse_serve};
pub(super) use schema::schema;

/// The key at the top.
pub(super) const KEY: &str = "serve";
