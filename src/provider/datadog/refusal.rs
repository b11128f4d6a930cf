//! What Datadog says where it does not answer: `errors`, under any status.

use serde::de::DeserializeOwned;

use super::measured::Measured;
use super::scalar::Scalar;
use crate::gate::{FailureKind, FetchFailure};
use crate::net::{Answer, Redactor};
use crate::provider::answered::Found;
use crate::provider::{exchange, transport};

/// Whose answers are expected.
pub(super) const WHO: &str = "Datadog";
/// How much of the server's own message is shown.
pub(super) const MESSAGE_BYTES: usize = 600;

/// Reads a good answer, or says what the other one means.
pub(super) fn understand<T: DeserializeOwned>(
    answer: &Answer,
    redactor: &Redactor,
) -> Result<T, FetchFailure> {
    let is_good = (200..=299).contains(&answer.status);
    let value = exchange::json(answer, WHO, redactor).map_err(advised)?;
    if is_good {
        return serde_json::from_value(value).map_err(|_other_shape| FetchFailure {
            kind: FailureKind::BadAnswer,
            message: transport::shown(answer, WHO, redactor),
        });
    }
    let said = serde_json::from_value::<Scalar>(value)
        .ok()
        .and_then(|envelope| envelope.error());
    Err(match said {
        Some(said) => refusal(answer.status, &said, redactor),
        None => advised(FetchFailure {
            kind: kind(answer.status),
            message: transport::shown(answer, WHO, redactor),
        }),
    })
}

/// Returns the kind of a failure that a status tells; a 200 with an error in it is a bad query.
fn kind(status: u16) -> FailureKind {
    transport::by_status(status).unwrap_or(match status {
        200..=299 | 400..=499 => FailureKind::BadQuery,
        _ => FailureKind::BadAnswer,
    })
}

/// Says what an error of Datadog comes to.
pub(super) fn refusal(status: u16, said: &str, redactor: &Redactor) -> FetchFailure {
    let text = format!("Datadog answered {status}: {said}");
    advised(FetchFailure {
        kind: kind(status),
        message: redactor.excerpt(text.as_bytes(), MESSAGE_BYTES),
    })
}

/// Adds what to do about keys that are refused.
fn advised(failure: FetchFailure) -> FetchFailure {
    if failure.kind != FailureKind::NotAuthorised {
        return failure;
    }
    let FetchFailure { kind, message } = failure;
    FetchFailure {
        kind,
        message: format!(
            "{message}; are both keys of this site, and may the application key use `timeseries_query`?"
        ),
    }
}

/// Takes the secrets out of what names came back with.
pub(super) fn safe(mut measured: Measured, redactor: &Redactor) -> Measured {
    let shown = |text: &str| redactor.excerpt(text.as_bytes(), MESSAGE_BYTES);
    match &mut measured.found {
        Found::Failed(failure) => failure.message = shown(&failure.message),
        Found::Nothing(reason) => *reason = shown(reason),
        Found::Numbers(numbers) => {
            for number in numbers {
                number.name = shown(&number.name);
            }
        }
    }
    measured
}
