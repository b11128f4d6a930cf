//! The headers of every request to a server: those of the settings, and the credentials that never change.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

use super::auth::Auth;
use super::client::BuildError;
use super::settings::{ConnectionSettings, HeaderText};

/// Returns the headers of every request.
pub(super) fn of(settings: &ConnectionSettings) -> Result<HeaderMap, BuildError> {
    let mut headers = HeaderMap::new();
    let authorization = AUTHORIZATION.as_str();
    match &settings.auth {
        Auth::None => {}
        Auth::Basic { user, password } => {
            let pair = STANDARD.encode(format!("{user}:{}", password.expose()));
            insert(&mut headers, authorization, &format!("Basic {pair}"))?;
        }
        Auth::Bearer(token) => {
            let text = format!("Bearer {}", token.expose().trim());
            insert(&mut headers, authorization, &text)?;
        }
        Auth::Header {
            name,
            scheme,
            value,
        } => {
            let value = value.expose().trim();
            let text = match scheme {
                Some(scheme) => format!("{} {value}", scheme.trim()),
                None => value.to_owned(),
            };
            insert(&mut headers, name, &text)?;
        }
        // These depend on the request, or on the time.
        Auth::QueryParameter { .. } | Auth::OAuth2(_) | Auth::SigV4(_) => {}
    }
    for (name, text) in &settings.headers {
        match text {
            HeaderText::Plain(text) => {
                headers.insert(parsed(name)?, value(name, text)?);
            }
            HeaderText::Secret(secret) => insert(&mut headers, name, secret.expose().trim())?,
        }
    }
    Ok(headers)
}

/// Inserts a header that must not be logged.
fn insert(headers: &mut HeaderMap, name: &str, text: &str) -> Result<(), BuildError> {
    let mut value = value(name, text)?;
    value.set_sensitive(true);
    headers.insert(parsed(name)?, value);
    Ok(())
}

/// Returns the name of a header.
fn parsed(name: &str) -> Result<HeaderName, BuildError> {
    name.parse().ok().ok_or_else(|| bad_header(name))
}

/// Returns the value of a header that may be logged.
fn value(name: &str, text: &str) -> Result<HeaderValue, BuildError> {
    HeaderValue::from_str(text)
        .ok()
        .ok_or_else(|| bad_header(name))
}

/// Says that a header cannot be sent.
fn bad_header(name: &str) -> BuildError {
    BuildError::Header {
        name: name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Secret;

    #[test]
    fn a_header_that_cannot_be_sent_is_named_without_its_value() {
        let mut settings = ConnectionSettings::parse("http://h").unwrap();
        for (name, text) in [("X-Key", "token\n1234"), ("X Key", "token-1234")] {
            settings.auth = Auth::None;
            let text = Secret::new(text);
            settings.headers = vec![(name.to_owned(), HeaderText::Secret(text.clone()))];
            let in_headers = of(&settings).unwrap_err();
            settings.headers = Vec::new();
            settings.auth = Auth::Header {
                name: name.to_owned(),
                scheme: None,
                value: text,
            };
            for error in [in_headers, of(&settings).unwrap_err()] {
                assert!(!format!("{error} {error:?}").contains("token"));
                assert!(error.to_string().contains(name));
            }
        }
    }

    #[test]
    fn a_key_stands_alone_in_its_header_or_behind_the_word_of_the_vendor() {
        let mut settings = ConnectionSettings::parse("http://h").unwrap();
        for (scheme, expected) in [
            (None, "key-1234"),
            (Some("Api-Token"), "Api-Token key-1234"),
        ] {
            settings.auth = Auth::Header {
                name: "X-Key".to_owned(),
                scheme: scheme.map(str::to_owned),
                value: Secret::new("key-1234\n"),
            };
            let headers = of(&settings).unwrap();
            assert_eq!(headers["x-key"], expected);
            assert!(headers["x-key"].is_sensitive());
        }
    }
}
