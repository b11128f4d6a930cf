//! What HTTP itself says, alike for every provider that speaks it: statuses, pages that are no answer, no answer at all.

use crate::gate::{FailureKind, FetchFailure};
use crate::net::{Answer, Redactor, SendFailure, TokenTrouble};

/// How much of a page that is no answer is shown.
const PAGE_BYTES: usize = 200;

/// Says why there is no answer at all.
#[must_use]
pub fn excuse(failure: &SendFailure) -> FetchFailure {
    let kind = kind_of(failure);
    let message = match failure.hint() {
        Some(hint) => format!("{failure}; {hint}"),
        None => failure.to_string(),
    };
    FetchFailure { kind, message }
}

/// Says what it comes to that there is no answer.
fn kind_of(failure: &SendFailure) -> FailureKind {
    match failure {
        SendFailure::Dns { .. } | SendFailure::Connect { .. } => FailureKind::Unavailable,
        SendFailure::Tls { .. } | SendFailure::Timeout { .. } => FailureKind::Unavailable,
        SendFailure::Broken { .. } => FailureKind::Unavailable,
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
