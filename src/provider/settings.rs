//! The list of providers: what can be configured, and how it becomes a provider. A new one adds a variant to each enum.

use std::fmt;
use std::str::FromStr;

use crate::gate::ProviderName;
use crate::net::{BuildError, TlsSetupError};

use super::Provider;
use super::constant::{Constant, StaticSettings};
use super::datadog::{Datadog, DatadogSettings};
use super::dynatrace::{Dynatrace, DynatraceSettings};
use super::exec::{Exec, ExecSettings};
use super::files::{Files, FilesSettings};
use super::http::{Http, HttpSettings};
use super::prometheus::{Prometheus, PrometheusSettings};
use super::sql::{Sql, SqlSettings};

/// The kinds of provider, as `type` in `tidegate.yaml` names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProviderKind {
    /// Prometheus, and whatever speaks its HTTP API.
    Prometheus,
    /// Files with results.
    Files,
    /// Any program.
    Exec,
    /// Any HTTP API, as a definition describes it.
    Http,
    /// PostgreSQL or SQLite.
    Sql,
    /// A number in the file itself.
    Static,
    /// Dynatrace: its environment API, and DQL on Grail.
    Dynatrace,
    /// Datadog.
    Datadog,
}

impl ProviderKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Prometheus,
        Self::Files,
        Self::Http,
        Self::Exec,
        Self::Sql,
        Self::Static,
        Self::Dynatrace,
        Self::Datadog,
    ];

    /// Returns the name in `type`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prometheus => "prometheus",
            Self::Files => "file",
            Self::Exec => "exec",
            Self::Http => "http",
            Self::Sql => "sql",
            Self::Static => "static",
            Self::Dynatrace => "dynatrace",
            Self::Datadog => "datadog",
        }
    }
}

impl fmt::Display for ProviderKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ProviderKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| UnknownKind {
            text: text.to_owned(),
        })
    }
}

/// A `type` that names no kind of provider.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no type of provider")]
pub struct UnknownKind {
    /// What was written.
    pub text: String,
}

/// What it takes to open a provider: plain data, built by whoever reads configuration.
#[derive(Clone, Debug, PartialEq)]
pub enum ProviderSettings {
    /// Prometheus, and whatever speaks its HTTP API.
    Prometheus(PrometheusSettings),
    /// Files with results.
    Files(Box<FilesSettings>),
    /// Any HTTP API, as a definition describes it.
    Http(Box<HttpSettings>),
    /// Any program.
    Exec(ExecSettings),
    /// PostgreSQL or SQLite.
    Sql(Box<SqlSettings>),
    /// A number in the file itself.
    Static(StaticSettings),
    /// Dynatrace: its environment API, and DQL on Grail.
    Dynatrace(DynatraceSettings),
    /// Datadog.
    Datadog(DatadogSettings),
}

impl ProviderSettings {
    /// Returns the kind of provider that they are for.
    #[must_use]
    pub fn kind(&self) -> ProviderKind {
        match self {
            Self::Prometheus(_) => ProviderKind::Prometheus,
            Self::Files(_) => ProviderKind::Files,
            Self::Http(_) => ProviderKind::Http,
            Self::Exec(_) => ProviderKind::Exec,
            Self::Sql(_) => ProviderKind::Sql,
            Self::Static(_) => ProviderKind::Static,
            Self::Dynatrace(_) => ProviderKind::Dynatrace,
            Self::Datadog(_) => ProviderKind::Datadog,
        }
    }

    /// Sets where the random part of the waits between attempts starts, so that jobs don't all come back at once.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        match &mut self {
            Self::Prometheus(settings) => settings.connection.retry.seed = seed,
            Self::Files(_) => {}
            Self::Exec(settings) => settings.retry.seed = seed,
            Self::Http(settings) => settings.connection.retry.seed = seed,
            Self::Sql(settings) => settings.retry.seed = seed,
            Self::Static(_) => {}
            Self::Dynatrace(DynatraceSettings {
                environment,
                platform,
            }) => {
                let both = environment.iter_mut().chain(platform);
                both.for_each(|connection| connection.retry.seed = seed);
            }
            Self::Datadog(settings) => settings.connection.retry.seed = seed,
        }
        self
    }
}

/// A provider could not be opened. Nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The connection cannot be made as it is configured.
    #[error("cannot set up provider `{name}`")]
    Connection {
        /// The provider.
        name: ProviderName,
        /// Why.
        #[source]
        source: BuildError,
    },
    /// TLS to a database cannot be set up.
    #[error("cannot set up provider `{name}`")]
    Tls {
        /// The provider.
        name: ProviderName,
        /// Why.
        #[source]
        source: TlsSetupError,
    },
}

/// Opens a provider. Nothing is sent yet.
pub fn open(
    name: &ProviderName,
    settings: &ProviderSettings,
) -> Result<Box<dyn Provider>, OpenError> {
    Ok(match settings {
        ProviderSettings::Prometheus(settings) => Box::new(Prometheus::open(name, settings)?),
        ProviderSettings::Files(settings) => Box::new(Files::open(name, settings)),
        ProviderSettings::Exec(settings) => Box::new(Exec::open(name, settings)),
        ProviderSettings::Http(settings) => Box::new(Http::open(name, settings)?),
        ProviderSettings::Sql(settings) => Box::new(Sql::open(name, settings)?),
        ProviderSettings::Static(_) => Box::new(Constant::open(name)),
        ProviderSettings::Dynatrace(settings) => Box::new(Dynatrace::open(name, settings)?),
        ProviderSettings::Datadog(settings) => Box::new(Datadog::open(name, settings)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{Auth, ConnectionSettings, Secret};

    #[test]
    fn every_kind_prints_and_parses_back() {
        for kind in ProviderKind::ALL {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
        let unknown = "Prometheus".parse::<ProviderKind>().unwrap_err();
        assert_eq!(unknown.to_string(), "`Prometheus` is no type of provider");
    }

    #[test]
    fn a_provider_whose_credentials_are_for_another_host_is_not_opened() {
        let mut connection = ConnectionSettings::parse("https://evil.example.org").unwrap();
        connection.auth = Auth::Bearer(Secret::new("token-1234"));
        connection.allowed_hosts = vec!["prom.example.org".to_owned()];
        let settings = ProviderSettings::Prometheus(PrometheusSettings::new(connection));
        assert!(!format!("{settings:?}").contains("token-1234"));
        let name = ProviderName::new("prod").unwrap();
        let error = open(&name, &settings).err().unwrap();
        assert_eq!(error.to_string(), "cannot set up provider `prod`");
    }
}
