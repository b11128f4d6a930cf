//! The CI system that runs this: which one is spoken to, and how what is said gets there.

mod choice;
mod insights;
mod speaker;

pub use choice::{chosen, of_settings};
pub use speaker::Speaker;
