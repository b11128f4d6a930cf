//! Projects as the API sees them: what is stored, what the catalogue says, what the engine knows, and what the log tells,
//! always in this order. One change of a project at a time; a change that can't be stored changes nothing anywhere.

mod announcement;
mod changes;
mod credentials;
mod keeper;
mod past;
mod refusal;
mod resources;
mod services;
mod shelf;
mod shipyard;

pub use changes::{Draft, create, delete, update};
pub use credentials::GitCredentials;
pub use keeper::{LoadError, Projects, ProjectsParts, ProjectsSettings};
pub use past::Past;
pub use refusal::{broken, hidden};
pub use resources::{change, read_scope, remove, stored_uri};
pub use services::{add_service, remove_service};
pub use shelf::{SecretShelf, SecretsSettings};
