//! What a store said, sorted by what a user can do about it, in words that hold no secret.

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::eventlog::Trouble;
use crate::net::{PlainFailure, SendFailure};

/// How much of a message of the store is shown.
const MESSAGE_LIMIT: usize = 300;

/// Who was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaker {
    /// The store, or whoever gives out tokens.
    Server,
    /// The metadata service of the machine, which is asked where nothing else has credentials.
    Metadata,
}

/// What came of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// Who was asked.
    speaker: Speaker,
    /// What came.
    what: What,
}

/// What came.
#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    /// An answer.
    Answer {
        /// The status.
        status: u16,
        /// What the store calls it: `NoSuchBucket`; "" if it does not say.
        code: String,
        /// What the store says about it.
        message: String,
    },
    /// No answer.
    Failure {
        /// Whether the request may have been obeyed all the same.
        may_be_done: bool,
        /// What it means.
        trouble: Trouble,
        /// What happened, and what to do about it.
        text: String,
    },
}

/// A request that failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub(super) struct Refusal {
    /// What it means.
    pub trouble: Trouble,
    /// Whether it may have been obeyed all the same.
    pub may_be_done: bool,
    /// What happened, and what to do about it.
    pub text: String,
}

impl Seen {
    /// Takes an answer.
    pub(super) fn answer(speaker: Speaker, status: u16, body: &[u8]) -> Self {
        let (code, message) = if status < 300 {
            (String::new(), String::new())
        } else {
            said(body)
        };
        Self {
            speaker,
            what: What::Answer {
                status,
                code,
                message,
            },
        }
    }

    /// Takes a failure.
    pub(super) fn failure(speaker: Speaker, failure: &PlainFailure) -> Self {
        let (may_be_done, trouble, hint) = match failure {
            PlainFailure::Send(send) => {
                let (may_be_done, trouble) = sorted(send);
                // Where nobody listens, whoever shows this says what to look at, as of every server.
                let is_away = matches!(send, SendFailure::Connect { .. });
                (may_be_done, trouble, send.hint().filter(|_| !is_away))
            }
            PlainFailure::Url(_) | PlainFailure::Build(_) => (false, Trouble::Unavailable, None),
        };
        let mut text = failure.to_string();
        if let Some(hint) = hint {
            text = format!("{text}; {hint}");
        }
        Self {
            speaker,
            what: What::Failure {
                may_be_done,
                trouble,
                text,
            },
        }
    }

    /// Tells whether the store says that it can't do conditional writes.
    pub(super) fn is_unknown_condition(&self) -> bool {
        match &self.what {
            What::Answer { status, code, .. } => *status == 501 || code == "NotImplemented",
            What::Failure { .. } => false,
        }
    }

    /// Tells whether the store says that this one object is not there.
    pub(super) fn is_missing_object(&self) -> bool {
        match &self.what {
            What::Answer { status, code, .. } => {
                *status == 404
                    && !["NoSuchBucket", "ContainerNotFound", "ResourceNotFound"]
                        .contains(&code.as_str())
            }
            What::Failure { .. } => false,
        }
    }

    /// Returns what it means that a request failed after this was seen.
    pub(super) fn refusal(self, bucket: &str) -> Refusal {
        if self.speaker == Speaker::Metadata {
            return Refusal {
                trouble: Trouble::NotAuthorised,
                may_be_done: false,
                text: "there are no credentials: neither the environment nor the usual files have any, and this machine has no metadata service that gives them out"
                    .to_owned(),
            };
        }
        match self.what {
            What::Failure {
                may_be_done,
                trouble,
                text,
            } => Refusal {
                trouble,
                may_be_done,
                text,
            },
            What::Answer {
                status,
                code,
                message,
            } => {
                let (trouble, may_be_done, advice) = meaning(status, &code, bucket);
                let mut text = format!("the store said {status}");
                for (sign, part) in [(" ", code), (": ", message), ("; ", advice)] {
                    if !part.is_empty() {
                        text = text + sign + part.trim_end_matches('.');
                    }
                }
                Refusal {
                    trouble,
                    may_be_done,
                    text,
                }
            }
        }
    }
}

/// Sorts a failure: whether the request may have been obeyed all the same, and what it means.
fn sorted(failure: &SendFailure) -> (bool, Trouble) {
    match failure {
        SendFailure::Dns { .. }
        | SendFailure::Connect { .. }
        | SendFailure::Denied { .. }
        | SendFailure::Tls { .. } => (false, Trouble::Unavailable),
        SendFailure::Timeout { .. } | SendFailure::Broken { .. } => (true, Trouble::Unavailable),
        SendFailure::TooLarge { .. } => (true, Trouble::BadAnswer),
        SendFailure::Redirected { .. } => (false, Trouble::BadAnswer),
        SendFailure::Token { .. } => (false, Trouble::NotAuthorised),
        SendFailure::Unsendable { .. } | SendFailure::Request { .. } => (false, Trouble::BadAnswer),
    }
}

