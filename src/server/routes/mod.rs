//! The endpoints, one file for each family of Keptn's API.

mod events;
mod parameters;
mod sequences;
#[cfg(test)]
mod serving_tests;

pub use events::{EventParts, routes as event_routes};
pub use sequences::routes as sequence_routes;
