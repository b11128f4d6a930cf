//! Every endpoint in one table: the guard looks up what a request needs, and the `OpenAPI` document is printed from it.
//! A route that is not in the table can't be reached.

mod endpoint;
mod events;
mod find;
mod projects;
mod schemas;
mod sequences;
mod system;
mod uniform;

#[cfg(test)]
mod table_tests;

pub use endpoint::{Endpoint, Need, Parameter, ParameterNeed};
pub use find::{endpoints, find, methods};
pub use schemas::{operation_schemas, reference};
