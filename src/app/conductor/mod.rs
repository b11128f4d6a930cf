//! The conductor: one engine, one journal, and the executors of this process, in one loop.
//!
//! Everything goes through one task, in order: an input gets its moment (later than every one before), the engine decides,
//! the journal stores the input and what follows in one piece, and only then is the caller answered and are executors
//! called. Inputs that wait at the same time share one wait for the disk. `tidegate run` and `tidegate serve` conduct
//! alike; they differ in journal and executors.

mod actor;
mod answers;
mod baton;
mod charter;
mod clock;
mod draft;
mod errand;
mod journal;
mod log_journal;
mod replay;
mod request;
#[cfg(test)]
mod tests;

pub(super) use answers::finished;
pub use baton::{Binding, Conductor, ConductorParts, Moments, SubmitError};
pub use charter::Charter;
pub use journal::{Entry, Journal, JournalError, Remembered};
pub use log_journal::LogJournal;
pub(super) use replay::Replay;
