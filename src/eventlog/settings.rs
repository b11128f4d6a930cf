//! Which log, as a user writes it: `sqlite:.tidegate/events.db`, `history.jsonl`, `memory:`.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use super::variables::Variables;
use crate::net::{Secret, TlsSettings};

/// The settings of an event log.
#[derive(Clone, Debug, PartialEq)]
pub struct EventLogSettings {
    /// Which log.
    pub url: LogUrl,
    /// How long to wait for other processes that hold its lock.
    pub lock_timeout: Duration,
    /// How long a server may take for one answer.
    pub timeout: Duration,
    /// How to check a server, and what to show it.
    pub tls: TlsSettings,
    /// What proves who is asking, where it is one word: Keptn's `x-token`, a token of NATS, the password of
    /// the user of a PostgreSQL. Object stores take none.
    pub token: Option<Secret>,
    /// Where each kind of server has its credentials otherwise.
    pub variables: Variables,
}

impl EventLogSettings {
    /// How long to wait for a lock where nothing is said.
    pub const LOCK_TIMEOUT: Duration = Duration::from_secs(10);
    /// How long a server may take for one answer where nothing is said.
    pub const TIMEOUT: Duration = Duration::from_secs(30);

    /// Returns the settings of a log where nothing else is said.
    #[must_use]
    pub fn new(url: LogUrl) -> Self {
        Self {
            url,
            lock_timeout: Self::LOCK_TIMEOUT,
            timeout: Self::TIMEOUT,
            tls: TlsSettings::default(),
            token: None,
            variables: Variables::default(),
        }
    }
}

/// Which event log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogUrl {
    /// `sqlite:PATH`, or a path that ends in `.db`, `.sqlite` or `.sqlite3`.
    Sqlite(PathBuf),
    /// `jsonl:PATH`, or a path that ends in `.jsonl` or `.ndjson`.
    Jsonl(PathBuf),
    /// `memory:`, which keeps nothing: no history, and none left behind.
    Memory,
    /// A log on a server.
    Remote(RemoteUrl),
}

/// Where a log on a server is. It may hold a password, so it is shown without its user and its parameters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RemoteUrl {
    /// Which kind of server.
    pub kind: RemoteLog,
    /// The whole URL, for the adapter of its kind only.
    text: String,
}

impl RemoteUrl {
    /// Takes a URL of a kind.
    fn new(kind: RemoteLog, text: &str) -> Self {
        let text = text.trim().to_owned();
        Self { kind, text }
    }

    /// Returns the whole URL. It may hold a password.
    pub(super) fn expose(&self) -> &str {
        &self.text
    }

    /// Tells whether a password stands in it.
    #[must_use]
    pub fn has_password(&self) -> bool {
        let parsed = url::Url::parse(&self.text);
        let in_parameters = |url: &url::Url| {
            url.query_pairs()
                .any(|(name, _)| name.eq_ignore_ascii_case("password"))
        };
        match parsed {
            Ok(url) => url.password().is_some() || in_parameters(&url),
            // Nobody knows what it is; better to think the worst.
            Err(_) => self.text.contains('@'),
        }
    }
}

impl fmt::Display for RemoteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, rest) = self.text.split_once("://").unwrap_or(("", &self.text));
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        let authority_ends = rest.find('/').unwrap_or(rest.len());
        let (authority, path) = rest.split_at(authority_ends);
        let host = authority.rsplit('@').next().unwrap_or_default();
        let path = if path.contains('@') { "" } else { path };
        write!(f, "{}://{host}{path}", scheme.to_ascii_lowercase())
    }
}

impl fmt::Debug for RemoteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RemoteUrl({self})")
    }
}

/// The logs that are not files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RemoteLog {
    /// `https://HOST/api`: Keptn's own API, or a tidegate server.
    Keptn,
    /// `postgres://…`
    Postgres,
    /// `s3://…`
    S3,
    /// `gs://…`
    GoogleCloud,
    /// `az://…`
    Azure,
    /// `nats://…`
    Nats,
}

