//! What stops a call from outside: time running out, Ctrl-C, a closed terminal, a request to end.

#![cfg_attr(
    unix,
    expect(
        clippy::disallowed_methods,
        reason = "asks the system which signals are to be passed over"
    )
)]

use std::time::Duration;

use super::exit::Exit;
use super::failure::Failure;

/// What a call wants to come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// A verdict, which is stored.
    Verdict,
    /// Answers, which are shown.
    Answers,
    /// Events, which are stored or removed.
    Events,
    /// The end of a run, of which every step is stored.
    Run,
}

/// Waits until the call is to stop, and returns why. Waits for ever where nobody stops it.
pub async fn stopped(timeout: Option<Duration>, goal: Goal) -> Failure {
    let (before, hint) = match goal {
        Goal::Verdict => (
            "before there was a verdict",
            "nothing of what was under way is stored; raise --timeout, or look at what is slow",
        ),
        Goal::Answers => (
            "before all answers were there",
            "raise --timeout, or look at what is slow",
        ),
        Goal::Events => (
            "before everything was done",
            "do it again: it goes on where it stopped",
        ),
        Goal::Run => (
            "before the run was over",
            "what is done is stored; go on with tidegate run --resume",
        ),
    };
    let unstored = match goal {
        Goal::Verdict => "; nothing of what was under way is stored",
        Goal::Answers => "",
        Goal::Events => "; done again, it goes on where it stopped",
        Goal::Run => "",
    };
    tokio::select! {
        () = ran_out(timeout) => {
            let waited = timeout.unwrap_or_default();
            let text = format!("--timeout ran out after {} s, {before}", waited.as_secs_f64());
            Failure::new(Exit::TimedOut, text).with_hint(hint)
        }
        () = interrupted() => Failure::new(Exit::Interrupted, format!("interrupted {before}{unstored}")),
        () = hung_up() => Failure::new(Exit::HungUp, format!("the terminal was closed {before}{unstored}")),
        () = terminated() => Failure::new(Exit::Terminated, format!("asked to end {before}{unstored}")),
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
    heard(tokio::signal::unix::SignalKind::terminate()).await;
}

/// Waits for SIGHUP; where it is to be passed over, as below `nohup`, for ever.
#[cfg(unix)]
async fn hung_up() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if passes_over_hangup(&status) {
        std::future::pending::<()>().await;
    }
    heard(tokio::signal::unix::SignalKind::hangup()).await;
}

/// Returns whether a process with this status, in the words of Linux, passes SIGHUP over.
#[cfg(unix)]
fn passes_over_hangup(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & 1 == 1)
}

/// Waits for a signal.
#[cfg(unix)]
async fn heard(kind: tokio::signal::unix::SignalKind) {
    match tokio::signal::unix::signal(kind) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_no_signals_here) => std::future::pending().await,
    }
}

/// There is no such signal on this system.
#[cfg(not(unix))]
async fn hung_up() {
    std::future::pending().await
}

/// There is no such request on this system.
#[cfg(not(unix))]
async fn terminated() {
    std::future::pending().await
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_hangup_is_passed_over_below_nohup_only() {
        for (status, is_passed_over) in [
            ("Name:\tx\nSigIgn:\t0000000000001001\n", true),
            ("SigIgn:\t0000000000001000\n", false),
            ("", false),
        ] {
            assert_eq!(passes_over_hangup(status), is_passed_over, "{status}");
        }
    }
}
