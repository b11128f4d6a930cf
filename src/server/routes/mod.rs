//! The endpoints, one file for each family of Keptn's API.

pub mod system;
pub mod uniform;
