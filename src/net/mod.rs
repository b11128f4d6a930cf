//! One HTTP client for everything that speaks HTTP: timeouts, retries, TLS, size limits, secrets.
//!
//! A client belongs to one server, named by its [`ConnectionSettings`]: credentials never travel anywhere else.
//! Any answer with a status is an [`Answer`]; what a status means is left to the caller. Nothing here reads the
//! environment, except for the proxy settings that the HTTP library honours by itself.

mod address_policy;
mod answer;
mod auth;
mod authorize;
mod client;
mod clock;
mod disguise;
mod encode;
mod excerpt;
mod failure;
mod headers;
mod outgoing;
mod patience;
mod plain;
mod postgres;
mod probe;
mod rate_limit;
mod redact;
mod redirect;
#[cfg(test)]
mod request_tests;
mod retry;
mod secret;
mod settings;
mod sigv4;
#[cfg(test)]
mod test_authority;
#[cfg(test)]
#[cfg(unix)]
#[path = "../../tests/it/support/postgres.rs"]
pub(crate) mod test_postgres;
#[cfg(test)]
pub(crate) mod test_server;
mod tls;
mod tls_config;
mod token;
#[cfg(test)]
mod token_tests;

pub use address_policy::{AddressPolicy, AllowedTarget};
pub use answer::Answer;
pub use auth::{Auth, ClientCredentials, ClientStyle, SigningKey, TokenUrl};
pub use client::{BuildError, HttpClient, Repeat};
pub use encode::percent_encode;
#[cfg(test)]
use failure::TlsTrouble;
pub use failure::{SendError, SendFailure, tls_advice};
pub use outgoing::{Body, Outgoing, Place};
pub use patience::Patience;
pub use plain::{PlainBody, PlainClient, PlainFailure, PlainRequest};
pub use postgres::{
    PostgresBreak, PostgresConnectError, PostgresConnection, PostgresHost, PostgresParts,
    PostgresServer, PostgresUrl, PostgresUrlError, PostgresWords, SslMode, postgres_server_limit,
};
pub use probe::{ProbeOutcome, ProbeStep, probe};
pub use rate_limit::RateLimitHeader;
pub use redact::Redactor;
pub use reqwest::Method;
pub use retry::RetrySettings;
pub use secret::Secret;
pub use settings::{ConnectionSettings, HeaderText, TlsSettings, UrlError};
pub use tls::TlsSetupError;
pub use tls_config::tls_config;
pub use token::TokenTrouble;
