//! What HTTP itself says, alike for every provider that speaks it: statuses, pages that are no answer, no answer at all.

use super::{Check, CheckOutcome};
use crate::gate::{FailureKind, FetchFailure, Handling};
use crate::net::{Answer, Patience, ProbeOutcome, ProbeStep, Redactor, SendFailure, TokenTrouble};

/// How much of a page that is no answer is shown.
const PAGE_BYTES: usize = 200;

/// Returns how patient a request wants its connection to be.
#[must_use]
pub fn patience(handling: &Handling) -> Patience {
    Patience {
        timeout: handling.timeout,
        attempts: handling.retry.attempts,
        base: handling.retry.base,
        max: handling.retry.max,
    }
}

/// Returns what `net` found on the way to a server as checks of a provider.
#[must_use]
pub fn checks(steps: Vec<ProbeStep>) -> Vec<Check> {
    let check = |step: ProbeStep| {
        let kind = match (step.name, step.status) {
            ("token", _) => FailureKind::NotAuthorised,
            (_, Some(status)) => by_status(status).unwrap_or(FailureKind::BadAnswer),
            (_, None) => FailureKind::Unavailable,
        };
        let detail = match step.elapsed {
            Some(elapsed) => format!("{}, {:.1} ms", step.detail, elapsed.as_secs_f64() * 1e3),
            None => step.detail,
        };
        let hint = step.hint.unwrap_or_default().to_owned();
        let outcome = match step.outcome {
            ProbeOutcome::Ok => CheckOutcome::Good(detail),
            ProbeOutcome::Warning => CheckOutcome::Odd { detail, hint },
            ProbeOutcome::Failed => CheckOutcome::Bad { kind, detail, hint },
            ProbeOutcome::Skipped => CheckOutcome::Skipped(detail),
        };
        Check::new(step.name, outcome)
    };
    steps.into_iter().map(check).collect()
}

/// Says why there is no answer at all.
#[must_use]
pub fn excuse(failure: &SendFailure) -> FetchFailure {
    let message = match failure.hint() {
        Some(hint) => format!("{failure}; {hint}"),
        None => failure.to_string(),
    };
    FetchFailure {
        kind: kind_of(failure),
        message,
    }
}

/// Says what it comes to that there is no answer.
#[must_use]
pub fn kind_of(failure: &SendFailure) -> FailureKind {
    match failure {
        SendFailure::Dns { .. } | SendFailure::Connect { .. } => FailureKind::Unavailable,
        SendFailure::Tls { .. } | SendFailure::Timeout { .. } => FailureKind::Unavailable,
        SendFailure::Broken { .. } | SendFailure::Denied { .. } => FailureKind::Unavailable,
        SendFailure::TooLarge { .. } | SendFailure::Redirected { .. } => FailureKind::BadAnswer,
        SendFailure::Request { .. } | SendFailure::Unsendable { .. } => FailureKind::BadAnswer,
        SendFailure::Token { trouble, .. } => match trouble {
            TokenTrouble::Unreachable(failure) => kind_of(failure),
            TokenTrouble::Refused { status: 429, .. } => FailureKind::Throttled,
            TokenTrouble::Refused { status: 500.., .. } => FailureKind::Unavailable,
            TokenTrouble::Refused { .. } => FailureKind::NotAuthorised,
            TokenTrouble::Unreadable { .. } => FailureKind::BadAnswer,
        },
    }
}

/// Returns the kind of failure that a status alone tells.
#[must_use]
pub fn by_status(status: u16) -> Option<FailureKind> {
    match status {
        401 | 403 | 407 => Some(FailureKind::NotAuthorised),
        429 => Some(FailureKind::Throttled),
        408 | 500..=599 => Some(FailureKind::Unavailable),
        _ => None,
    }
}

/// Tells whether the answer is a page for people.
#[must_use]
pub fn is_html(answer: &Answer) -> bool {
    let declared = answer.content_type.as_deref().unwrap_or_default();
    declared.contains("html") || answer.body.trim_ascii_start().starts_with(b"<")
}

/// Shows an answer that cannot be used; `expected` is whose answer it should be.
#[must_use]
pub fn shown(answer: &Answer, expected: &str, redactor: &Redactor) -> String {
    let meaning = match answer.status {
        401 | 403 => "the server refuses the credentials, or misses them".to_owned(),
        407 => "the proxy wants credentials".to_owned(),
        429 => "the server asks to slow down".to_owned(),
        408 | 500..=599 => "the server, or a proxy before it, has a problem".to_owned(),
        _ => format!("this is not an answer of {expected}"),
    };
    let content_type = match answer.content_type.as_deref() {
        Some(text) => redactor.excerpt(text.as_bytes(), PAGE_BYTES),
        None => "of no type".to_owned(),
    };
    let page = match redactor.excerpt(&answer.body, PAGE_BYTES) {
        page if page.is_empty() => "an empty page".to_owned(),
        page => page,
    };
    format!("HTTP {}, {meaning}: {page} ({content_type})", answer.status)
}
