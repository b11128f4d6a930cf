//! Answers that say the same thing in JSON: whatever refuses a request without Keptn's body gets it here.

use axum::body::to_bytes;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use crate::server::problem::Problem;

/// The most of a refusal that is told.
const MOST: usize = 4096;

/// Gives a refusal the body that every refusal has.
pub async fn worded(response: Response) -> Response {
    let status = response.status();
    let is_refusal = status.is_client_error() || status.is_server_error();
    if !is_refusal || is_json(&response) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let text = to_bytes(body, MOST).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let text = text.trim();
    let message = if text.is_empty() {
        status.canonical_reason().unwrap_or("refused").to_owned()
    } else {
        crate::report::printable(text)
    };
    // What the framework calls unprocessable is a body that can't be read: 400, as in Keptn.
    let status = match status {
        StatusCode::UNPROCESSABLE_ENTITY | StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            StatusCode::BAD_REQUEST
        }
        other => other,
    };
    let mut worded = Problem::new(status, message).into_response();
    let kept = [header::ALLOW, header::RETRY_AFTER];
    for name in kept {
        if let Some(value) = parts.headers.get(&name) {
            worded.headers_mut().insert(name, value.clone());
        }
    }
    *worded.extensions_mut() = parts.extensions;
    worded
}

/// Tells whether the body is JSON.
fn is_json(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    kind.map(HeaderValue::as_bytes)
        .is_some_and(|kind| kind.starts_with(b"application/json"))
}
