//! One request: an id, a line of log, and an answer whatever happens.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Request, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;
use tower_service::Service as _;
use uuid::Uuid;

use super::path::plain;
use super::words::worded;
use crate::server::access::{Client, Seen};
use crate::server::metrics::Metrics;
use crate::server::problem::Problem;

/// The header that names a request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Takes requests in.
#[derive(Clone)]
pub struct Reception {
    /// Where requests go.
    router: Router,
    /// What is counted.
    metrics: Arc<Metrics>,
    /// How long an answer may take.
    patience: Duration,
}

impl Reception {
    /// Makes a reception for a router.
    #[must_use]
    pub fn new(router: Router, metrics: Arc<Metrics>, patience: Duration) -> Self {
        Self {
            router,
            metrics,
            patience,
        }
    }

    /// Answers a request.
    pub async fn answer(&self, mut request: Request<Body>, client: IpAddr) -> Response {
        let began = Instant::now();
        let method = request.method().clone();
        let id = id_of(&request);
        request.extensions_mut().insert(Client(client));
        let answer = AssertUnwindSafe(self.route(request)).catch_unwind().await;
        let answer = answer.unwrap_or_else(|_panic| {
            let message = format!("this is a bug in tidegate; its log names the request {id}");
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, message).into_response()
        });
        let mut response = worded(answer).await;
        let seen = response.extensions_mut().remove::<Seen>();
        let Seen { pattern, token } = seen.unwrap_or_default();
        let took = began.elapsed();
        let status = response.status().as_u16();
        self.metrics
            .request(&pattern, known(method.as_str()), status, took);
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        tracing::info!(
            method = known(method.as_str()),
            route = pattern,
            status,
            ms,
            token,
            request = id,
            client = %client,
            "request"
        );
        let headers = response.headers_mut();
        if let Ok(id) = HeaderValue::from_str(&id) {
            headers.insert(REQUEST_ID, id);
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        let nosniff = HeaderValue::from_static("nosniff");
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
        response
    }

    /// Sends a request to its handler, and waits as long as an answer may take.
    async fn route(&self, mut request: Request<Body>) -> Response {
        match plain(request.uri()) {
            Ok(uri) => *request.uri_mut() = uri,
            Err(trouble) => return Problem::bad_request(trouble.to_string()).into_response(),
        }
        let mut router = self.router.clone();
        match tokio::time::timeout(self.patience, router.call(request)).await {
            Ok(Ok(response)) => response,
            Ok(Err(never)) => match never {},
            Err(_elapsed) => {
                let message = "the answer took too long; what was asked for may have happened";
                Problem::new(StatusCode::SERVICE_UNAVAILABLE, message).into_response()
            }
        }
    }
}

/// Returns the id that a client gave its request, where it is one; else a new one.
fn id_of(request: &Request<Body>) -> String {
    let given = request.headers().get(REQUEST_ID);
    let given = given.and_then(|id| id.to_str().ok()).filter(|id| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        (1..=64).contains(&id.len()) && id.bytes().all(is_plain)
    });
    given.map_or_else(|| Uuid::now_v7().to_string(), str::to_owned)
}

/// Returns a method for a label: no client chooses those.
fn known(method: &str) -> &'static str {
    let all = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT",
    ];
    let mut all = all.into_iter();
    all.find(|one| *one == method).unwrap_or("other")
}
