//! What PostgreSQL says when something is wrong, in one safe line.

use std::time::Duration;

use tokio_postgres::Error;
use tokio_postgres::error::{DbError, ErrorPosition};

use crate::net::{Redactor, tls_advice};

/// How much of a server's text is shown.
const TEXT_BYTES: usize = 1000;
/// How much of a query is shown at the place of an error.
const NEAR: usize = 24;

/// Puts what a server says into words, without the password.
pub struct PostgresWords<'a> {
    /// The text that was sent, where it is the user's own.
    pub text: &'a str,
    /// Takes the password out of what is shown.
    pub redactor: &'a Redactor,
}

/// Why an exchange broke off, without an error of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostgresBreak {
    /// TLS did not come about, and this is what to do.
    Tls(String),
    /// TLS did not come about.
    Handshake(String),
    /// The server wants credentials that nobody gave.
    Credentials(String),
    /// The connection was lost, or what came along it is no PostgreSQL.
    Lost(String),
}

impl PostgresWords<'_> {
    /// Returns the server's words, with the place in the text.
    #[must_use]
    pub fn of_server(&self, error: &DbError) -> String {
        let mut words = self.shown(error.message());
        if let Some(ErrorPosition::Original(position)) = error.position()
            && !self.text.is_empty()
        {
            let start = usize::try_from(*position).unwrap_or(1).saturating_sub(1);
            let near: String = self.text.chars().skip(start).take(NEAR).collect();
            words = format!("{words}, at `{}`", self.shown(&near));
        }
        words = format!("{words} (SQLSTATE {})", error.code().code());
        for more in [error.detail(), error.hint()].into_iter().flatten() {
            words.push_str("; ");
            words.push_str(&self.shown(more));
        }
        words
    }

    /// Says why an exchange broke off.
    #[must_use]
    pub fn of_break(&self, error: &Error) -> PostgresBreak {
        if let Some(advice) = tls_advice(error) {
            return PostgresBreak::Tls(advice);
        }
        let mut innermost: &dyn std::error::Error = error;
        while let Some(cause) = innermost.source() {
            innermost = cause;
        }
        let cause = self.shown(&innermost.to_string());
        // The library tells these kinds by their texts only.
        match error.to_string().as_str() {
            "authentication error" | "invalid configuration" => PostgresBreak::Credentials(cause),
            "error performing TLS handshake" => PostgresBreak::Handshake(cause),
            _ => PostgresBreak::Lost(cause),
        }
    }

    /// Returns a text of others as one safe line.
    #[must_use]
    pub fn shown(&self, text: &str) -> String {
        self.redactor.excerpt(text.as_bytes(), TEXT_BYTES)
    }
}

/// Returns the time, in milliseconds, after which the server is to give up: a little before we do, so that it can still
/// say why.
#[must_use]
pub fn postgres_server_limit(limit: Duration) -> i32 {
    let margin = (limit / 10).min(Duration::from_secs(1));
    let limit = limit.saturating_sub(margin).as_millis();
    i32::try_from(limit).unwrap_or(i32::MAX).max(1)
}
