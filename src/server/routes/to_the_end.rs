//! Changes that go on when nobody waits for the answer any more: a connection that breaks leaves nothing half-done.

use axum::http::StatusCode;

use crate::server::problem::Problem;

/// Carries a change out to its end, whatever becomes of the request.
pub async fn to_the_end<T: Send + 'static>(
    change: impl Future<Output = Result<T, Problem>> + Send + 'static,
) -> Result<T, Problem> {
    let ended = tokio::spawn(change).await;
    ended.unwrap_or_else(|_stopped| {
        let message = "the server is stopping, or has a defect; its log says more";
        Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, message))
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn a_change_ends_though_nobody_waits_for_it() {
        let (starter, released) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        let change = to_the_end(async move {
            released.await.unwrap();
            end.send("done").unwrap();
            Ok(())
        });
        let waited = tokio::time::timeout(Duration::from_millis(1), change).await;
        assert!(waited.is_err());
        starter.send(()).unwrap();
        assert_eq!(ended.await.unwrap(), "done");
    }
}
