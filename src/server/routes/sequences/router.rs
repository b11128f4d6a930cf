//! The routes of sequences.

use axum::Router;
use axum::routing::{get, post};

use super::{control, evaluation, list, verdict};
use crate::server::routes::events::EventParts;

/// Returns the routes.
pub fn routes(parts: EventParts) -> Router {
    Router::new()
        .route(
            "/controlPlane/v1/project/{project}/stage/{stage}/service/{service}/evaluation",
            post(evaluation::trigger),
        )
        .route("/controlPlane/v1/sequence/{project}", get(list::contexts))
        .route(
            "/controlPlane/v1/sequence/{project}/{context}/control",
            post(control::steer),
        )
        .route("/controlPlane/v1/sequence-execution", get(list::executions))
        .route("/x/v1/context/{context}/verdict", get(verdict::show))
        .with_state(parts)
}
