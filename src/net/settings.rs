//! What it takes to talk to one server: plain data, built by whoever reads configuration.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use url::{Host, Url, form_urlencoded};

use super::address_policy::AddressPolicy;
use super::auth::Auth;
use super::rate_limit::RateLimitHeader;
use super::retry::RetrySettings;
use super::secret::Secret;

/// How to reach one server, and how patient to be with it.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectionSettings {
    /// The base URL: without credentials, query, fragment, or a slash at the end of its path.
    url: Url,
    /// How to prove who is asking. User and password in the URL are the start value.
    pub auth: Auth,
    /// Headers of every request, by name.
    pub headers: Vec<(String, HeaderText)>,
    /// How to check the server, and what to show it.
    pub tls: TlsSettings,
    /// How long one attempt may take, from connecting to the last byte.
    pub timeout: Duration,
    /// How often to ask again, and how long to wait before.
    pub retry: RetrySettings,
    /// Where the server says how long to wait, besides `Retry-After`.
    pub rate_limit: RateLimitHeader,
    /// How large an answer may be once it is unpacked.
    pub max_response_bytes: usize,
    /// The hosts that the credentials are for: `host`, `host:port`, or `*.domain`. Empty: any. Whoever gives out tokens
    /// is to be named, too.
    pub allowed_hosts: Vec<String>,
    /// How many requests may be under way at once.
    pub concurrency: NonZeroUsize,
    /// Which addresses may be connected to. Where not all may, no proxy is asked.
    pub addresses: AddressPolicy,
}

impl ConnectionSettings {
    /// How long one attempt may take when nothing is said.
    pub const TIMEOUT: Duration = Duration::from_secs(30);
    /// How large an answer may be when nothing is said: 8 MiB.
    pub const MAX_RESPONSE_BYTES: usize = 8 * 1024 * 1024;
    /// How many requests are under way at once when nothing is said.
    pub const CONCURRENCY: NonZeroUsize = NonZeroUsize::MIN.saturating_add(15);

    /// Reads a base URL and takes the defaults for everything else.
    ///
    /// A URL without a scheme is `https`, as in Keptn, also for `localhost:9090`. White space is dropped, as in Keptn.
    /// User and password in the URL become basic authentication and are shown nowhere.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let mut url = parse_url(text)?;
        if url.query().is_some() {
            return Err(UrlError::Tail { mark: '?' });
        }
        if url.fragment().is_some() {
            return Err(UrlError::Tail { mark: '#' });
        }
        let auth = take_userinfo(&mut url);
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self {
            url,
            auth,
            headers: Vec::new(),
            tls: TlsSettings::default(),
            timeout: Self::TIMEOUT,
            retry: RetrySettings::default(),
            rate_limit: RateLimitHeader::None,
            max_response_bytes: Self::MAX_RESPONSE_BYTES,
            allowed_hosts: Vec::new(),
            concurrency: Self::CONCURRENCY,
            addresses: AddressPolicy::default(),
        })
    }

    /// Returns the base URL, which has no credentials in it.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Returns the base URL as it may be shown.
    #[must_use]
    pub fn redacted_url(&self) -> String {
        self.url.as_str().trim_end_matches('/').to_owned()
    }

    /// Returns `host:port` of the server.
    #[must_use]
    pub fn host(&self) -> String {
        host_and_port(&self.url)
    }

    /// Tells whether anything in the settings proves who is asking.
    pub fn has_credentials(&self) -> bool {
        let secret_header = |(_, text): &(String, HeaderText)| match text {
            HeaderText::Plain(_) => false,
            HeaderText::Secret(_) => true,
        };
        self.auth != Auth::None
            || self.tls.cert_file.is_some()
            || self.headers.iter().any(secret_header)
    }

    /// Returns the first server that would get credentials but must not: the server itself, or the one that gives out
    /// tokens.
    pub(super) fn stranger(&self) -> Option<String> {
        let token_url = match &self.auth {
            Auth::OAuth2(client) => Some(client.token_url.url()),
            Auth::None | Auth::Basic { .. } | Auth::Bearer(_) => None,
            Auth::Header { .. } | Auth::QueryParameter { .. } | Auth::SigV4(_) => None,
        };
        let own = Some(&self.url).filter(|_| self.has_credentials());
        let mut concerned = own.into_iter().chain(token_url);
        let stranger = concerned.find(|url| !self.is_allowed(url));
        stranger.map(host_and_port)
    }

    /// Tells whether credentials may go to the server of a URL.
    fn is_allowed(&self, url: &Url) -> bool {
        let (name, full) = (url.host_str().unwrap_or_default(), host_and_port(url));
        self.allowed_hosts.is_empty()
            || self.allowed_hosts.iter().any(|allowed| {
                let allowed = allowed.to_ascii_lowercase();
                match allowed.strip_prefix('*') {
                    Some(domain) => domain.starts_with('.') && name.ends_with(domain),
                    None => allowed == name || allowed == full,
                }
            })
    }
}

