//! `tidegate events`: what an event log consists of.

mod export;
mod filter;
mod get;
mod import;
mod list;
mod prune;

pub use export::export;
pub use get::get;
pub use import::import;
pub use list::list;
pub use prune::prune;
