//! What stops a call from outside: time running out, Ctrl-C, a request to end.

use std::time::Duration;

use super::exit::Exit;
use super::failure::Failure;

/// Waits until the call is to stop, and returns why. Waits for ever where nobody stops it.
pub async fn stopped(timeout: Option<Duration>) -> Failure {
    tokio::select! {
        () = ran_out(timeout) => {
            let waited = timeout.unwrap_or_default();
            let text = format!("--timeout ran out after {} s, before there was a verdict", waited.as_secs_f64());
            Failure::new(Exit::TimedOut, text).with_hint("nothing of what was under way is stored; raise --timeout, or look at what is slow")
        }
        () = interrupted() => Failure::new(Exit::Interrupted, "interrupted before there was a verdict; nothing of what was under way is stored"),
        () = terminated() => Failure::new(Exit::Terminated, "asked to end before there was a verdict; nothing of what was under way is stored"),
    }
}

/// Waits until the time is up.
async fn ran_out(timeout: Option<Duration>) {
    match timeout {
        Some(timeout) => tokio::time::sleep(timeout).await,
        None => std::future::pending().await,
    }
}

/// Waits for Ctrl-C.
async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Waits for SIGTERM.
#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_no_signals_here) => std::future::pending().await,
    }
}

/// There is no such request on this system.
#[cfg(not(unix))]
async fn terminated() {
    std::future::pending().await
}
