//! Settings of a Dynatrace: its environment API, and the platform behind it.

use std::time::Duration;

use crate::net::{ConnectionSettings, RateLimitHeader, UrlError};

/// How to ask a Dynatrace. At least one of the two is set.
#[derive(Clone, Debug, PartialEq)]
pub struct DynatraceSettings {
    /// How to reach the environment API, which knows metrics, SLOs, problems, and user sessions, with an API token.
    pub environment: Option<ConnectionSettings>,
    /// How to reach the platform, which knows DQL, with a platform token or an `OAuth` client.
    pub platform: Option<ConnectionSettings>,
}

/// What the two hosts of an environment end with.
const ENVIRONMENT_HOST: &str = ".live.dynatrace.com";
/// The host of the platform.
const PLATFORM_HOST: &str = ".apps.dynatrace.com";

impl DynatraceSettings {
    /// The longest wait that Dynatrace may ask for.
    pub const LONGEST_WAIT: Duration = Duration::from_secs(60);

    /// Where Dynatrace gives out tokens.
    pub const TOKEN_URL: &'static str = "https://sso.dynatrace.com/sso/oauth2/token";

    /// What a token is to be good for where nobody says: reading metrics and logs.
    pub const SCOPE: &'static str = "storage:buckets:read storage:metrics:read storage:logs:read";

    /// Reads the URL of an environment, as `DT_TENANT` has it too: white space and a slash at the end are dropped, and
    /// it is `https` where it says nothing. The path of a managed cluster, `/e/ID`, is kept.
    pub fn environment(url: &str) -> Result<ConnectionSettings, UrlError> {
        let url = url.trim();
        let moved = other_host(url, PLATFORM_HOST, ENVIRONMENT_HOST);
        connection(moved.as_deref().unwrap_or(url))
    }

    /// Reads the URL of the platform.
    pub fn platform(url: &str) -> Result<ConnectionSettings, UrlError> {
        connection(url)
    }

    /// Returns the URL of the platform of an environment, where it can be told: for `SaaS` it can.
    #[must_use]
    pub fn platform_of(environment: &str) -> Option<String> {
        let environment = environment.trim();
        if environment.contains(PLATFORM_HOST) {
            return Some(environment.to_owned());
        }
        other_host(environment, ENVIRONMENT_HOST, PLATFORM_HOST)
    }

    /// Returns the id of an environment, where its URL tells it: `abc12345` of `https://abc12345.live.dynatrace.com`.
    #[must_use]
    pub fn id_of(url: &str) -> Option<String> {
        let host = url.trim().split("://").last()?.split('/').next()?;
        let id = [ENVIRONMENT_HOST, PLATFORM_HOST]
            .into_iter()
            .find_map(|end| host.strip_suffix(end))?;
        (!id.is_empty()).then(|| id.to_owned())
    }

    /// Returns the public part of an `OAuth` client secret (`dt0s02.ID.SECRET`), which is the client's id.
    #[must_use]
    pub fn client_of(secret: &str) -> Option<String> {
        let mut parts = secret.split('.');
        let (kind, id) = (parts.next()?, parts.next()?);
        let is_complete = parts.next().is_some_and(|part| !part.is_empty());
        (is_complete && kind.starts_with("dt0s")).then(|| format!("{kind}.{id}"))
    }
}

/// Tells whether a text has the form of an API token: `dt0c01.` and 24 public characters, a dot, 64 secret ones.
#[must_use]
pub fn looks_like_token(text: &str) -> bool {
    let is_part = |part: &str, length: usize| {
        part.len() == length
            && part
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    let parts: Vec<&str> = text.trim().split('.').collect();
    match parts.as_slice() {
        [kind, public, secret] => !kind.is_empty() && is_part(public, 24) && is_part(secret, 64),
        _ => false,
    }
}

/// Reads a URL, and takes the waits that Dynatrace may ask for.
fn connection(url: &str) -> Result<ConnectionSettings, UrlError> {
    let mut settings = ConnectionSettings::parse(url)?;
    settings.rate_limit = RateLimitHeader::EpochMicroseconds("X-RateLimit-Reset".to_owned());
    settings.retry.max = DynatraceSettings::LONGEST_WAIT;
    Ok(settings)
}

/// Replaces the end of the host of a URL.
fn other_host(url: &str, from: &str, to: &str) -> Option<String> {
    let (before, after) = url.split_once(from)?;
    let is_host = after.is_empty() || after.starts_with(['/', ':']);
    is_host.then(|| format!("{before}{to}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_of_a_tenant_is_read_as_keptn_does_and_a_path_is_kept() {
        for (text, url) in [
            (
                "abc12345.live.dynatrace.com/",
                "https://abc12345.live.dynatrace.com",
            ),
            (
                " https://abc12345.live.dynatrace.com ",
                "https://abc12345.live.dynatrace.com",
            ),
            (
                "https://abc12345.apps.dynatrace.com",
                "https://abc12345.live.dynatrace.com",
            ),
            (
                "https://dt.example.org/e/1234-5678/",
                "https://dt.example.org/e/1234-5678",
            ),
            ("http://localhost:8080", "http://localhost:8080"),
        ] {
            let settings = DynatraceSettings::environment(text).unwrap();
            assert_eq!(settings.redacted_url(), url);
        }
    }

    #[test]
    fn the_platform_of_an_environment_is_known_for_saas() {
        let platform = |url| DynatraceSettings::platform_of(url);
        let expected = Some("https://abc12345.apps.dynatrace.com".to_owned());
        assert_eq!(platform("https://abc12345.live.dynatrace.com"), expected);
        assert_eq!(platform("https://abc12345.apps.dynatrace.com"), expected);
        assert_eq!(platform("https://dt.example.org/e/1234"), None);
        let id = DynatraceSettings::id_of("https://abc12345.live.dynatrace.com/");
        assert_eq!(id.as_deref(), Some("abc12345"));
        assert_eq!(
            DynatraceSettings::id_of("https://dt.example.org/e/1234"),
            None
        );
    }

    #[test]
    fn the_id_of_a_client_stands_in_its_secret() {
        let client = |secret| DynatraceSettings::client_of(secret);
        assert_eq!(client("dt0s02.ABC.SECRET"), Some("dt0s02.ABC".to_owned()));
        assert_eq!(client("dt0s08.ABC.SECRET"), Some("dt0s08.ABC".to_owned()));
        assert_eq!(client("dt0s02.ABC"), None);
        assert_eq!(client("hush.ABC.SECRET"), None);
    }

    #[test]
    fn a_token_has_three_parts() {
        let token = format!("dt0c01.{}.{}", "A1".repeat(12), "B2".repeat(32));
        assert!(looks_like_token(&token));
        for other in [
            "",
            "dt0c01",
            "abc",
            &token.to_lowercase(),
            &format!("{token}X"),
        ] {
            assert!(!looks_like_token(other), "{other}");
        }
    }
}
