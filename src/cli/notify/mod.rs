//! Tells chats and webhooks of an evaluation. Whatever becomes of it, the exit code stays as it is.

mod addressee;
mod delivery;
mod notifier;
mod signature;

pub use notifier::Notifier;
