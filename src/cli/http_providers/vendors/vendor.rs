//! A vendor, and what checks the requests that come to its server.

use super::super::SECRET;
use super::{promql, services, stores};
use crate::net::test_server::{Received, Reply};

/// A vendor: what its server answers to the examples of our definition.
pub(in crate::cli::http_providers) struct Vendor {
    /// The name of the definition.
    pub name: &'static str,
    /// Answers every example.
    pub answer: fn(&Received) -> Reply,
    /// The values of the examples, in the order of their names.
    pub values: &'static [f64],
    /// Checks the requests that came.
    pub check: fn(&[Received]),
    /// An answer without data.
    pub empty: &'static str,
    /// What it answers to a wrong query: the status, and the body.
    pub error: (u16, &'static str),
    /// Which of its words must be passed on.
    pub words: &'static str,
}

/// Returns every vendor.
pub(in crate::cli::http_providers) fn vendors() -> Vec<&'static Vendor> {
    let groups = [&promql::VENDORS[..], &stores::VENDORS, &services::VENDORS];
    groups.into_iter().flatten().collect()
}

/// An answer in JSON.
pub(super) fn json(body: &str) -> Reply {
    Reply::json(200, body)
}

/// Checks a header with the secret.
pub(super) fn has_secret(request: &Received, header: &str, prefix: &str) {
    let wanted = format!("{prefix}{SECRET}");
    assert_eq!(request.header(header), Some(&*wanted), "{header}");
}

/// Returns the body as JSON.
pub(super) fn body(request: &Received) -> serde_json::Value {
    serde_json::from_str(&request.body).unwrap()
}
