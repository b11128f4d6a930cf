//! What the servers of the vendors answer, as they document it.

mod promql;
mod services;
mod stores;

use crate::net::test_server::{Received, Reply};

/// A vendor: what its server answers to the examples of our definition.
pub(super) struct Vendor {
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
pub(super) fn vendors() -> Vec<&'static Vendor> {
    let groups = [&promql::VENDORS[..], &stores::VENDORS, &services::VENDORS];
    groups.into_iter().flatten().collect()
}

/// An answer in JSON.
fn json(body: &str) -> Reply {
    Reply::json(200, body)
}

/// Checks a header with the secret.
fn has_secret(request: &Received, header: &str, prefix: &str) {
    let wanted = format!("{prefix}{}", super::SECRET);
    assert_eq!(request.header(header), Some(&*wanted), "{header}");
}

/// Returns the body as JSON.
fn body(request: &Received) -> serde_json::Value {
    serde_json::from_str(&request.body).unwrap()
}
