//! Events: in, open, stored, and as they come.

mod admission;
mod filter;
mod history;
mod intake;
mod open_tasks;
mod router;
mod shown;
mod stream;
mod whereabouts;

pub use router::{EventParts, routes};

pub(super) use intake::{SOURCE, Sent, send};
pub(super) use whereabouts::{Whereabouts, project};
