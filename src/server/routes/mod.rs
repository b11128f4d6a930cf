//! The endpoints, one file for each family of Keptn's API.

mod asked;
pub mod events;
mod json_body;
mod paging;
mod parameters;
mod project_view;
pub mod projects;
mod raw_path;
pub mod resources;
pub mod secrets;
pub mod sequences;
pub mod services;
pub mod statistics;
pub mod system;
mod to_the_end;
pub mod uniform;

#[cfg(test)]
mod event_tests;
#[cfg(test)]
mod history_tests;
#[cfg(test)]
mod log_contract_tests;
#[cfg(test)]
mod projects_tests;
#[cfg(test)]
mod resources_tests;
#[cfg(test)]
mod sequence_tests;
#[cfg(test)]
mod test_plane;
#[cfg(test)]
mod test_server;
