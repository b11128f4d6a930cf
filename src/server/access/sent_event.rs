//! The event that a request sends: read in one way by whoever checks what it may do, and by whoever does it.

use axum::http::HeaderMap;

use crate::control::{DecodeError, decode};
use crate::gate::event::CloudEvent;

/// Reads the event of a request, in either mode of `CloudEvents`.
pub fn sent_event(headers: &HeaderMap, body: &[u8]) -> Result<CloudEvent, DecodeError> {
    let texts = headers.iter().filter_map(|(name, value)| {
        let value = value.to_str().ok()?;
        Some((name.as_str().to_owned(), value.to_owned()))
    });
    let headers: Vec<(String, String)> = texts.collect();
    decode(&headers, body)
}
