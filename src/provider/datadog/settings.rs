//! Settings of a Datadog.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::net::{Auth, ConnectionSettings, HeaderText, RateLimitHeader, Secret, UrlError};

/// How to ask a Datadog.
#[derive(Clone, Debug, PartialEq)]
pub struct DatadogSettings {
    /// How to reach it, with both keys.
    pub connection: ConnectionSettings,
    /// Which API is asked where the query does not say.
    pub api: Api,
    /// Whether a last bucket that ends behind the window counts.
    pub last_bucket: LastBucket,
}

/// The two keys that Datadog wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// The API key, which names the organisation.
    pub api: Secret,
    /// The application key, which names who asks.
    pub application: Secret,
}

/// An API for queries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Api {
    /// `/api/v1/query`: the points of series, which are reduced here.
    #[default]
    V1,
    /// `/api/v2/query/scalar`: one number, which Datadog reduces.
    V2,
}

/// What becomes of a last bucket that ends behind the window: it is usually not complete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LastBucket {
    /// It is left out.
    #[default]
    Dropped,
    /// It counts.
    Kept,
}

impl FromStr for Api {
    type Err = UnknownApi;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "v1" => Ok(Self::V1),
            "v2" => Ok(Self::V2),
            _ => Err(UnknownApi),
        }
    }
}

/// An API that does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`api` is v1 or v2")]
pub struct UnknownApi;

/// A site of Datadog: each has its own data and its own keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Site {
    /// `datadoghq.com`.
    #[default]
    Us1,
    /// `us3.datadoghq.com`.
    Us3,
    /// `us5.datadoghq.com`.
    Us5,
    /// `datadoghq.eu`.
    Eu1,
    /// `ap1.datadoghq.com`.
    Ap1,
    /// `ap2.datadoghq.com`.
    Ap2,
    /// `uk1.datadoghq.com`.
    Uk1,
    /// `ddog-gov.com`.
    Gov,
    /// `us2.ddog-gov.com`.
    Gov2,
}

impl Site {
    /// Every site.
    pub const ALL: [Self; 9] = [
        Self::Us1,
        Self::Us3,
        Self::Us5,
        Self::Eu1,
        Self::Ap1,
        Self::Ap2,
        Self::Uk1,
        Self::Gov,
        Self::Gov2,
    ];

    /// Returns the site as `DD_SITE` names it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Us1 => "datadoghq.com",
            Self::Us3 => "us3.datadoghq.com",
            Self::Us5 => "us5.datadoghq.com",
            Self::Eu1 => "datadoghq.eu",
            Self::Ap1 => "ap1.datadoghq.com",
            Self::Ap2 => "ap2.datadoghq.com",
            Self::Uk1 => "uk1.datadoghq.com",
            Self::Gov => "ddog-gov.com",
            Self::Gov2 => "us2.ddog-gov.com",
        }
    }

    /// Returns the URL of the API.
    #[must_use]
    pub fn url(self) -> String {
        format!("https://api.{self}")
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Site {
    type Err = UnknownSite;

    /// Reads the name of a site, or the address that a browser shows there: `https://app.datadoghq.eu/`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.trim().trim_end_matches('/').to_ascii_lowercase();
        let name = name.strip_prefix("https://").unwrap_or(&name);
        let name = ["app.", "api."]
            .into_iter()
            .find_map(|prefix| name.strip_prefix(prefix))
            .unwrap_or(name);
        let found = Self::ALL.into_iter().find(|site| site.as_str() == name);
        found.ok_or_else(|| UnknownSite {
            text: text.to_owned(),
        })
    }
}

/// A site that Datadog does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no site of Datadog")]
pub struct UnknownSite {
    /// What was written.
    pub text: String,
}

impl DatadogSettings {
    /// The longest wait that Datadog may ask for.
    pub const LONGEST_WAIT: Duration = Duration::from_secs(60);

    /// Reads a URL, and takes the waits that Datadog may ask for.
    pub fn connection(url: &str) -> Result<ConnectionSettings, UrlError> {
        let mut connection = ConnectionSettings::parse(url)?;
        connection.rate_limit = RateLimitHeader::SecondsUntil("X-RateLimit-Reset".to_owned());
        connection.retry.max = Self::LONGEST_WAIT;
        Ok(connection)
    }

    /// Takes a connection and the two keys that Datadog wants.
    #[must_use]
    pub fn new(mut connection: ConnectionSettings, keys: Keys) -> Self {
        connection.auth = Auth::Header {
            name: "DD-API-KEY".to_owned(),
            scheme: None,
            value: keys.api,
        };
        let application = HeaderText::Secret(keys.application);
        connection
            .headers
            .push(("DD-APPLICATION-KEY".to_owned(), application));
        Self {
            connection,
            api: Api::default(),
            last_bucket: LastBucket::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_site_has_its_own_api() {
        let urls: Vec<String> = Site::ALL
            .into_iter()
            .map(|site| {
                let connection = DatadogSettings::connection(&site.url()).unwrap();
                connection.redacted_url()
            })
            .collect();
        assert_eq!(
            urls,
            [
                "https://api.datadoghq.com",
                "https://api.us3.datadoghq.com",
                "https://api.us5.datadoghq.com",
                "https://api.datadoghq.eu",
                "https://api.ap1.datadoghq.com",
                "https://api.ap2.datadoghq.com",
                "https://api.uk1.datadoghq.com",
                "https://api.ddog-gov.com",
                "https://api.us2.ddog-gov.com",
            ]
        );
    }

    #[test]
    fn a_site_is_named_as_in_its_variable_or_as_a_browser_shows_it() {
        for site in Site::ALL {
            for text in [
                site.to_string(),
                format!("https://app.{site}/"),
                format!("api.{site}"),
                site.as_str().to_uppercase(),
            ] {
                assert_eq!(text.parse(), Ok(site), "{text}");
            }
        }
        let error = "datadog.com".parse::<Site>().unwrap_err();
        assert_eq!(error.to_string(), "`datadog.com` is no site of Datadog");
    }
}
