//! What Dynatrace says where it does not answer: its error envelope, alike for both of its APIs.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::gate::{FailureKind, FetchFailure};
use crate::net::{Answer, Redactor};
use crate::provider::{exchange, transport};

/// Whose answers are expected.
pub(super) const WHO: &str = "Dynatrace";
/// How much of the server's own message is shown.
const MESSAGE_BYTES: usize = 600;
/// How many violations are shown.
const MOST_VIOLATIONS: usize = 5;

/// Reads a good answer, or says what the other one means; `scope` is what the token must be allowed to do.
pub(super) fn understand<T: DeserializeOwned>(
    answer: &Answer,
    scope: &str,
    redactor: &Redactor,
) -> Result<T, FetchFailure> {
    let is_good = (200..=299).contains(&answer.status);
    let value = match exchange::json(answer, WHO, redactor) {
        Ok(value) => value,
        Err(failure) => return Err(advised(failure, scope)),
    };
    if !is_good {
        return Err(advised(refusal(answer, &value, redactor), scope));
    }
    serde_json::from_value(value).map_err(|_other_shape| FetchFailure {
        kind: FailureKind::BadAnswer,
        message: transport::shown(answer, WHO, redactor),
    })
}

/// Says what an error comes to.
fn refusal(answer: &Answer, value: &Value, redactor: &Redactor) -> FetchFailure {
    let envelope = value.get(0).unwrap_or(value);
    let kind = transport::by_status(answer.status).unwrap_or(match answer.status {
        400..=499 => FailureKind::BadQuery,
        _ => FailureKind::BadAnswer,
    });
    let error = envelope.get("error").filter(|error| error.is_object());
    let Some(said) = error.and_then(|error| error.get("message")?.as_str()) else {
        let message = transport::shown(answer, WHO, redactor);
        return FetchFailure { kind, message };
    };
    let code = error.and_then(|error| error.get("code")).map_or_else(
        || answer.status.to_string(),
        |code| {
            code.as_str()
                .map_or_else(|| code.to_string(), str::to_owned)
        },
    );
    let violations = error.map(violations).unwrap_or_default();
    let text = format!("Dynatrace API error ({code}): {said}{violations}");
    FetchFailure {
        kind,
        message: redactor.excerpt(text.as_bytes(), MESSAGE_BYTES),
    }
}

/// Returns the violations of constraints behind an error, each with its place.
fn violations(error: &Value) -> String {
    let named = error.get("constraintViolations");
    let violations = named.and_then(Value::as_array).into_iter().flatten();
    let shown = violations.take(MOST_VIOLATIONS).filter_map(|violation| {
        let message = violation.get("message")?.as_str()?;
        let path = violation.get("path").and_then(Value::as_str);
        Some(match path {
            Some(path) => format!("; {path}: {message}"),
            None => format!("; {message}"),
        })
    });
    let details = error.pointer("/details/errorMessage");
    let details = details.and_then(Value::as_str);
    let details = details.map(|text| format!("; {text}"));
    shown.chain(details).collect()
}

/// Adds what to do about a token that is refused.
fn advised(failure: FetchFailure, scope: &str) -> FetchFailure {
    if failure.kind != FailureKind::NotAuthorised {
        return failure;
    }
    let FetchFailure { kind, message } = failure;
    FetchFailure {
        kind,
        message: format!("{message}; the token needs the scope {scope}"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::*;

    fn read(status: u16, body: &str) -> String {
        let answer = Answer {
            status,
            content_type: Some("application/json".to_owned()),
            date: None,
            headers: BTreeMap::new(),
            body: body.as_bytes().to_vec(),
            attempts: 1,
            elapsed: Duration::ZERO,
        };
        match understand::<Vec<u8>>(&answer, "metrics.read", &Redactor::default()) {
            Ok(value) => format!("{value:?}"),
            Err(failure) => format!("{:?}: {}", failure.kind, failure.message),
        }
    }

    #[test]
    fn an_error_is_told_with_its_violations() {
        insta::assert_snapshot!(read(400, r#"{"error":{"code":400,"message":"Constraints violated.","constraintViolations":[{"path":"metricSelector","message":"must not be empty","parameterLocation":"QUERY","location":null},{"message":"no"}]}}"#), @"BadQuery: Dynatrace API error (400): Constraints violated.; metricSelector: must not be empty; no");
        insta::assert_snapshot!(read(403, r#"{"error":{"code":403,"message":"Token is missing required scope."}}"#), @"NotAuthorised: Dynatrace API error (403): Token is missing required scope.; the token needs the scope metrics.read");
        insta::assert_snapshot!(read(404, r#"[{"error":{"code":404,"message":"no such metric"}}]"#), @"BadQuery: Dynatrace API error (404): no such metric");
        insta::assert_snapshot!(read(429, r#"{"error":{"code":429,"message":"slow down"}}"#), @"Throttled: Dynatrace API error (429): slow down");
        insta::assert_snapshot!(read(500, r#"{"error":{"message":"oops"}}"#), @"Unavailable: Dynatrace API error (500): oops");
        insta::assert_snapshot!(read(400, r#"{"error":{"code":400,"message":"PARSE_ERROR","details":{"errorMessage":"`fetsch` isn't a command"}}}"#), @"BadQuery: Dynatrace API error (400): PARSE_ERROR; `fetsch` isn't a command");
    }

    #[test]
    fn what_is_no_envelope_is_shown() {
        assert_eq!(read(200, "[1,2]"), "[1, 2]");
        insta::assert_snapshot!(read(200, "{}"), @"BadAnswer: HTTP 200, this is not an answer of Dynatrace: {} (application/json)");
        insta::assert_snapshot!(read(200, "[1,"), @"BadAnswer: the JSON of the answer breaks off: HTTP 200, this is not an answer of Dynatrace: [1, (application/json)");
        insta::assert_snapshot!(read(401, "<html>"), @"NotAuthorised: HTTP 401, the server refuses the credentials, or misses them: <html> (application/json); the token needs the scope metrics.read");
        insta::assert_snapshot!(read(418, r#"{"error":"teapot"}"#), @r#"BadQuery: HTTP 418, this is not an answer of Dynatrace: {"error":"teapot"} (application/json)"#);
    }
}
