//! `tidegate run`: carries out a sequence on this machine.

mod account;
mod again;
mod document;
mod ending;
mod live;
mod lock;
mod perform;
mod plain;
mod plan;
mod question;
mod shipyard;
mod span;
mod start;
mod trigger;

pub use perform::run;
pub use plan::{Uses, unfit};
pub use start::{Setup, tasks};
