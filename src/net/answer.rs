//! Answers: what a server sent, read up to a limit.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{AsHeaderName, CONTENT_TYPE, DATE, HeaderMap, RETRY_AFTER, SET_COOKIE};
use reqwest::tls::TlsInfo;
use reqwest::{Response, Version};

use super::rate_limit::RateLimitHeader;
use super::{clock, retry};

/// How much of an error page is kept.
const ERROR_PAGE_BYTES: usize = 64 * 1024;

/// How much of the headers is kept, names and values together.
const HEADER_BYTES: usize = 64 * 1024;

/// What stands between the values of headers with the same name.
const SEPARATOR: &str = ", ";

/// What a server answered, whatever its status says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Date`: the clock of the server.
    pub date: Option<Timestamp>,
    /// The other headers, by their names in lower case; values of the same name are joined by `, `. At most 64 KiB, and
    /// no cookies. As in the body, the server may echo secrets here.
    pub headers: BTreeMap<String, String>,
    /// The body, unpacked.
    pub body: Vec<u8>,
    /// How often the request was sent.
    pub attempts: u32,
    /// How long it took, all attempts and the waits between them together.
    pub elapsed: Duration,
}

impl Answer {
    /// Returns a header by its name, in whatever case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let value = self.headers.get(&name.to_ascii_lowercase());
        value.map(String::as_str)
    }
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

/// A complete answer, the server's wish for the next attempt, and how the answer came.
pub(super) struct Arrived {
    /// The answer.
    pub answer: Answer,
    /// The version of HTTP.
    pub version: Version,
    /// The certificate of the server, where there is one.
    pub certificate: Option<Vec<u8>>,
    /// How long the server asks to wait.
    pub retry_after: Option<Duration>,
}

impl Arriving {
    /// Reads the head of a response.
    pub(super) fn new(response: Response, rate_limit: &RateLimitHeader) -> Self {
        let headers = response.headers();
        let date = text(headers, &DATE).and_then(retry::http_date);
        let status = response.status().as_u16();
        let retry_after = text(headers, &RETRY_AFTER)
            .and_then(|value| retry::retry_after(value, date))
            .or_else(|| vendor_wait(headers, status, rate_limit, date));
        let answer = Answer {
            status,
            content_type: text(headers, &CONTENT_TYPE).map(str::to_owned),
            date,
            headers: kept(headers),
            body: Vec::new(),
            attempts: 1,
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
        let version = self.response.version();
        let info = self.response.extensions().get::<TlsInfo>();
        let certificate = info.and_then(TlsInfo::peer_certificate).map(<[u8]>::to_vec);
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
            version,
            certificate,
            retry_after: self.retry_after,
        })
    }
}

/// Returns a header as text.
fn text(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Returns how long a header of the vendor asks to wait. Vendors send it with every answer, so it counts only where the
/// server says that there were too many requests.
fn vendor_wait(
    headers: &HeaderMap,
    status: u16,
    rate_limit: &RateLimitHeader,
    date: Option<Timestamp>,
) -> Option<Duration> {
    let value = text(headers, rate_limit.name()?)?;
    if status != 429 {
        return None;
    }
    rate_limit.wait(value, date.unwrap_or_else(clock::now))
}

/// Returns the headers of an answer, as many of them as fit.
fn kept(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut kept: BTreeMap<String, String> = BTreeMap::new();
    let mut room = HEADER_BYTES;
    for (name, value) in headers.iter().filter(|(name, _)| **name != SET_COOKIE) {
        let size = name.as_str().len() + value.len() + SEPARATOR.len();
        let Some(rest) = room.checked_sub(size) else {
            continue;
        };
        room = rest;
        let text = String::from_utf8_lossy(value.as_bytes());
        kept.entry(name.as_str().to_owned())
            .and_modify(|joined| {
                joined.push_str(SEPARATOR);
                joined.push_str(&text);
            })
            .or_insert_with(|| text.into_owned());
    }
    kept
}