/// Returns what an answer means, whether the request may have been obeyed all the same, and advice.
fn meaning(status: u16, code: &str, bucket: &str) -> (Trouble, bool, String) {
    let none = String::new;
    match (status, code) {
        (200..=299, _) => (
            Trouble::BadAnswer,
            false,
            "but the rest of its answer can't be understood: is the endpoint an object store?"
                .to_owned(),
        ),
        (404, _) => (
            Trouble::BadAnswer,
            false,
            format!("create the bucket `{bucket}`, or correct the URL: tidegate creates none"),
        ),
        (401 | 403, _) => (
            Trouble::NotAuthorised,
            false,
            format!(
                "are the credentials those for the bucket `{bucket}`, and may they list, read and write it?"
            ),
        ),
        (
            400,
            "AuthorizationHeaderMalformed"
            | "PermanentRedirect"
            | "IllegalLocationConstraintException",
        )
        | (301 | 307, _) => (
            Trouble::BadAnswer,
            false,
            "set the bucket's region: `?region=` or AWS_REGION".to_owned(),
        ),
        (400, code) if code.contains("Token") || code.contains("Auth") => (
            Trouble::NotAuthorised,
            false,
            "log in again: these credentials no longer hold".to_owned(),
        ),
        (429 | 503, _) | (409, "OperationAborted") => (Trouble::Throttled, false, none()),
        (501, _) => (Trouble::Unsupported, false, none()),
        (408 | 500..600, _) => (Trouble::Unavailable, true, none()),
        _ => (Trouble::BadAnswer, false, none()),
    }
}

/// Returns what an error page calls the error, and what it says; everything else in it may repeat what was signed.
fn said(body: &[u8]) -> (String, String) {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}');
    let (code, message) = if text.trim_start().starts_with('{') {
        in_json(text)
    } else {
        in_xml(text)
    };
    (
        shortened(&code),
        shortened(message.lines().next().unwrap_or_default()),
    )
}

/// Reads `Code` and `Message` of an XML error.
fn in_xml(text: &str) -> (String, String) {
    let (mut code, mut message) = (String::new(), String::new());
    let (mut reader, mut open) = (Reader::from_str(text), Vec::new());
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => open.push(start.name().as_ref().to_owned()),
            Ok(Event::End(_)) => drop(open.pop()),
            Ok(Event::Text(found)) => {
                let target = match open.last().map(String::as_str) {
                    Some("Code") => &mut code,
                    Some("Message") => &mut message,
                    Some(_) | None => continue,
                };
                target.push_str(&found);
            }
            Ok(Event::Eof) | Err(_) => return (code, message),
            Ok(_) => {}
        }
    }
}

/// Reads a JSON error as Google, Azure and OAuth write them.
fn in_json(text: &str) -> (String, String) {
    let page: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let error = page.get("error").unwrap_or(&page);
    let word = |value: Option<&serde_json::Value>| {
        value
            .and_then(|v| v.as_str())
            .unwrap_or_default()
            .to_owned()
    };
    let code = if error.is_string() {
        word(Some(error))
    } else {
        word(error.get("status").or_else(|| error.get("code")))
    };
    let message = error
        .get("message")
        .or_else(|| page.get("error_description"));
    (code, word(message))
}

/// Shortens what a store said, and takes out what could move a terminal.
fn shortened(text: &str) -> String {
    let printable = text.trim().chars().filter(|c| !c.is_control());
    printable.take(MESSAGE_LIMIT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSED: &str = "<?xml version=\"1.0\"?><Error><Code>SignatureDoesNotMatch</Code><Message>No match.</Message>\
        <CanonicalRequest>x-amz-security-token:hush</CanonicalRequest><StringToSign>hush</StringToSign></Error>";

    fn refusal(status: u16, body: &str) -> Refusal {
        Seen::answer(Speaker::Server, status, body.as_bytes()).refusal("gate")
    }

    #[test]
    fn only_the_name_and_the_message_of_an_error_are_shown() {
        let refused = refusal(403, REFUSED);
        assert_eq!(refused.trouble, Trouble::NotAuthorised);
        assert_eq!(
            refused.text,
            "the store said 403 SignatureDoesNotMatch: No match; are the credentials those for the bucket `gate`, and may they list, read and write it?"
        );
    }

    #[test]
    fn what_a_store_says_is_sorted_by_what_to_do() {
        for (status, body, trouble) in [
            (
                404,
                "<Error><Code>NoSuchBucket</Code></Error>",
                Trouble::BadAnswer,
            ),
            (
                503,
                "<Error><Code>SlowDown</Code></Error>",
                Trouble::Throttled,
            ),
            (429, "", Trouble::Throttled),
            (500, "<html>", Trouble::Unavailable),
            (
                401,
                r#"{"error": {"status": "UNAUTHENTICATED", "message": "m"}}"#,
                Trouble::NotAuthorised,
            ),
            (
                400,
                "<Error><Code>ExpiredToken</Code></Error>",
                Trouble::NotAuthorised,
            ),
            (
                400,
                "<Error><Code>InvalidArgument</Code></Error>",
                Trouble::BadAnswer,
            ),
            (
                301,
                "<Error><Code>PermanentRedirect</Code></Error>",
                Trouble::BadAnswer,
            ),
            (
                501,
                "<Error><Code>NotImplemented</Code></Error>",
                Trouble::Unsupported,
            ),
            (200, "<html>", Trouble::BadAnswer),
        ] {
            assert_eq!(refusal(status, body).trouble, trouble, "{status} {body}");
        }
        assert!(refusal(500, "").may_be_done && !refusal(503, "").may_be_done);
    }

    #[test]
    fn a_machine_without_credentials_is_told_so() {
        let seen = Seen::answer(Speaker::Metadata, 404, b"");
        let refused = seen.refusal("gate");
        assert_eq!(refused.trouble, Trouble::NotAuthorised);
        assert!(refused.text.starts_with("there are no credentials"));
    }
}
