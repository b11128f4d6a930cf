//! Bodies of requests, read without telling back what they hold: some of it is secret.

use axum::body::Bytes;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::de::DeserializeOwned;

use crate::server::problem::Problem;

/// Reads a body, whatever its type is said to be.
pub fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| Problem::bad_request(explain(&error)))
}

/// Decodes a text in base64, which may be broken into lines.
pub fn decode_base64(what: &str, text: &str) -> Result<Vec<u8>, Problem> {
    let packed: Vec<u8> = text
        .bytes()
        .filter(|byte| !matches!(byte, b'\r' | b'\n'))
        .collect();
    let decoded = BASE64_STANDARD.decode(packed);
    decoded.map_err(|_malformed| Problem::bad_request(format!("{what} is not in base64")))
}

/// Says where a body is not as expected. Only names of members are told.
fn explain(error: &serde_json::Error) -> String {
    let whole = error.to_string();
    let place = format!("line {} column {}", error.line(), error.column());
    if whole.starts_with("unknown field") || whole.starts_with("missing field") {
        format!("Invalid request format: {whole}")
    } else if error.is_data() {
        format!("Invalid request format: a member has a value of the wrong kind at {place}")
    } else {
        format!("Invalid request format: the body is no JSON at {place}")
    }
}
