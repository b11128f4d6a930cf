//! Settings of a database, and the URLs that name one.

use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use crate::net::{RetrySettings, Secret, TlsSettings};

/// The port of PostgreSQL, where nobody says.
const PORT: u16 = 5432;

/// How to ask a database.
#[derive(Clone, Debug, PartialEq)]
pub struct SqlSettings {
    /// Which one.
    pub database: Database,
    /// Whom to trust.
    pub tls: TlsSettings,
    /// How long one query may take.
    pub timeout: Duration,
    /// How often to ask again, where that may help.
    pub retry: RetrySettings,
    /// How many queries may be under way at once.
    pub concurrency: NonZeroUsize,
    /// How many bytes the database may answer to one query.
    pub max_response_bytes: usize,
}

impl SqlSettings {
    /// The longest query, where nobody says.
    pub const TIMEOUT: Duration = Duration::from_secs(30);
    /// How many queries at once, where nobody says: connections are dear.
    pub const CONCURRENCY: NonZeroUsize = NonZeroUsize::MIN.saturating_add(3);
    /// The most bytes, where nobody says.
    pub const MAX_RESPONSE_BYTES: usize = 8 * 1024 * 1024;

    /// Takes a database, and the defaults for everything else.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self {
            database,
            tls: TlsSettings::default(),
            timeout: Self::TIMEOUT,
            retry: RetrySettings::default(),
            concurrency: Self::CONCURRENCY,
            max_response_bytes: Self::MAX_RESPONSE_BYTES,
        }
    }
}

/// A database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// A file of SQLite.
    Sqlite(PathBuf),
    /// A server.
    Postgres(PostgresUrl),
}

/// Where a PostgreSQL server is, and how to log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostgresUrl {
    /// The host, or the folder of its socket.
    pub host: PostgresHost,
    /// The port.
    pub port: u16,
    /// Who logs in.
    pub user: String,
    /// With what.
    pub password: Option<Secret>,
    /// The database; that of the user's name where nobody says.
    pub database: Option<String>,
    /// What the server calls us.
    pub application: String,
    /// How safe the way must be.
    pub mode: SslMode,
}

/// Where a PostgreSQL server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostgresHost {
    /// A name or an address.
    Name(String),
    /// The folder of a Unix socket.
    Folder(PathBuf),
}

/// How safe the way to a server must be (`sslmode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SslMode {
    /// No TLS.
    Disable,
    /// TLS where the server has it, whoever it is.
    Prefer,
    /// TLS, and a certificate that is trusted and names the host.
    VerifyFull,
}

/// A URL names no database.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseError {
    /// It is of another kind. The text is left out: it may hold a password.
    #[error("the URL of a database begins with `postgres://` or `sqlite:`")]
    Kind,
    /// It names no file.
    #[error("`sqlite:` must name a file")]
    NoFile,
    /// It can't be read.
    #[error("the URL can't be read: {cause}")]
    Syntax {
        /// Why.
        cause: String,
    },
    /// It names no host.
    #[error("the URL names no host")]
    NoHost,
    /// It names no user.
    #[error("the URL names no user")]
    NoUser,
    /// `sslmode` is none.
    #[error("`sslmode={text}` is none of disable, prefer, require, verify-ca, verify-full")]
    Mode {
        /// What it says.
        text: String,
    },
    /// It has a parameter that is not known.
    #[error(
        "the URL has the parameter `{name}`, and only host, port, user, password, sslmode, and application_name are known"
    )]
    Unknown {
        /// The parameter.
        name: String,
    },
}

impl Database {
    /// Reads a URL. The path of a file is as it stands there.
    pub fn parse(text: &str) -> Result<Self, DatabaseError> {
        let text = text.trim();
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() {
                return Err(DatabaseError::NoFile);
            }
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return PostgresUrl::parse(text).map(Self::Postgres);
        }
        Err(DatabaseError::Kind)
    }
}

impl PostgresUrl {
    /// Reads a URL.
    fn parse(text: &str) -> Result<Self, DatabaseError> {
        let url = Url::parse(text).map_err(|error| DatabaseError::Syntax {
            cause: error.to_string(),
        })?;
        let mut host = url.host_str().filter(|host| !host.is_empty()).map(host_of);
        let mut mode = None;
        let mut application = "tidegate".to_owned();
        let mut user = decoded(url.username());
        let mut password = url.password().map(decoded);
        let mut port = url.port();
        for (name, value) in url.query_pairs() {
            match name.as_ref() {
                "sslmode" => mode = Some(SslMode::parse(&value)?),
                "application_name" => application = value.into_owned(),
                "host" => host = Some(host_of(&value)),
                "user" => user = value.into_owned(),
                "password" => password = Some(value.into_owned()),
                "port" => port = value.parse().ok(),
                _ => {
                    return Err(DatabaseError::Unknown {
                        name: name.into_owned(),
                    });
                }
            }
        }
        let host = host.ok_or(DatabaseError::NoHost)?;
        if user.is_empty() {
            return Err(DatabaseError::NoUser);
        }
        let database = decoded(url.path().trim_start_matches('/'));
        Ok(Self {
            port: port.unwrap_or(PORT),
            user,
            password: password.map(Secret::new),
            database: Some(database).filter(|name| !name.is_empty()),
            application,
            mode: mode.unwrap_or_else(|| SslMode::fitting(&host)),
            host,
        })
    }

