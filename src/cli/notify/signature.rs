//! The signature of a message, by which whoever gets it can tell that it is ours, and not an old one.

use std::fmt::Write as _;

use jiff::Timestamp;
use ring::hmac;

use crate::net::Secret;

/// The header with the time of sending, in seconds since 1970.
pub const TIMESTAMP: &str = "X-Tidegate-Timestamp";
/// The header with the signature.
pub const SIGNATURE: &str = "X-Tidegate-Signature";

/// Returns the headers: the time, and `sha256=` with the HMAC of the time, a dot, and the body.
pub fn headers(secret: &Secret, now: Timestamp, body: &str) -> Vec<(String, String)> {
    let time = now.as_second().to_string();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
    let tag = hmac::sign(&key, format!("{time}.{body}").as_bytes());
    let hexadecimal = tag.as_ref().iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        write!(text, "{byte:02x}").unwrap_or_default();
        text
    });
    vec![
        (TIMESTAMP.to_owned(), time),
        (SIGNATURE.to_owned(), format!("sha256={hexadecimal}")),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_what_openssl_and_python_say() {
        // printf '1706781900.{"a":1}' | openssl dgst -sha256 -hmac key
        let now = "2024-02-01T10:05:00Z".parse().unwrap();
        let headers = headers(&Secret::new("key"), now, r#"{"a":1}"#);
        assert_eq!(headers[0], (TIMESTAMP.to_owned(), "1706781900".to_owned()));
        assert_eq!(
            headers[1].1,
            "sha256=dd18bbaab0e4bbdbf637c0c3a1eb2d51f5e00bf526f526b2e6ee685eb5642a5a"
        );
    }
}