/// The value of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderText {
    /// May be shown.
    Plain(String),
    /// Must not be shown.
    Secret(Secret),
}

/// How to check the server, and what to show it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsSettings {
    /// Certificates (PEM) to trust besides those of the operating system.
    pub ca_file: Option<PathBuf>,
    /// The client's certificate chain (PEM), with the key in the same file where `key_file` is unset.
    pub cert_file: Option<PathBuf>,
    /// The client's private key (PEM).
    pub key_file: Option<PathBuf>,
    /// Accepts any certificate, which lets anyone in between read and change everything.
    pub insecure_skip_verify: bool,
}

impl TlsSettings {
    /// Tells whether the certificate of the server is checked.
    pub(super) fn checks(&self) -> Checks {
        if self.insecure_skip_verify {
            Checks::Skipped
        } else {
            Checks::Done
        }
    }
}

/// Whether the certificate of the server is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Checks {
    /// It is.
    Done,
    /// Any certificate will do.
    Skipped,
}

/// A base URL cannot be used. The text itself is never shown: it may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// There is no text.
    #[error("the URL is empty")]
    Empty,
    /// The text is no URL.
    #[error("the URL cannot be read")]
    Malformed(#[source] url::ParseError),
    /// The scheme is another one.
    #[error("the URL starts with `{scheme}://`, which is neither `http://` nor `https://`")]
    Scheme {
        /// The scheme.
        scheme: String,
    },
    /// The URL has a user or a password in it where it must not.
    #[error("the URL has a user or a password in it, which belong into the settings")]
    Userinfo,
    /// Something follows the path.
    #[error("the URL must end with its path, but has a `{mark}` behind it")]
    Tail {
        /// `?` or `#`.
        mark: char,
    },
}

/// Tells whether the server of a URL runs on this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Returns `host:port` of a URL.
pub(super) fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// Reads the text of a URL, which is `https` unless it says otherwise.
pub(super) fn parse_url(text: &str) -> Result<Url, UrlError> {
    let text: String = text.split_whitespace().collect();
    if text.is_empty() {
        return Err(UrlError::Empty);
    }
    let text = if text.contains("://") {
        text
    } else {
        format!("https://{text}")
    };
    let url = Url::parse(&text).map_err(UrlError::Malformed)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(UrlError::Scheme {
            scheme: url.scheme().to_owned(),
        });
    }
    Ok(url)
}

/// Takes user and password out of a URL. Neither call can fail: the URL has a host.
fn take_userinfo(url: &mut Url) -> Auth {
    let user = percent_decode(url.username());
    let password = url.password().map(percent_decode);
    let cleared = url.set_username("").and_then(|()| url.set_password(None));
    match (cleared, password) {
        (Ok(()), Some(password)) => Auth::Basic {
            user,
            password: Secret::new(password),
        },
        (Ok(()), None) if !user.is_empty() => Auth::Basic {
            user,
            password: Secret::new(""),
        },
        (Ok(()), None) | (Err(()), _) => Auth::None,
    }
}