/// A log was written in a way that nobody understands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogUrlError {
    /// Nothing was written.
    #[error("an event log must not be empty; {KINDS}")]
    Empty,
    /// A kind without a path.
    #[error("`{scheme}:` names no file; write `{scheme}:PATH`")]
    NoPath {
        /// What stands before the colon.
        scheme: String,
    },
    /// A path for what is kept in no file.
    #[error("`memory:` keeps its events in no file; write it without a path")]
    MemoryPath,
    /// An unknown kind. Only that is shown: the rest may hold a password.
    #[error("there is no event log `{scheme}:`; {KINDS}")]
    UnknownScheme {
        /// What stands before the colon.
        scheme: String,
    },
    /// A path that does not tell what the file is.
    #[error("`{path}` does not tell what kind of event log it is; {KINDS}")]
    UnknownEnding {
        /// The path.
        path: String,
    },
}

/// The logs that there are, for messages.
const KINDS: &str = "known are `sqlite:PATH` (or PATH.db), `jsonl:PATH` (or PATH.jsonl), `postgres://…`, `s3://…`, \
     `gs://…`, `az://…`, `nats://…`, `https://HOST/api` of a Keptn, and `memory:`";

impl LogUrl {
    /// Returns the log with its path, if relative, starting at a folder.
    #[must_use]
    pub fn relative_to(self, folder: &Path) -> Self {
        match self {
            Self::Sqlite(path) => Self::Sqlite(folder.join(path)),
            Self::Jsonl(path) => Self::Jsonl(folder.join(path)),
            Self::Memory => Self::Memory,
            Self::Remote(remote) => Self::Remote(remote),
        }
    }

    /// Takes the URL of a server.
    fn remote(kind: RemoteLog, text: &str) -> Self {
        Self::Remote(RemoteUrl::new(kind, text))
    }
}

impl FromStr for LogUrl {
    type Err = LogUrlError;

    fn from_str(text: &str) -> Result<Self, LogUrlError> {
        if text.is_empty() {
            return Err(LogUrlError::Empty);
        }
        let Some((scheme, rest)) = scheme_of(text) else {
            return by_ending(text);
        };
        match scheme.to_ascii_lowercase().as_str() {
            "sqlite" | "sqlite3" if rest == ":memory:" => Ok(Self::Memory),
            "sqlite" | "sqlite3" => Ok(Self::Sqlite(file(scheme, rest)?)),
            "jsonl" | "ndjson" => Ok(Self::Jsonl(file(scheme, rest)?)),
            "file" => by_ending(&file(scheme, rest)?.to_string_lossy()),
            "memory" if rest.is_empty() => Ok(Self::Memory),
            "memory" => Err(LogUrlError::MemoryPath),
            "http" | "https" => Ok(Self::remote(RemoteLog::Keptn, text)),
            "postgres" | "postgresql" => Ok(Self::remote(RemoteLog::Postgres, text)),
            "s3" => Ok(Self::remote(RemoteLog::S3, text)),
            "gs" => Ok(Self::remote(RemoteLog::GoogleCloud, text)),
            "az" => Ok(Self::remote(RemoteLog::Azure, text)),
            "nats" | "tls" => Ok(Self::remote(RemoteLog::Nats, text)),
            _ => Err(LogUrlError::UnknownScheme {
                scheme: scheme.to_owned(),
            }),
        }
    }
}

impl fmt::Display for LogUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Jsonl(path) => write!(f, "jsonl:{}", path.display()),
            Self::Memory => f.write_str("memory:"),
            Self::Remote(remote) => write!(f, "{remote}"),
        }
    }
}

impl fmt::Display for RemoteLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Keptn => "https://",
            Self::Postgres => "postgres://",
            Self::S3 => "s3://",
            Self::GoogleCloud => "gs://",
            Self::Azure => "az://",
            Self::Nats => "nats://",
        })
    }
}

