//! What was typed, turned into requests, run, and told.

mod baseline;
mod choice;
mod ci_init;
mod ci_recipes;
mod ci_show;
mod client;
mod completions;
mod desk;
mod doctor;
mod evaluate;
mod events;
mod gate_settings;
mod history;
mod import;
mod init;
mod inspect;
mod known_names;
mod labels;
mod log_copy;
mod man;
mod mark;
mod outcome;
mod place;
mod plan_text;
mod plugin;
mod providers;
mod publish;
mod query;
mod refusal;
mod report;
pub mod run;
mod schema;
mod serve;
mod show;
mod steer;
mod stored;
mod target;
mod teller;
mod wanted;
mod watch;

pub use choice::default_provider as default_provider_of;
pub use ci_init::ci_init;
pub use ci_show::ci_show;
pub use client::{
    add_resource, approve, auth, control, control_sequence, create, decline, delete,
    get as get_remote, send, status, trigger, update,
};
pub use completions::completions;
pub use desk::disown;
pub use doctor::doctor;
pub use evaluate::evaluate;
pub use events::{export, get, import, list, prune};
pub use gate_settings::gate_settings;
pub use history::history;
pub use import::import as import_keptn;
pub use init::init;
pub use inspect::inspect;
pub use known_names::known_names;
pub use log_copy::log_copy;
pub use man::man;
pub use mark::mark;
pub use plugin::plugin;
pub use providers::providers;
pub use query::query;
pub use report::report;
pub use run::run;
pub use run::{tasks as tasks_of, unfit as unfit_task};
pub use schema::schema;
pub use serve::{serve, serving};
pub use show::show;
pub use steer::{invalidate, pin, unpin};
pub use target::Configured;

use super::console::Console;
use super::environment::Environment;

/// What every command may look at.
pub struct World<'a> {
    /// The surroundings.
    pub environment: &'a Environment,
    /// The streams.
    pub console: Console,
}