/// Decodes `%41` to `A`. A `+` stays a plus: it is a space in forms only, and Keptn's passwords suffer from the mix.
pub(super) fn percent_decode(text: &str) -> String {
    let text = text.replace('+', "%2B").replace('&', "%26");
    form_urlencoded::parse(format!("={text}").as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{ClientCredentials, SigningKey, TokenUrl};

    #[test]
    fn userinfo_becomes_basic_authentication_and_is_shown_nowhere() {
        let settings =
            ConnectionSettings::parse("https://ann:p%40s+s%20&=w@example.org/prometheus/").unwrap();
        assert_eq!(
            settings.auth,
            Auth::Basic {
                user: "ann".to_owned(),
                password: Secret::new("p@s+s &=w")
            }
        );
        assert_eq!(settings.redacted_url(), "https://example.org/prometheus");
        assert!(!format!("{settings:?}").contains("p%40s"));
        assert!(!format!("{settings:?}").contains("p@s"));
    }

    #[test]
    fn a_url_without_a_scheme_is_https() {
        for (text, url) in [
            ("localhost:9090", "https://localhost:9090"),
            (" prom.example.org /x ", "https://prom.example.org/x"),
            ("http://h", "http://h"),
        ] {
            assert_eq!(ConnectionSettings::parse(text).unwrap().redacted_url(), url);
        }
    }

    #[test]
    fn what_is_no_base_url_is_refused_without_repeating_it() {
        for (text, message) in [
            ("", "the URL is empty"),
            ("http://", "the URL cannot be read"),
            (
                "ftp://ann:secret@h",
                "the URL starts with `ftp://`, which is neither `http://` nor `https://`",
            ),
            (
                "http://h/?token=secret",
                "the URL must end with its path, but has a `?` behind it",
            ),
            (
                "http://h#secret",
                "the URL must end with its path, but has a `#` behind it",
            ),
        ] {
            let error = ConnectionSettings::parse(text).unwrap_err();
            assert_eq!(error.to_string(), message);
            assert!(!format!("{error:?}").contains("secret"));
        }
    }

    #[test]
    fn hosts_are_allowed_by_name_by_port_and_by_domain() {
        let mut settings = ConnectionSettings::parse("https://prom.example.org").unwrap();
        for (allowed, expected) in [
            ("prom.example.org", true),
            ("PROM.example.org", true),
            ("prom.example.org:443", true),
            ("prom.example.org:9090", false),
            ("*.example.org", true),
            ("*example.org", false),
            ("example.org", false),
        ] {
            settings.allowed_hosts = vec![allowed.to_owned()];
            assert_eq!(settings.is_allowed(&settings.url), expected, "{allowed}");
        }
    }

    #[test]
    fn every_kind_of_credentials_is_for_the_allowed_hosts_only() {
        let (mut settings, secret) = (
            ConnectionSettings::parse("https://evil.example.org").unwrap(),
            || Secret::new("hush"),
        );
        settings.allowed_hosts = vec!["prom.example.org".to_owned()];
        assert_eq!(settings.stranger(), None);
        let token_url = TokenUrl::parse("https://sso.example.org/token").unwrap();
        let key = SigningKey {
            service: "aps".to_owned(),
            region: "eu-central-1".to_owned(),
            access_key_id: "AKID".to_owned(),
            secret_access_key: secret(),
            session_token: None,
        };
        for auth in [
            Auth::Basic {
                user: "ann".to_owned(),
                password: secret(),
            },
            Auth::Bearer(secret()),
            Auth::Header {
                name: "X-Key".to_owned(),
                scheme: None,
                value: secret(),
            },
            Auth::QueryParameter {
                name: "key".to_owned(),
                value: secret(),
            },
            Auth::OAuth2(Box::new(ClientCredentials::new(token_url, "me", secret()))),
            Auth::SigV4(key),
        ] {
            settings.auth = auth;
            let expected = Some("evil.example.org:443".to_owned());
            assert_eq!(settings.stranger(), expected, "{:?}", settings.auth);
        }
    }

    #[test]
    fn whoever_gives_out_tokens_is_to_be_allowed_too() {
        let mut settings = ConnectionSettings::parse("https://api.example.org").unwrap();
        let token_url = TokenUrl::parse("https://sso.example.org/token").unwrap();
        let client = ClientCredentials::new(token_url, "me", Secret::new("hush"));
        settings.auth = Auth::OAuth2(Box::new(client));
        settings.allowed_hosts = vec!["api.example.org".to_owned()];
        assert_eq!(settings.stranger(), Some("sso.example.org:443".to_owned()));
        settings.allowed_hosts.push("sso.example.org".to_owned());
        assert_eq!(settings.stranger(), None);
    }

    #[test]
    fn loopback_is_told_by_name_and_by_address() {
        for (url, expected) in [
            ("http://localhost", true),
            ("http://a.localhost", true),
            ("http://127.8.9.1:1", true),
            ("http://[::1]", true),
            ("http://10.0.0.1", false),
            ("http://localhost.example.org", false),
        ] {
            let settings = ConnectionSettings::parse(url).unwrap();
            assert_eq!(is_loopback(settings.url()), expected, "{url}");
        }
    }
}