/// Splits off a scheme. One letter before the colon is a drive of Windows, and a slash makes it a path.
fn scheme_of(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let is_scheme = scheme.len() > 1
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    is_scheme.then_some((scheme, rest))
}

/// Returns the path behind a scheme: `sqlite:a.db` and `sqlite://a.db` are relative, `sqlite:/a.db` and
/// `sqlite:///a.db` absolute.
fn file(scheme: &str, rest: &str) -> Result<PathBuf, LogUrlError> {
    let path = rest.strip_prefix("//").unwrap_or(rest);
    if path.is_empty() {
        return Err(LogUrlError::NoPath {
            scheme: scheme.to_owned(),
        });
    }
    Ok(PathBuf::from(path))
}

/// Tells the kind of a log by the ending of its path.
fn by_ending(path: &str) -> Result<LogUrl, LogUrlError> {
    let ending = Path::new(path)
        .extension()
        .map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    match ending.as_deref() {
        Some("jsonl" | "ndjson") => Ok(LogUrl::Jsonl(PathBuf::from(path))),
        Some("db" | "sqlite" | "sqlite3") => Ok(LogUrl::Sqlite(PathBuf::from(path))),
        Some(_) | None => Err(LogUrlError::UnknownEnding {
            path: path.to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> String {
        match text.parse::<LogUrl>() {
            Ok(url) => url.to_string(),
            Err(error) => format!("error: {error}"),
        }
    }

    #[test]
    fn a_log_is_named_by_its_kind_or_by_its_ending() {
        for (text, log) in [
            ("sqlite:.tidegate/events.db", "sqlite:.tidegate/events.db"),
            ("sqlite:/var/log/gate", "sqlite:/var/log/gate"),
            ("sqlite:///var/gate.db", "sqlite:/var/gate.db"),
            ("sqlite://gate.db", "sqlite:gate.db"),
            ("SQLite:gate.db", "sqlite:gate.db"),
            ("jsonl:history", "jsonl:history"),
            ("carts.jsonl", "jsonl:carts.jsonl"),
            ("./a:b/carts.JSONL", "jsonl:./a:b/carts.JSONL"),
            ("file:///a/b.ndjson", "jsonl:/a/b.ndjson"),
            ("events.sqlite3", "sqlite:events.sqlite3"),
            (r"C:\gate\events.db", r"sqlite:C:\gate\events.db"),
            ("memory:", "memory:"),
            ("sqlite::memory:", "memory:"),
            ("https://user:secret@keptn/api", "https://keptn/api"),
            (
                "postgresql://u:secret@db:5432/x?password=secret",
                "postgresql://db:5432/x",
            ),
            ("s3://bucket/gate", "s3://bucket/gate"),
            ("nats://u:sec@ret@host:4222/gate", "nats://host:4222/gate"),
        ] {
            assert_eq!(parse(text), log, "{text}");
        }
    }

    #[test]
    fn what_nobody_understands_is_refused_without_showing_a_password() {
        for (text, problem) in [
            ("", "an event log must not be empty"),
            ("sqlite:", "`sqlite:` names no file; write `sqlite:PATH`"),
            ("mysql://u:secret@db", "there is no event log `mysql:`"),
            (
                "events.json",
                "`events.json` does not tell what kind of event log it is",
            ),
            ("none", "`none` does not tell what kind of event log it is"),
            ("memory:x", "`memory:` keeps its events in no file"),
        ] {
            let answer = parse(text);
            assert!(answer.starts_with(&format!("error: {problem}")), "{answer}");
            assert!(!answer.contains("secret"), "{answer}");
        }
    }

    #[test]
    fn a_relative_log_starts_at_the_folder_that_it_was_written_in() {
        let folder = Path::new("/repo");
        for (text, log) in [
            ("events.db", "sqlite:/repo/events.db"),
            ("/var/a.jsonl", "jsonl:/var/a.jsonl"),
            ("memory:", "memory:"),
        ] {
            let url: LogUrl = text.parse().unwrap();
            assert_eq!(url.relative_to(folder).to_string(), log);
        }
    }
}
