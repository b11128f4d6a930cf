//! Answers: what a server sent, read up to a limit.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, RETRY_AFTER};

use super::retry;

/// How much of an error page is kept.
const ERROR_PAGE_BYTES: usize = 64 * 1024;

/// What a server answered, whatever its status says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Date`: the clock of the server.
    pub date: Option<Timestamp>,
    /// The body, unpacked.
    pub body: Vec<u8>,
    /// How often the request was sent.
    pub attempts: u32,
    /// How long it took, all attempts and the waits between them together.
    pub elapsed: Duration,
}

/// An answer whose body is still on its way.
pub(super) struct Arriving {
    /// The answer so far.
    answer: Answer,
    /// How long the server asks to wait.
    retry_after: Option<Duration>,
    /// The rest.
    response: Response,
}

/// A body could not be read.
pub(super) enum BodyError {
    /// It is larger than the limit.
    TooLarge,
    /// The connection broke, or the body cannot be unpacked.
    Broken(reqwest::Error),
}

/// A complete answer, and the server's wish for the next attempt.
pub(super) struct Arrived {
    /// The answer.
    pub answer: Answer,
    /// How long the server asks to wait.
    pub retry_after: Option<Duration>,
}

impl Arriving {
    /// Reads the head of a response.
    pub(super) fn new(response: Response) -> Self {
        let headers = response.headers();
        let date = text(headers, &DATE).and_then(retry::http_date);
        let retry_after =
            text(headers, &RETRY_AFTER).and_then(|value| retry::retry_after(value, date));
        let answer = Answer {
            status: response.status().as_u16(),
            content_type: text(headers, &CONTENT_TYPE).map(str::to_owned),
            date,
            body: Vec::new(),
            attempts: 0,
            elapsed: Duration::ZERO,
        };
        Self {
            answer,
            retry_after,
            response,
        }
    }

    /// Reads the body, at most `limit` bytes of it. Of an error page the beginning is enough.
    pub(super) async fn complete(mut self, limit: usize) -> Result<Arrived, BodyError> {
        let is_error = !self.response.status().is_success();
        let limit = if is_error {
            limit.min(ERROR_PAGE_BYTES)
        } else {
            limit
        };
        let body = &mut self.answer.body;
        while let Some(chunk) = self.response.chunk().await.map_err(BodyError::Broken)? {
            let room = limit.saturating_sub(body.len());
            if let Some(head) = chunk.get(..room).filter(|_| chunk.len() > room) {
                if !is_error {
                    return Err(BodyError::TooLarge);
                }
                body.extend_from_slice(head);
                break;
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Arrived {
            answer: self.answer,
            retry_after: self.retry_after,
        })
    }
}

/// Returns a header as text.
fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
