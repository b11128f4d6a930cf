//! The endpoints, one file for each family of Keptn's API.

#[cfg(test)]
mod event_tests;
mod events;
#[cfg(test)]
mod history_tests;
#[cfg(test)]
mod log_contract_tests;
mod parameters;
#[cfg(test)]
mod sequence_tests;
mod sequences;
#[cfg(test)]
mod test_server;

pub use events::{EventParts, routes as event_routes};
pub use sequences::routes as sequence_routes;
