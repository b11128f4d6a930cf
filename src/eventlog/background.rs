//! Blocking work beside the asynchronous one: a read of the log runs while the queries are under way.

use std::future::pending;
use std::panic::resume_unwind;

use tokio::task::spawn_blocking;

/// Runs work that blocks on a thread of its own. Once begun it is done, even when nobody waits for it any more.
pub(super) async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // The runtime is shutting down: nobody will poll this again.
            Err(_cancelled) => pending().await,
        },
    }
}
