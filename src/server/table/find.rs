//! Looks things up in the table.

use axum::http::Method;

use super::endpoint::Endpoint;
use super::{events, projects, sequences, system, uniform};

/// Returns every endpoint.
pub fn endpoints() -> impl Iterator<Item = &'static Endpoint> {
    [
        system::ENDPOINTS,
        projects::ENDPOINTS,
        projects::RESOURCES,
        projects::SECRETS,
        sequences::ENDPOINTS,
        events::ENDPOINTS,
        uniform::ENDPOINTS,
    ]
    .into_iter()
    .flatten()
}

/// Finds an endpoint; a HEAD is a GET.
#[must_use]
pub fn find(method: &Method, pattern: &str) -> Option<&'static Endpoint> {
    let method = if *method == Method::HEAD {
        Method::GET.as_str()
    } else {
        method.as_str()
    };
    endpoints().find(|one| one.method == method && one.path == pattern)
}

/// Returns the methods that a path takes.
#[must_use]
pub fn methods(pattern: &str) -> Vec<&'static str> {
    let of_path = endpoints().filter(|one| one.path == pattern);
    let methods = of_path.flat_map(|one| match one.method {
        "GET" => vec!["GET", "HEAD"],
        other => vec![other],
    });
    methods.collect()
}
