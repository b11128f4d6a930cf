//! URLs of PostgreSQL servers.

use std::net::IpAddr;
use std::path::PathBuf;

use url::Url;

use crate::net::Secret;

/// The port of PostgreSQL, where nobody says.
const PORT: u16 = 5432;
/// What the server calls us, where nobody says.
const APPLICATION: &str = "tidegate";

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

/// What a URL says, as far as it says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostgresParts {
    /// The host, or the folder of its socket.
    pub host: Option<PostgresHost>,
    /// The port.
    pub port: Option<u16>,
    /// Who logs in.
    pub user: Option<String>,
    /// With what.
    pub password: Option<Secret>,
    /// The database.
    pub database: Option<String>,
    /// What the server calls us.
    pub application: Option<String>,
    /// How safe the way must be.
    pub mode: Option<SslMode>,
    /// Parameters that mean nothing to every user of a server, in their order.
    pub others: Vec<(String, String)>,
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

/// A URL names no PostgreSQL server. Its text is left out: it may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostgresUrlError {
    /// It can't be read.
    #[error("the URL can't be read: {cause}")]
    Syntax {
        /// Why.
        cause: String,
    },
    /// It names no host.
    #[error("the URL names no host")]
    NoHost,
    /// It names more than one host.
    #[error("the URL names several hosts; name the one that takes writes")]
    SeveralHosts,
    /// It names no user.
    #[error("the URL names no user")]
    NoUser,
    /// A port is none.
    #[error("`{text}` is no port")]
    Port {
        /// What stands there.
        text: String,
    },
    /// `sslmode` is none.
    #[error("`sslmode={text}` is none of disable, prefer, require, verify-ca, verify-full")]
    Mode {
        /// What it says.
        text: String,
    },
}

impl PostgresParts {
    /// Reads a URL.
    pub fn parse(text: &str) -> Result<Self, PostgresUrlError> {
        let url = Url::parse(text).map_err(|error| PostgresUrlError::Syntax {
            cause: error.to_string(),
        })?;
        let host = url.host_str().filter(|host| !host.is_empty());
        let filled = |text: String| Some(text).filter(|text| !text.is_empty());
        let mut parts = Self {
            host: host.map(PostgresHost::parse).transpose()?,
            port: url.port(),
            user: filled(decoded(url.username())),
            password: url
                .password()
                .map(|password| Secret::new(decoded(password))),
            database: filled(decoded(url.path().trim_start_matches('/'))),
            ..Self::default()
        };
        for (name, value) in url.query_pairs() {
            let value = value.into_owned();
            match name.as_ref() {
                "sslmode" => parts.mode = Some(SslMode::parse(&value)?),
                "application_name" => parts.application = Some(value),
                "host" => parts.host = Some(PostgresHost::parse(&value)?),
                "user" => parts.user = filled(value),
                "password" => parts.password = Some(Secret::new(value)),
                "port" => parts.port = Some(Self::port(&value)?),
                _ => parts.others.push((name.into_owned(), value)),
            }
        }
        Ok(parts)
    }

    /// Reads a port.
    pub fn port(text: &str) -> Result<u16, PostgresUrlError> {
        text.parse()
            .map_err(|_not_a_number| PostgresUrlError::Port {
                text: text.to_owned(),
            })
    }

    /// Returns the URL, with the defaults for what nobody says. Other parameters are dropped.
    pub fn complete(self) -> Result<PostgresUrl, PostgresUrlError> {
        let host = self.host.ok_or(PostgresUrlError::NoHost)?;
        Ok(PostgresUrl {
            port: self.port.unwrap_or(PORT),
            user: self.user.ok_or(PostgresUrlError::NoUser)?,
            password: self.password,
            database: self.database,
            application: self.application.unwrap_or_else(|| APPLICATION.to_owned()),
            mode: self.mode.unwrap_or_else(|| SslMode::fitting(&host)),
            host,
        })
    }
}

impl PostgresUrl {
    /// Returns where the server is, without credentials.
    #[must_use]
    pub fn endpoint(&self) -> String {
        let database = self.database_name();
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

    /// Returns the name of the database: that of the user where nobody says.
    #[must_use]
    pub fn database_name(&self) -> &str {
        self.database.as_deref().unwrap_or(&self.user)
    }
}

impl PostgresHost {
    /// Reads a host.
    pub fn parse(text: &str) -> Result<Self, PostgresUrlError> {
        let text = decoded(text);
        if text.starts_with('/') {
            return Ok(Self::Folder(PathBuf::from(text)));
        }
        if text.contains(',') {
            return Err(PostgresUrlError::SeveralHosts);
        }
        let name = text.trim_start_matches('[').trim_end_matches(']');
        Ok(Self::Name(name.to_owned()))
    }
}

impl SslMode {
    /// Reads `sslmode`. Where libpq encrypts without asking who is there (`require`), or does not look at the name
    /// (`verify-ca`), more is asked here: `insecure_skip_verify` is the one way to ask less.
    pub fn parse(text: &str) -> Result<Self, PostgresUrlError> {
        match text {
            "disable" => Ok(Self::Disable),
            "prefer" => Ok(Self::Prefer),
            "require" | "verify-ca" | "verify-full" => Ok(Self::VerifyFull),
            _ => Err(PostgresUrlError::Mode {
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
        PostgresParts::parse(text).unwrap().complete().unwrap()
    }

    #[test]
    fn a_url_names_a_server() {
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
        let url = postgres("postgresql:///metrics?host=/run/postgresql&user=ann");
        assert_eq!(url.host, PostgresHost::Folder("/run/postgresql".into()));
        assert_eq!(url.endpoint(), "postgres:///metrics?host=/run/postgresql");
        assert_eq!(postgres("postgres://ann@db").database_name(), "ann");
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
    fn what_names_no_server_is_refused_without_showing_it() {
        for text in [
            "postgres://ann:hunter2@:99999/x",
            "postgres://:hunter2@db/x",
            "postgres://ann:hunter2@db/x?sslmode=maybe",
            "postgres://ann:hunter2@db/x?port=many",
            "postgres://ann:hunter2@a,b/x",
            "postgres:///x",
        ] {
            let parts = PostgresParts::parse(text);
            let error = parts.and_then(PostgresParts::complete).unwrap_err();
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }
}
