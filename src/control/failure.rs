//! Why Keptn's API did not do what it was asked.

use serde::Deserialize;

use crate::net::{Answer, Redactor, SendError};

/// The most of an error page that is shown, in characters.
const SHOWN: usize = 200;

/// A call of the API failed.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Nothing that could be used came back.
    #[error(transparent)]
    Unsent(#[from] SendError),
    /// The answer was no.
    #[error("{message} ({call}: HTTP {status})")]
    Refused {
        /// What was asked.
        call: &'static str,
        /// The status.
        status: u16,
        /// What the server says.
        message: String,
    },
    /// The answer was no, and no token was shown.
    #[error("there is no token, and the server asks for one ({call}: HTTP {status})")]
    NoToken {
        /// What was asked.
        call: &'static str,
        /// The status.
        status: u16,
    },
    /// The answer was yes, and then something that Keptn does not say.
    #[error("{call} was answered with something else than Keptn's JSON: {reason}")]
    Unreadable {
        /// What was asked.
        call: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

/// The body that most refusals have.
#[derive(Deserialize)]
struct ErrorBody {
    /// What is wrong.
    message: String,
}

impl CallError {
    /// Makes an error of an answer that says no. Its body may be JSON, plain text, a page, or nothing.
    pub(super) fn refused(call: &'static str, answer: &Answer, redactor: &Redactor) -> Self {
        let message = match serde_json::from_slice(&answer.body) {
            Ok(ErrorBody { message }) => message,
            Err(_) => String::from_utf8_lossy(&answer.body).into_owned(),
        };
        let message = match shown(&message) {
            empty if empty.is_empty() => "no reason was given".to_owned(),
            message => redactor.redact(&message),
        };
        Self::Refused {
            call,
            status: answer.status,
            message,
        }
    }

    /// Makes an error of an answer that can't be read.
    pub(super) fn unreadable(
        call: &'static str,
        reason: &dyn std::fmt::Display,
        body: &[u8],
    ) -> Self {
        let start = shown(&String::from_utf8_lossy(body));
        let reason = reason.to_string();
        Self::Unreadable {
            call,
            reason: if start.is_empty() {
                reason
            } else {
                format!("{reason}; it starts with `{start}`")
            },
        }
    }
}

/// Returns the beginning of a text as one line.
fn shown(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().take(SHOWN).collect();
    let line = words.join(" ");
    let end = line.char_indices().nth(SHOWN).map(|(at, _)| at);
    match end.and_then(|end| line.get(..end)) {
        Some(head) => format!("{head}…"),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_refusal_says_what_the_body_says_whatever_it_is() {
        for (body, message) in [
            (
                r#"{"code":401,"message":"incorrect api key auth"}"#,
                "incorrect api key auth",
            ),
            ("too many requests\n", "too many requests"),
            ("", "no reason was given"),
            ("[1]", "[1]"),
            ("<html>\n<b>502</b>", "<html> <b>502</b>"),
        ] {
            let answer = Answer {
                status: 418,
                content_type: None,
                date: None,
                headers: BTreeMap::new(),
                body: body.as_bytes().to_vec(),
                attempts: 1,
                elapsed: Duration::ZERO,
            };
            let error = CallError::refused("GET /x", &answer, &Redactor::new([]));
            assert_eq!(error.to_string(), format!("{message} (GET /x: HTTP 418)"));
        }
        assert_eq!(shown(&"x".repeat(500)).chars().count(), SHOWN + 1);
    }
}
