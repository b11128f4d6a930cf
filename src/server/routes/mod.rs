//! The endpoints, one file for each family of Keptn's API.
