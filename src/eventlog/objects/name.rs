//! Names in keys: any text as letters, digits, `-`, `_` and `~`, of bounded length, so that every store, console and
//! file system takes it as it is.

use std::fmt::Write as _;

use ring::digest::{SHA256, digest};

/// What stands for an empty text.
const EMPTY: &str = "~";
/// What stands between the beginning of a long text and its digest. No encoded byte looks like it.
const DIGEST_MARK: &str = "~h";
/// The digits of the digest of a long text.
const DIGEST_DIGITS: usize = 32;

/// Encodes a text in at most `limit` bytes: what does not fit ends in a digest.
pub(super) fn encode(text: &str, limit: usize) -> String {
    if text.is_empty() {
        return EMPTY.to_owned();
    }
    let whole = escape(text, limit);
    if let Some(whole) = whole {
        return whole;
    }
    let room = limit.saturating_sub(DIGEST_MARK.len() + DIGEST_DIGITS);
    let mut encoded = String::with_capacity(limit);
    for byte in text.bytes() {
        let before = encoded.len();
        push(&mut encoded, byte);
        if encoded.len() > room {
            encoded.truncate(before);
            break;
        }
    }
    encoded + DIGEST_MARK + &fingerprint(text.as_bytes(), DIGEST_DIGITS)
}

/// Returns the text that was encoded; `None` where only its digest is left, or where it is no encoded text.
pub(super) fn decode(encoded: &str) -> Option<String> {
    if encoded == EMPTY {
        return Some(String::new());
    }
    let mut text = Vec::with_capacity(encoded.len());
    let mut bytes = encoded.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'~' => {
                let (high, low) = (upper_digit(bytes.next()?)?, upper_digit(bytes.next()?)?);
                text.push(high * 16 + low);
            }
            _ if is_plain(byte) => text.push(byte),
            _ => return None,
        }
    }
    String::from_utf8(text).ok()
}

/// Returns the first digits of the SHA-256 of some bytes.
pub(super) fn fingerprint(bytes: &[u8], digits: usize) -> String {
    let mut text = String::with_capacity(64);
    for byte in digest(&SHA256, bytes).as_ref() {
        // Writing to a string cannot fail.
        write!(text, "{byte:02x}").unwrap_or_default();
    }
    text.truncate(digits);
    text
}

/// Encodes a text as a whole, if that fits.
fn escape(text: &str, limit: usize) -> Option<String> {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        push(&mut encoded, byte);
        if encoded.len() > limit {
            return None;
        }
    }
    Some(encoded)
}

/// Adds one byte, encoded.
fn push(encoded: &mut String, byte: u8) {
    if is_plain(byte) {
        encoded.push(char::from(byte));
    } else {
        // Writing to a string cannot fail.
        write!(encoded, "~{byte:02X}").unwrap_or_default();
    }
}

/// Tells whether a byte stands for itself.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_".contains(&byte)
}

/// Returns the value of a hexadecimal digit, which is written in upper case.
fn upper_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_stays_readable_and_no_two_look_alike() {
        for (text, encoded) in [
            ("carts", "carts"),
            ("", "~"),
            ("~", "~7E"),
            ("a/b", "a~2Fb"),
            (".", "~2E"),
            ("..", "~2E~2E"),
            ("søck", "s~C3~B8ck"),
        ] {
            assert_eq!(encode(text, 100), encoded);
        }
        let (one, two) = ("x".repeat(200), format!("{}y", "x".repeat(199)));
        assert_ne!(encode(&one, 100), encode(&two, 100));
        assert_eq!(encode(&one, 100).len(), 100);
        assert_eq!(decode(&encode(&one, 100)), None);
    }

    proptest! {
        #[test]
        fn what_was_encoded_is_short_safe_and_can_be_decoded(text: String, limit in 40_usize..300) {
            let encoded = encode(&text, limit);
            prop_assert!(encoded.len() <= limit && !encoded.is_empty());
            prop_assert!(encoded.bytes().all(|b| is_plain(b) || b == b'~'));
            if let Some(decoded) = decode(&encoded) {
                prop_assert_eq!(decoded, text);
            } else {
                prop_assert!(encoded.contains(DIGEST_MARK));
            }
        }
    }
}