    /// Returns where the server is, without credentials.
    #[must_use]
    pub fn endpoint(&self) -> String {
        let database = self.database.as_deref().unwrap_or(&self.user);
        match &self.host {
            PostgresHost::Name(name) if name.contains(':') => {
                format!("postgres://[{name}]:{}/{database}", self.port)
            }
            PostgresHost::Name(name) => format!("postgres://{name}:{}/{database}", self.port),
            PostgresHost::Folder(folder) => {
                format!("postgres:///{database}?host={}", folder.display())
            }
        }
    }
}

/// Reads a host.
fn host_of(text: &str) -> PostgresHost {
    let text = decoded(text);
    if text.starts_with('/') {
        return PostgresHost::Folder(PathBuf::from(text));
    }
    let name = text.trim_start_matches('[').trim_end_matches(']');
    PostgresHost::Name(name.to_owned())
}

impl SslMode {
    /// Reads `sslmode`. Where libpq encrypts without asking who is there (`require`), or does not look at the name
    /// (`verify-ca`), more is asked here: `insecure_skip_verify` is the one way to ask less.
    fn parse(text: &str) -> Result<Self, DatabaseError> {
        match text {
            "disable" => Ok(Self::Disable),
            "prefer" => Ok(Self::Prefer),
            "require" | "verify-ca" | "verify-full" => Ok(Self::VerifyFull),
            _ => Err(DatabaseError::Mode {
                text: text.to_owned(),
            }),
        }
    }

    /// Returns the mode for a host, where nobody says: nothing to check on this machine, everything elsewhere.
    fn fitting(host: &PostgresHost) -> Self {
        match host {
            PostgresHost::Folder(_) => Self::Disable,
            PostgresHost::Name(name) => {
                let is_here = name == "localhost"
                    || name
                        .parse()
                        .is_ok_and(|address: IpAddr| address.is_loopback());
                if is_here {
                    Self::Prefer
                } else {
                    Self::VerifyFull
                }
            }
        }
    }
}

/// Returns a text without `%XX`.
fn decoded(text: &str) -> String {
    let pair = format!("a={}", text.replace('+', "%2B").replace('&', "%26"));
    let mut decoded = url::form_urlencoded::parse(pair.as_bytes());
    let value = decoded.next().map(|(_, value)| value.into_owned());
    value.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn postgres(text: &str) -> PostgresUrl {
        match Database::parse(text).unwrap() {
            Database::Postgres(url) => url,
            Database::Sqlite(path) => panic!("{path:?}"),
        }
    }

    #[test]
    fn a_url_names_a_server_or_a_file() {
        let url =
            postgres("postgres://ann:p%40s+s@db.example.org:6432/metrics?application_name=gate");
        assert_eq!(url.host, PostgresHost::Name("db.example.org".to_owned()));
        assert_eq!(
            (url.port, url.user.as_str(), url.database.as_deref()),
            (6432, "ann", Some("metrics"))
        );
        assert_eq!(url.password.as_ref().unwrap().expose(), "p@s+s");
        assert_eq!(url.endpoint(), "postgres://db.example.org:6432/metrics");
        assert!(!format!("{url:?}").contains("p@s"));
        assert_eq!(
            Database::parse("sqlite:data/metrics.db"),
            Ok(Database::Sqlite("data/metrics.db".into()))
        );
        let url = postgres("postgresql:///metrics?host=/run/postgresql&user=ann");
        assert_eq!(url.host, PostgresHost::Folder("/run/postgresql".into()));
        assert_eq!(url.endpoint(), "postgres:///metrics?host=/run/postgresql");
    }

    #[test]
    fn the_way_to_another_machine_is_safe_unless_the_user_says_so() {
        for (url, mode) in [
            ("postgres://a@db/x", SslMode::VerifyFull),
            ("postgres://a@db/x?sslmode=require", SslMode::VerifyFull),
            ("postgres://a@db/x?sslmode=verify-ca", SslMode::VerifyFull),
            ("postgres://a@db/x?sslmode=disable", SslMode::Disable),
            ("postgres://a@db/x?sslmode=prefer", SslMode::Prefer),
            ("postgres://a@localhost/x", SslMode::Prefer),
            ("postgres://a@127.0.0.1/x", SslMode::Prefer),
            ("postgres://a@[::1]/x", SslMode::Prefer),
            ("postgres://a@localhost.example.org/x", SslMode::VerifyFull),
        ] {
            assert_eq!(postgres(url).mode, mode, "{url}");
        }
    }

    #[test]
    fn what_names_no_database_is_refused_without_showing_it() {
        for text in [
            "mysql://ann:hunter2@db/x",
            "hunter2",
            "sqlite:",
            "postgres://ann:hunter2@:99999/x",
            "postgres://:hunter2@db/x",
            "postgres://ann:hunter2@db/x?sslmode=maybe",
            "postgres://ann:hunter2@db/x?sslrootcert=a",
            "postgres:///x",
        ] {
            let error = Database::parse(text).unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
