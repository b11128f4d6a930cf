//! The endpoints, one file for each family of Keptn's API.

mod events;
mod parameters;
mod sequences;
#[cfg(test)]
mod event_tests;
#[cfg(test)]
mod history_tests;
#[cfg(test)]
mod log_contract_tests;
#[cfg(test)]
mod sequence_tests;
#[cfg(test)]
mod test_server;

pub use events::{EventParts, routes as event_routes};
pub use sequences::routes as sequence_routes;
