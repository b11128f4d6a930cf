//! Sequences: how they stand, what triggers an evaluation, and what steers them.

mod control;
mod evaluation;
mod list;
mod router;
mod verdict;
mod window;

pub use router::routes;
