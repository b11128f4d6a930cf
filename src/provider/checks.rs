//! From the steps of a probe to the checks of `tidegate doctor`.

use super::transport;
use super::{Check, CheckOutcome};
use crate::gate::FailureKind;
use crate::net::{ProbeOutcome, ProbeStep};

/// What to do where no step says it.
const NO_HINT: &str = "look into the settings of the provider";

/// Returns the check of each step.
pub(super) fn of(steps: Vec<ProbeStep>) -> Vec<Check> {
    steps.into_iter().map(check).collect()
}

/// Returns the check of a step.
fn check(step: ProbeStep) -> Check {
    let ProbeStep {
        name,
        outcome,
        detail,
        hint,
        ..
    } = step;
    let hint = hint.unwrap_or(NO_HINT).to_owned();
    let outcome = match outcome {
        ProbeOutcome::Ok => CheckOutcome::Good(detail),
        ProbeOutcome::Skipped => CheckOutcome::Skipped(detail),
        ProbeOutcome::Warning => CheckOutcome::Odd { detail, hint },
        ProbeOutcome::Failed => CheckOutcome::Bad {
            kind: kind(name, &detail),
            detail,
            hint,
        },
    };
    Check {
        name: name.to_owned(),
        outcome,
    }
}

/// Returns the kind of a failure: by the status, where there is one (`HTTP/1.1 403: …`).
fn kind(name: &str, detail: &str) -> FailureKind {
    if name == "token" {
        return FailureKind::NotAuthorised;
    }
    let status = detail.strip_prefix("HTTP/").and_then(|rest| {
        let word = rest.split_whitespace().nth(1)?;
        word.trim_end_matches(':').parse().ok()
    });
    status
        .and_then(transport::by_status)
        .unwrap_or(FailureKind::Unavailable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_a_failed_step_follows_the_status() {
        for (name, detail, expected) in [
            (
                "HTTP",
                "HTTP/1.1 403: Forbidden",
                FailureKind::NotAuthorised,
            ),
            ("HTTP", "HTTP/2.0 503", FailureKind::Unavailable),
            (
                "TCP",
                "cannot connect to h:1: refused",
                FailureKind::Unavailable,
            ),
            ("token", "cannot get a token", FailureKind::NotAuthorised),
        ] {
            assert_eq!(kind(name, detail), expected, "{detail}");
        }
    }
}
