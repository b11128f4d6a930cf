//! What `tidegate doctor` learns of a declared HTTP backend.

use super::values::FillError;
use crate::gate::FailureKind;
use crate::net::{self, HttpClient, Outgoing, ProbeOutcome, ProbeStep};
use crate::provider::{Check, CheckOutcome};

/// Tries how far a request gets.
pub(super) async fn probe(http: &HttpClient, outgoing: &Outgoing) -> Vec<Check> {
    let steps = net::probe(http, outgoing).await;
    steps.into_iter().map(check).collect()
}

/// Says that nobody knows what to ask.
pub(super) fn unknown() -> Check {
    Check {
        name: "HTTP".to_owned(),
        outcome: CheckOutcome::Skipped(
            "the definition has no `probe`, a cheap request that shows whether the server lets us in"
                .to_owned(),
        ),
    }
}

/// Says that the request cannot be made.
pub(super) fn unfilled(error: &FillError) -> Check {
    Check {
        name: "HTTP".to_owned(),
        outcome: CheckOutcome::Bad {
            kind: FailureKind::BadQuery,
            detail: error.to_string(),
            hint: "only `${VAR.name}` means something in `probe`".to_owned(),
        },
    }
}

/// Turns a step into a check.
fn check(step: ProbeStep) -> Check {
    let ProbeStep {
        name,
        outcome,
        detail,
        hint,
        elapsed: _,
    } = step;
    let hint = hint
        .unwrap_or("look at `url` and `auth` of the provider")
        .to_owned();
    let outcome = match outcome {
        ProbeOutcome::Ok => CheckOutcome::Good(detail),
        ProbeOutcome::Warning => CheckOutcome::Odd { detail, hint },
        ProbeOutcome::Skipped => CheckOutcome::Skipped(detail),
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

/// Says what it comes to that a step failed.
fn kind(name: &str, detail: &str) -> FailureKind {
    let refuses = |status: &str| detail.contains(status);
    match name {
        "HTTP" if refuses("401") || refuses("403") => FailureKind::NotAuthorised,
        "HTTP" if refuses("429") => FailureKind::Throttled,
        "token" => FailureKind::NotAuthorised,
        _ => FailureKind::Unavailable,
    }
}
