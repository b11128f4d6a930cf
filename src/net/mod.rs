//! One HTTP client for everything that speaks HTTP: timeouts, retries, TLS, size limits, secrets.
//!
//! A client belongs to one server, named by its [`ConnectionSettings`]: credentials never travel anywhere else.
//! Any answer with a status is an [`Answer`]; what a status means is left to the caller. Nothing here reads the
//! environment, except for the proxy settings that the HTTP library honours by itself.

mod answer;
mod client;
mod excerpt;
mod failure;
mod redact;
mod redirect;
mod retry;
mod secret;
mod settings;
#[cfg(test)]
pub(crate) mod test_server;
mod tls;

pub use answer::Answer;
pub use client::{BuildError, HttpClient, Repeat};
#[cfg(test)]
use failure::TlsTrouble;
pub use failure::{SendError, SendFailure};

pub use redact::Redactor;
pub use retry::RetrySettings;
pub use secret::Secret;
pub use settings::{Auth, ConnectionSettings, HeaderText, TlsSettings, UrlError};
