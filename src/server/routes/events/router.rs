//! The routes of events, and what they need.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use super::{history, intake, open_tasks, stream};
use crate::app::{Conductor, Moments};
use crate::server::Catalogue;
use crate::server::store::Store;

/// The most bytes of one event.
pub(super) const EVENT_BYTES: usize = 1024 * 1024;

/// What the endpoints of events and sequences need.
#[derive(Clone)]
pub struct EventParts {
    /// What is kept.
    pub store: Store,
    /// Who conducts.
    pub conductor: Conductor,
    /// Which projects there are.
    pub catalogue: Catalogue,
    /// The clock.
    pub moments: Moments,
}

/// Returns the routes.
pub fn routes(parts: EventParts) -> Router {
    Router::new()
        .route("/v1/event", post(intake::take))
        .layer(DefaultBodyLimit::max(EVENT_BYTES))
        .route(
            "/controlPlane/v1/event/triggered/{type}",
            get(open_tasks::list),
        )
        .route("/mongodb-datastore/event", get(history::list))
        .route(
            "/mongodb-datastore/event/type/{type}",
            get(history::list_of_type),
        )
        .route("/x/v1/events/stream", get(stream::follow))
        .with_state(parts)
}
