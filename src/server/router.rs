//! Every family of routes behind the guard, with and without `/api` in front.

use std::sync::Arc;

use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use axum::{Router, middleware};

use super::access::{Guard, guard};
use super::problem::Problem;

/// Puts families together. Nothing of them is reached past the guard, and nothing that the table does not have.
pub fn router(families: impl IntoIterator<Item = Router>, watch: Arc<Guard>) -> Router {
    let all = families.into_iter().fold(Router::new(), Router::merge);
    all.fallback(nothing)
        .method_not_allowed_fallback(nothing)
        .layer(middleware::from_fn_with_state(watch, guard))
}

/// Answers where there is no route; the guard was here before and said what there is.
async fn nothing(_request: Request) -> Response {
    Problem::not_found("there is nothing here").into_response()
}
