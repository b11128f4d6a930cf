//! What was typed, turned into requests, run, and told.

mod choice;
mod doctor;
mod evaluate;
mod import;
mod init;
mod inspect;
mod plan_text;
mod plugin;
mod providers;
mod query;
mod refusal;
mod schema;
mod target;
mod teller;

pub use doctor::doctor;
pub use evaluate::evaluate;
pub use import::import;
pub use init::init;
pub use inspect::inspect;
pub use plugin::plugin;
pub use providers::providers;
pub use query::query;
pub use schema::schema;

use super::console::Console;
use super::environment::Environment;

/// What every command may look at.
pub struct World<'a> {
    /// The surroundings.
    pub environment: &'a Environment,
    /// The streams.
    pub console: Console,
}
