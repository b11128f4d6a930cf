//! What a request asks for, by its path and its query; what can't be read is refused in Keptn's form.

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::server::problem::Problem;

/// The names in a path.
pub struct Named<T>(pub T);

/// The members of a query.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Named<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = Path::from_request_parts(parts, state).await;
        let Path(names) = read.map_err(|_malformed| {
            Problem::bad_request("the path can't be read: a name in it is no UTF-8")
        })?;
        Ok(Self(names))
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = Query::from_request_parts(parts, state).await;
        let Query(members) = read.map_err(|_malformed| {
            Problem::bad_request(
                "the query can't be read: a member stands there twice, or is no UTF-8",
            )
        })?;
        Ok(Self(members))
    }
}
