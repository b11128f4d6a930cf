//! Who may do what: tokens, their scopes and projects, and how often.

mod bearer;
mod guard;
mod origin;
mod patience;
mod projects;
mod sent_event;

pub use bearer::Bearer;
#[cfg(test)]
pub use bearer::Bearers;
pub use guard::{Client, Guard, Seen, guard};
pub use projects::ProjectRule;
pub use sent_event::sent_event;
