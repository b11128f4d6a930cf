//! Sends one message to one webhook. Of its URL, which is a secret, nothing is ever shown but the host.

#![expect(
    clippy::disallowed_methods,
    reason = "the URL and the secret may stand in files of their own"
)]

use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use super::addressee::Addressee;
use super::signature;
use crate::config::SecretPlace;
use crate::net::{
    Answer, Body, BuildError, ConnectionSettings, HeaderText, HttpClient, Method, Outgoing,
    Patience, Place, Repeat, RetrySettings, Secret, SendFailure,
};
use crate::report::printable;

/// How often a message is sent where the server is busy.
const ATTEMPTS: u32 = 3;
/// The wait before the second attempt.
const PAUSE: Duration = Duration::from_millis(500);
/// The longest wait. Where the server asks for more, it is not told.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How much of an answer is shown.
const EXCERPT: usize = 100;
/// The shortest part of a URL that must not be shown.
const TELLING: usize = 5;

/// A webhook, ready to be told.
struct Webhook {
    /// Its URL.
    url: Url,
    /// The connection to its server.
    client: HttpClient,
    /// Its host, as it is shown.
    host: String,
}

/// Sends a message; returns the host that took it, or why it was not told.
pub async fn deliver(
    addressee: &Addressee,
    body: String,
    now: Timestamp,
    limit: Duration,
) -> Result<String, String> {
    let webhook = webhook(addressee, limit)?;
    let mut request = Outgoing {
        place: Place::Link(link(&webhook.url)),
        ..Outgoing::new(Method::POST, "")
    };
    let settings = &addressee.settings;
    if settings.is_signed {
        let place = settings.secret.as_ref();
        let place = place.ok_or("its `secret` is not set, and unsigned it is not told")?;
        let secret = read(place, "secret")?;
        request.headers = signature::headers(&secret, now, &body);
    }
    request.body = Body::Raw {
        content_type: "application/json".to_owned(),
        bytes: body.into_bytes(),
    };
    let sending = webhook
        .client
        .request(Repeat::Carefully, Patience::default(), &request);
    let host = webhook.host.clone();
    let answer = match tokio::time::timeout(limit, sending).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return Err(trouble(&error.failure, &host)),
        Err(_) => {
            return Err(format!(
                "{host} did not answer within {} s",
                limit.as_secs()
            ));
        }
    };
    if (200..300).contains(&answer.status) {
        return Ok(host);
    }
    let status = answer.status;
    Err(format!(
        "{host} answered {status}{}",
        excerpt(&answer, &webhook.url)
    ))
}

/// Gets a webhook ready.
fn webhook(addressee: &Addressee, limit: Duration) -> Result<Webhook, String> {
    let settings = &addressee.settings;
    let place = settings.url.as_ref();
    let text = read(place.ok_or_else(|| addressee.lacking.clone())?, "url")?;
    let url = Url::parse(text.expose().trim()).map_err(|_shows_it| "its URL is none".to_owned())?;
    if !matches!(url.scheme(), "https" | "http") || !url.has_host() {
        return Err("its URL does not begin with https:// or http://".to_owned());
    }
    let mut base = url.clone();
    base.set_path("");
    base.set_query(None);
    base.set_fragment(None);
    let connection = ConnectionSettings::parse(base.as_str());
    let mut connection = connection.map_err(|_shows_it| "its URL can't be used".to_owned())?;
    let headers = settings.headers.iter();
    connection.headers = headers
        .map(|(name, value)| (name.clone(), HeaderText::Secret(value.clone())))
        .collect();
    connection.tls = settings.tls.clone();
    connection.timeout = limit;
    connection.retry = RetrySettings {
        attempts: ATTEMPTS,
        base: PAUSE,
        max: LONGEST_PAUSE,
        seed: connection.retry.seed,
    };
    let host = connection.host();
    let client = HttpClient::new(&connection).map_err(|error| unbuilt(&error))?;
    Ok(Webhook { url, client, host })
}

/// Says why a connection can't be made.
fn unbuilt(error: &BuildError) -> String {
    match error {
        BuildError::Header { .. }
        | BuildError::Tls(_)
        | BuildError::Denied(_)
        | BuildError::HostNotAllowed { .. } => printable(&error.to_string()),
        BuildError::Library(_) => "the connection can't be set up".to_owned(),
    }
}

/// Returns path and query of a URL.
fn link(url: &Url) -> String {
    let query = url
        .query()
        .map_or_else(String::new, |query| format!("?{query}"));
    // Two slashes at the start would be another host.
    let path = url.path().trim_start_matches('/');
    format!("/{path}{query}")
}

/// Reads a secret.
fn read(place: &SecretPlace, what: &str) -> Result<Secret, String> {
    match place {
        SecretPlace::Text(secret) => Ok(secret.clone()),
        SecretPlace::File(path) => match std::fs::read_to_string(path) {
            Ok(text) => Ok(Secret::new(text.trim())),
            Err(error) => {
                let path = path.display().to_string();
                let path = printable(&path);
                Err(format!(
                    "the file with its {what}, {path}, can't be read: {error}"
                ))
            }
        },
    }
}

/// Says what went wrong on the way. A redirect, or a refusal of the library, would show a part of the URL.
fn trouble(failure: &SendFailure, host: &str) -> String {
    match failure {
        SendFailure::Redirected { .. } => {
            format!("{host} sends it elsewhere: is the URL right?")
        }
        SendFailure::Unsendable { .. } | SendFailure::Request { .. } => {
            "its URL or its headers can't be used".to_owned()
        }
        SendFailure::Dns { .. }
        | SendFailure::Connect { .. }
        | SendFailure::Tls { .. }
        | SendFailure::Timeout { .. }
        | SendFailure::Broken { .. }
        | SendFailure::TooLarge { .. }
        | SendFailure::Denied { .. }
        | SendFailure::Token { .. } => printable(&failure.to_string()),
    }
}

/// Returns what the server says, where it is a few plain words and holds no part of the URL: `: invalid_payload`.
fn excerpt(answer: &Answer, url: &Url) -> String {
    let text = String::from_utf8_lossy(&answer.body);
    let text = text.trim();
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.' | ',');
    let is_plain = !text.is_empty() && text.len() <= EXCERPT && text.chars().all(is_word);
    let all = url.as_str();
    let mut parts = all.split(|c: char| !c.is_ascii_alphanumeric());
    let tells = parts.any(|part| part.len() >= TELLING && text.contains(part));
    if is_plain && !tells {
        format!(": {text}")
    } else {
        String::new()
    }
}
