//! The list of providers: what can be configured, and how it becomes a provider. A new one adds a variant to each enum.

use std::fmt;
use std::str::FromStr;

use crate::gate::ProviderName;
use crate::net::BuildError;

use super::Provider;
use super::http::{Http, HttpSettings};
use super::prometheus::{Prometheus, PrometheusSettings};

/// The kinds of provider, as `type` in `tidegate.yaml` names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProviderKind {
    /// Prometheus, and whatever speaks its HTTP API.
    Prometheus,
    /// Any HTTP API, as a definition describes it.
    Http,
}

impl ProviderKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Prometheus, Self::Http];

    /// Returns the name in `type`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prometheus => "prometheus",
            Self::Http => "http",
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
    /// Any HTTP API, as a definition describes it.
    Http(HttpSettings),
}

impl ProviderSettings {
    /// Sets where the random part of the waits between attempts starts, so that jobs don't all come back at once.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        match &mut self {
            Self::Prometheus(settings) => settings.connection.retry.seed = seed,
            Self::Http(settings) => settings.connection.retry.seed = seed,
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
    /// The client library cannot use the URL.
    #[error("cannot use the URL of provider `{name}`")]
    Url {
        /// The provider.
        name: ProviderName,
        /// Why.
        #[source]
        source: prometheus_http_query::Error,
    },
}

/// Opens a provider. Nothing is sent yet.
pub fn open(
    name: &ProviderName,
    settings: &ProviderSettings,
) -> Result<Box<dyn Provider>, OpenError> {
    Ok(match settings {
        ProviderSettings::Prometheus(settings) => Box::new(Prometheus::open(name, settings)?),
        ProviderSettings::Http(settings) => Box::new(Http::open(name, settings)?),
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
