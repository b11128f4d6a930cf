//! Child processes: found, ended with all that they started, and bounded in what is kept of what they say.

mod group;
mod program;
mod tail;

pub use group::Group;
pub use program::{absolute, locate};
pub use tail::Tail;
