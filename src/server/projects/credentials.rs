//! The upstream repository of a project, as it comes in (controlplane.md 1.3).

use axum::http::StatusCode;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use url::{Host, Url};

use crate::net::Secret;
use crate::server::configuration::{Upstream, UpstreamPlace, UpstreamProxy, UpstreamSecrets};
use crate::server::problem::Problem;

/// The most bytes of a URL.
const MOST_URL: usize = 2048;

/// What opens the upstream repository. It has no `Debug`: it holds secrets.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GitCredentials {
    /// Where the repository is.
    #[serde(rename = "remoteURL", default)]
    remote_url: String,
    /// The user.
    #[serde(default)]
    user: String,
    /// For HTTP.
    https: Option<Https>,
    /// For SSH.
    ssh: Option<Ssh>,
}

/// How HTTP is spoken.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Https {
    /// The token.
    #[serde(default)]
    token: String,
    /// The certificate of its authority: PEM in base64.
    #[serde(default)]
    certificate: String,
    /// Whether any certificate will do.
    #[serde(rename = "insecureSkipTLS", default)]
    insecure_skip_tls: bool,
    /// The proxy on the way.
    proxy: Option<Proxy>,
}

/// A proxy on the way.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Proxy {
    /// `host:port`
    url: String,
    /// `http` or `https`.
    scheme: String,
    /// The user.
    #[serde(default)]
    user: String,
    /// The password.
    #[serde(default)]
    password: String,
}

/// How SSH is spoken.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ssh {
    /// The key, in base64.
    #[serde(rename = "privateKey", default)]
    private_key: String,
    /// What opens the key.
    #[serde(rename = "privateKeyPass", default)]
    private_key_pass: String,
}

impl GitCredentials {
    /// Checks them; nothing is asked yet.
    pub fn check(self, denied: &[String]) -> Result<Upstream, Problem> {
        let url = check_url(&self.remote_url, denied)?;
        let mut upstream = Upstream {
            place: UpstreamPlace {
                url: self.remote_url,
                user: line("user", self.user)?,
                ..UpstreamPlace::default()
            },
            secrets: UpstreamSecrets::default(),
        };
        match (self.https, self.ssh, url.scheme()) {
            (Some(https), None, "http" | "https") => https.apply(&mut upstream)?,
            (None, Some(ssh), "ssh") => ssh.apply(&mut upstream)?,
            (Some(_), Some(_), _) => {
                return refuse(
                    "gitCredentials has both `https` and `ssh`: keep the one that remoteURL speaks",
                );
            }
            (None, None, _) => {
                return refuse(
                    "gitCredentials needs `https` with a token, or `ssh` with a private key",
                );
            }
            (Some(_), None, _) | (None, Some(_), _) => {
                return refuse(
                    "gitCredentials does not fit remoteURL: `https` is for http and https, `ssh` for ssh",
                );
            }
        }
        Ok(upstream)
    }
}

impl Https {
    /// Adds it to an upstream.
    fn apply(self, upstream: &mut Upstream) -> Result<(), Problem> {
        if self.token.is_empty() {
            return refuse("gitCredentials.https.token must not be empty");
        }
        upstream.secrets.token = Some(Secret::new(line("https.token", self.token)?));
        upstream.place.insecure = self.insecure_skip_tls;
        if !self.certificate.is_empty() {
            let pem = decode("https.certificate", &self.certificate)?;
            if !pem.contains("-----BEGIN CERTIFICATE-----") {
                return refuse(
                    "gitCredentials.https.certificate has to be a certificate as PEM, in base64",
                );
            }
            upstream.place.certificate = Some(pem);
        }
        let Some(proxy) = self.proxy else {
            return Ok(());
        };
        if !matches!(proxy.scheme.as_str(), "http" | "https") {
            return refuse("gitCredentials.https.proxy.scheme must be http or https");
        }
        let whole = Url::parse(&format!("{}://{}", proxy.scheme, proxy.url));
        let is_host = proxy.url.contains(':') && !proxy.url.contains(['/', '@', '?', '#']);
        if whole.is_err() || !is_host {
            return refuse("gitCredentials.https.proxy.url must be HOST:PORT");
        }
        if !proxy.password.is_empty() {
            upstream.secrets.proxy_password = Some(Secret::new(proxy.password));
        }
        upstream.place.proxy = Some(UpstreamProxy {
            scheme: proxy.scheme,
            url: line("https.proxy.url", proxy.url)?,
            user: line("https.proxy.user", proxy.user)?,
        });
        Ok(())
    }
}

impl Ssh {
    /// Adds it to an upstream.
    fn apply(self, upstream: &mut Upstream) -> Result<(), Problem> {
        if self.private_key.is_empty() {
            return refuse("gitCredentials.ssh.privateKey must not be empty");
        }
        if !self.private_key_pass.is_empty() {
            return refuse(
                "gitCredentials.ssh.privateKeyPass is not supported: use a key without a passphrase (`ssh-keygen -p`); tidegate encrypts it",
            );
        }
        let key = decode("ssh.privateKey", &self.private_key)?;
        upstream.secrets.key = Some(Secret::new(key));
        Ok(())
    }
}

/// Checks where the repository is.
fn check_url(text: &str, denied: &[String]) -> Result<Url, Problem> {
    let malformed =
        "gitCredentials.remoteURL must be a URL that begins with http://, https:// or ssh://";
    if text.len() > MOST_URL
        || text.contains(char::is_whitespace)
        || text.contains(char::is_control)
    {
        return refuse(malformed);
    }
    let url = Url::parse(text).or_else(|_malformed| refuse(malformed))?;
    if !matches!(url.scheme(), "http" | "https" | "ssh") || url.host().is_none() {
        return refuse(malformed);
    }
    let has_user = !url.username().is_empty() && url.scheme() != "ssh";
    if url.password().is_some() || has_user || url.query().is_some() || url.fragment().is_some() {
        return refuse(
            "gitCredentials.remoteURL must not hold a password, a query or a fragment: credentials have fields of their own",
        );
    }
    if is_denied(&url, denied) {
        let message =
            "the host of gitCredentials.remoteURL is denied by the operator of this server";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, message));
    }
    Ok(url)
}

/// Tells whether a host is none for an upstream. What begins with a dash would be an option of ssh.
fn is_denied(url: &Url, denied: &[String]) -> bool {
    let host = match url.host() {
        Some(Host::Domain(name)) => name.trim_end_matches('.').to_ascii_lowercase(),
        Some(Host::Ipv4(address)) => address.to_string(),
        Some(Host::Ipv6(address)) => address.to_string(),
        None => return true,
    };
    let is_below = |end: &String| host == *end || host.ends_with(&format!(".{end}"));
    host.starts_with('-') || denied.iter().any(is_below)
}

/// Decodes a text in base64.
fn decode(field: &str, text: &str) -> Result<String, Problem> {
    let packed: String = text
        .chars()
        .filter(|character| !matches!(character, '\r' | '\n'))
        .collect();
    let decoded = BASE64_STANDARD
        .decode(packed)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    decoded
        .ok_or_else(|| Problem::bad_request(format!("gitCredentials.{field} has to be in base64")))
}

/// Checks that a text is one line: it becomes a part of a header or a setting.
fn line(field: &str, text: String) -> Result<String, Problem> {
    if text.contains(char::is_control) {
        return refuse(&format!(
            "gitCredentials.{field} must not hold control characters"
        ));
    }
    Ok(text)
}

/// Refuses credentials.
fn refuse<T>(message: &str) -> Result<T, Problem> {
    Err(Problem::bad_request(message))
}
