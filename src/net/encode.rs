//! Percent-encoding as RFC 3986 and AWS want it: all but letters, digits, and `-._~`.

use std::fmt::Write as _;

/// Encodes a value for a query or for one segment of a path: nothing in it can end the value or start another one.
#[must_use]
pub fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            write!(encoded, "%{byte:02X}").unwrap_or_default();
        }
    }
    encoded
}

/// Returns parameters as the query of a URL.
pub(super) fn query(parameters: &[(String, String)]) -> String {
    let pairs: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{}={}", percent_encode(name), percent_encode(value)))
        .collect();
    pairs.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_means_nothing_in_a_url_stays_as_it_is() {
        assert_eq!(percent_encode("aZ09-._~"), "aZ09-._~");
        assert_eq!(
            percent_encode("a b+c&d=e/f?g#h%i*ü\"\n"),
            "a%20b%2Bc%26d%3De%2Ff%3Fg%23h%25i%2A%C3%BC%22%0A"
        );
    }

    #[test]
    fn a_value_cannot_become_a_second_parameter() {
        let parameters = [
            ("query".to_owned(), "up&time=0".to_owned()),
            ("a=b".to_owned(), String::new()),
        ];
        assert_eq!(query(&parameters), "query=up%26time%3D0&a%3Db=");
    }
}
