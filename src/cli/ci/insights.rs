//! Sends what a system shows to its own API, through the proxy that stands beside each of its jobs.

use std::time::Duration;

use crate::cli::environment::Environment;
use crate::net::{Method, PlainBody, PlainClient, PlainRequest, TlsSettings};
use crate::report::ci::Request;

/// Where Bitbucket Pipelines puts the proxy that adds the credentials of the job.
const PROXY: &str = "http://localhost:29418";
/// The API. Between here and the proxy it is not encrypted; behind it, it is.
const API: &str = "http://api.bitbucket.org";
/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How large an answer may be.
const MOST_BYTES: usize = 1024 * 1024;

/// Returns the proxy: the one that stands beside every job, or the one that `TIDEGATE_BITBUCKET_PROXY` names.
pub fn proxy(environment: &Environment) -> &str {
    environment.get("TIDEGATE_BITBUCKET_PROXY").unwrap_or(PROXY)
}

/// Sends requests, one after the other, up to the first that fails; returns what went wrong.
pub async fn send(requests: &[Request], proxy: &str) -> Result<(), String> {
    let client = PlainClient::new(TlsSettings::default(), MOST_BYTES)
        .through(proxy)
        .map_err(|error| format!("the proxy {proxy} can't be used: {error}"))?;
    for request in requests {
        let Request { method, path, body } = request;
        let answer = client.exchange(prepared(method, path, body.as_ref())).await;
        let answer = answer.map_err(|error| format!("{method} through {proxy}: {error}"))?;
        // There is nothing to delete before the first report on a commit.
        let is_absent = *method == "DELETE" && answer.status.as_u16() == 404;
        if !answer.status.is_success() && !is_absent {
            return Err(format!(
                "{method} {path} was answered with {}",
                answer.status
            ));
        }
    }
    Ok(())
}

/// Makes a request.
fn prepared(method: &str, path: &str, body: Option<&serde_json::Value>) -> PlainRequest {
    let mut headers = reqwest::header::HeaderMap::new();
    let json = reqwest::header::HeaderValue::from_static("application/json");
    headers.insert(reqwest::header::ACCEPT, json.clone());
    let body = body.map_or_else(String::new, ToString::to_string);
    if !body.is_empty() {
        headers.insert(reqwest::header::CONTENT_TYPE, json);
    }
    PlainRequest {
        method: match method {
            "PUT" => Method::PUT,
            "DELETE" => Method::DELETE,
            _ => Method::POST,
        },
        url: format!("{API}{path}"),
        headers,
        body: PlainBody::from(body),
        timeout: TIMEOUT,
    }
}
