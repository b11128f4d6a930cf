//! Settings of a database, and the URLs that name one.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use crate::net::{PostgresParts, PostgresUrl, PostgresUrlError, RetrySettings, TlsSettings};

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

/// A URL names no database.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseError {
    /// It is of another kind. The text is left out: it may hold a password.
    #[error("the URL of a database begins with `postgres://` or `sqlite:`")]
    Kind,
    /// It names no file.
    #[error("`sqlite:` must name a file")]
    NoFile,
    /// It names no server.
    #[error(transparent)]
    Url(#[from] PostgresUrlError),
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
            return server(text).map(Self::Postgres);
        }
        Err(DatabaseError::Kind)
    }
}

/// Reads the URL of a server.
fn server(text: &str) -> Result<PostgresUrl, DatabaseError> {
    let mut parts = PostgresParts::parse(text)?;
    match parts.others.pop() {
        Some((name, _)) => Err(DatabaseError::Unknown { name }),
        None => Ok(parts.complete()?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_server_or_a_file() {
        let Ok(Database::Postgres(url)) = Database::parse("postgres://ann@db/metrics") else {
            panic!("no server");
        };
        assert_eq!(url.endpoint(), "postgres://db:5432/metrics");
        assert_eq!(
            Database::parse("sqlite:data/metrics.db"),
            Ok(Database::Sqlite("data/metrics.db".into()))
        );
    }

    #[test]
    fn what_names_no_database_is_refused_without_showing_it() {
        for text in [
            "mysql://ann:hunter2@db/x",
            "hunter2",
            "sqlite:",
            "postgres://ann:hunter2@:99999/x",
            "postgres://ann:hunter2@db/x?sslrootcert=a",
        ] {
            let error = Database::parse(text).unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
