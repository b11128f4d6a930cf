//! What is answered where something can't be done: `{"code": 404, "message": "…"}`, as in Keptn (controlplane.md 1.1).

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A refusal: the status, and what to say. The message is never empty and never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status; the body's `code` is the same.
    pub status: StatusCode,
    /// What happened, to what, and what to do next.
    pub message: String,
}

/// The body.
#[derive(Serialize)]
struct Body<'a> {
    /// The HTTP status.
    code: u16,
    /// What happened.
    message: &'a str,
}

impl Problem {
    /// Refuses something.
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
        }
    }

    /// Says that the request makes no sense.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// Says that something is not there.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// Says that something is there already.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Body {
            code: self.status.as_u16(),
            message: &self.message,
        };
        (self.status, Json(body)).into_response()
    }
}
