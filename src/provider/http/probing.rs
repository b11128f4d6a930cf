//! What `tidegate doctor` learns of a declared HTTP backend.

use super::values::FillError;
use crate::gate::FailureKind;
use crate::net::{self, HttpClient, Outgoing};
use crate::provider::{Check, CheckOutcome, transport};

/// Tries how far a request gets.
pub(super) async fn probe(http: &HttpClient, outgoing: &Outgoing) -> Vec<Check> {
    transport::checks(net::probe(http, outgoing).await)
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
