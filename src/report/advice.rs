//! What to try where a query has no value.

use crate::gate::{FailureKind, Outcome};

/// Returns what to try; nothing where there is a value.
#[must_use]
pub fn advice(outcome: &Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Value(_) => None,
        Outcome::NoData(_) => Some(
            "look whether there are data in this window: tidegate query --range 1d shows when there were, and \
             `on_no_data` says what their absence means",
        ),
        Outcome::Failed(failure) => Some(by_kind(failure.kind)),
    }
}

/// Returns what to do about a kind of failure.
#[must_use]
pub fn by_kind(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::NotAuthorised => {
            "check the credentials of the provider, in tidegate.yaml or in the environment"
        }
        FailureKind::Unavailable => {
            "check the URL, and that the backend runs and can be reached from here: tidegate doctor tries it step by step"
        }
        FailureKind::Throttled => {
            "the backend is busy: try again later, or lower `concurrency` in tidegate.yaml"
        }
        FailureKind::BadAnswer => {
            "look at what came back: is the URL that of the backend, and not of a login page or a proxy? Of a file, tidegate inspect FILE says what it holds"
        }
        FailureKind::BadQuery => {
            "correct the query: tidegate query --expr QUERY tries one that stands in no file"
        }
        FailureKind::Reported => "look at what reported the values",
    }
}
