//! What an operator can choose of the server.

use std::collections::BTreeSet;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use super::configuration::Storage;
use crate::control::EmitTarget;
use crate::net::AllowedTarget;
use crate::sequence::EngineSettings;

/// What an operator can choose.
#[derive(Clone, Debug)]
pub struct ServeSettings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The folder that everything is kept in.
    pub data: PathBuf,
    /// Who may do what.
    pub access: AccessSettings,
    /// How much is too much.
    pub limits: Limits,
    /// How sequences behave.
    pub engine: EngineSettings,
    /// The certificate to show; `None`: plain HTTP, for a proxy in front of the server.
    pub tls: Option<ServerCertificate>,
    /// How log lines look.
    pub log: LogFormat,
    /// How long an integration is remembered that says nothing.
    pub integration_ttl: Duration,
    /// How often upstream repositories are looked at; `None`: only when a project is changed here.
    pub refresh_interval: Option<Duration>,
    /// Private hosts that webhooks may go to.
    pub webhook_hosts: Vec<AllowedTarget>,
    /// Who is told of events.
    pub emit: Vec<EmitTarget>,
    /// How the files of projects without an upstream repository are kept.
    pub storage: Storage,
}

impl ServeSettings {
    /// Where to listen when nobody says: on this machine only.
    pub const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
    /// The folder of the data when nobody says.
    pub const DATA: &'static str = ".tidegate/server";
    /// How often upstream repositories are looked at when nobody says.
    pub const REFRESH_INTERVAL: Duration = Duration::from_secs(5 * 60);
    /// How long an integration is remembered when nobody says, as in Keptn's charts.
    pub const INTEGRATION_TTL: Duration = Duration::from_secs(48 * 60 * 60);
}

/// Who may do what.
#[derive(Clone, Debug, Default)]
pub struct AccessSettings {
    /// The tokens.
    pub tokens: Vec<TokenSettings>,
    /// Whether whoever comes without a token may do everything.
    pub anonymous: Anonymous,
    /// Whether `/metrics` needs a token.
    pub metrics: MetricsAccess,
    /// Whose word counts for where a client is.
    pub proxies: Proxies,
    /// How many wrong tokens a client may show in a second; Keptn: 1.
    pub failures_per_second: f64,
    /// How many wrong tokens a client may show at once; Keptn: 2.
    pub failure_burst: f64,
    /// How many requests a token is good for in a second; `None`: any number.
    pub requests_per_second: Option<f64>,
}

/// Whether a token is needed at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Anonymous {
    /// It is.
    #[default]
    Refused,
    /// It is not: only on the loopback interface.
    Allowed,
}

/// Whether `/metrics` needs a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MetricsAccess {
    /// Any token with the scope `read`.
    #[default]
    Token,
    /// None.
    Public,
}

impl MetricsAccess {
    /// The names.
    pub const NAMES: [&'static str; 2] = ["token", "public"];
}

impl FromStr for MetricsAccess {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "token" => Ok(Self::Token),
            "public" => Ok(Self::Public),
            _ => Err(()),
        }
    }
}

/// Whose word counts for where a client is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Proxies {
    /// The network's.
    #[default]
    Distrusted,
    /// The headers of the proxy in front: `X-Forwarded-For`, then `X-Real-IP`.
    Trusted,
}

/// One token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenSettings {
    /// What it is called in logs and messages.
    pub name: String,
    /// Its SHA-256.
    pub digest: TokenDigest,
    /// What it is good for.
    pub scopes: BTreeSet<Scope>,
    /// The projects it is good for; `None`: all.
    pub projects: Option<BTreeSet<String>>,
}

/// The SHA-256 of a token: who reads the memory or the file learns no token.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TokenDigest([u8; 32]);

impl TokenDigest {
    /// Hashes a token.
    #[must_use]
    pub fn of(token: &str) -> Self {
        let digest = ring::digest::digest(&ring::digest::SHA256, token.as_bytes());
        let mut bytes = [0; 32];
        for (to, from) in bytes.iter_mut().zip(digest.as_ref()) {
            *to = *from;
        }
        Self(bytes)
    }

    /// Reads 64 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("sha256:").unwrap_or(text);
        if digits.len() != 64 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let mut bytes = [0; 32];
        for (at, to) in bytes.iter_mut().enumerate() {
            *to = u8::from_str_radix(digits.get(at * 2..at * 2 + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// Compares in a time that does not depend on where they differ.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        let pairs = self.0.iter().zip(&other.0);
        pairs.fold(0, |differences, (one, two)| differences | (one ^ two)) == 0
    }
}

impl fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What a token may be good for. Every token may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Look at projects, sequences, events, and resources.
    Read,
    /// Start, steer, and approve sequences.
    Trigger,
    /// Carry out tasks: register, ask for open tasks, and send `.started` and `.finished`.
    Execute,
    /// Change services and resources.
    Write,
    /// Everything, with projects and secrets.
    Admin,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 5] = [
        Self::Read,
        Self::Trigger,
        Self::Execute,
        Self::Write,
        Self::Admin,
    ];
    /// Their names.
    pub const NAMES: [&'static str; 5] = ["read", "trigger", "execute", "write", "admin"];

    /// Returns the word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Trigger => "trigger",
            Self::Execute => "execute",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }
}

impl FromStr for Scope {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut all = Self::ALL.into_iter();
        all.find(|scope| scope.name() == text).ok_or(())
    }
}

/// How much is too much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes of a body.
    pub body_bytes: usize,
    /// The most bytes of a body that brings resources, which are in base64.
    pub resource_bytes: usize,
    /// The most bytes of the headers of a request.
    pub header_bytes: usize,
    /// The most connections at the same time.
    pub connections: usize,
    /// How long a client may take for its headers, and again for its body.
    pub receive_timeout: Duration,
    /// How long an answer may take.
    pub answer_timeout: Duration,
    /// How long requests that are under way may take when the server is to stop.
    pub stop_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1024 * 1024,
            resource_bytes: 15 * 1024 * 1024,
            header_bytes: 32 * 1024,
            connections: 1024,
            receive_timeout: Duration::from_secs(15),
            answer_timeout: Duration::from_secs(60),
            stop_timeout: Duration::from_secs(20),
        }
    }
}

/// A certificate and its key, both PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerCertificate {
    /// The file of the chain.
    pub certificate: PathBuf,
    /// The file of the key.
    pub key: PathBuf,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

impl LogFormat {
    /// The names.
    pub const NAMES: [&'static str; 2] = ["text", "json"];
}

impl FromStr for LogFormat {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_as_it_is_written_and_shows_nothing() {
        let digest = TokenDigest::of("hunter2");
        let text = "f52fbd32b2b3b86ff88ef6c490628285f482af15ddcb29541f94bcf526a3f6c7";
        assert_eq!(TokenDigest::parse(text), Some(digest.clone()));
        assert_eq!(
            TokenDigest::parse(&format!("sha256:{text}")),
            Some(digest.clone())
        );
        assert!(digest.is(&TokenDigest::of("hunter2")));
        assert!(!digest.is(&TokenDigest::of("hunter3")));
        assert_eq!(format!("{digest:?}"), "***");
        for bad in ["", "f52f", &text.replace('f', "g"), &format!("{text}0")] {
            assert_eq!(TokenDigest::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn every_scope_has_a_name_that_is_read_again() {
        for (scope, name) in Scope::ALL.into_iter().zip(Scope::NAMES) {
            assert_eq!(scope.name(), name);
            assert_eq!(name.parse(), Ok(scope));
        }
        assert_eq!("root".parse::<Scope>(), Err(()));
    }
}
