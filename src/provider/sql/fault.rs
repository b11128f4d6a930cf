//! What an error of PostgreSQL means: its SQLSTATE decides.

use std::time::Duration;

use tokio_postgres::Error;
use tokio_postgres::error::{DbError, ErrorPosition};

use super::task::Said;
use crate::gate::FailureKind;
use crate::net::{Redactor, tls_advice};

/// How much of a server's text is shown.
const TEXT_BYTES: usize = 1000;
/// How much of a query is shown at the place of an error.
const NEAR: usize = 24;

/// What is known when an error occurs.
pub(super) struct Circumstances<'a> {
    /// Where the server is.
    pub endpoint: &'a str,
    /// The text that was sent.
    pub text: &'a str,
    /// How long it may take.
    pub limit: Duration,
    /// Takes the password out of what is shown.
    pub redactor: &'a Redactor,
}

impl Circumstances<'_> {
    /// Says what an error means.
    pub(super) fn said(&self, error: &Error) -> Said {
        match error.as_db_error() {
            Some(said_by_server) => self.of_server(said_by_server),
            None => self.of_connection(error),
        }
    }

    /// Says what the server's own error means.
    fn of_server(&self, error: &DbError) -> Said {
        let code = error.code().code();
        let words = self.words(error);
        let Self {
            endpoint, limit, ..
        } = self;
        match code {
            "57014" => Said::failed(
                FailureKind::Unavailable,
                format!("the query did not end within {limit:?} ({words}); set a longer `timeout`, or look at its plan with `explain`"),
            )
            .for_good(),
            "25006" => Said::failed(
                FailureKind::BadQuery,
                format!("the query writes, and the session can only read: {words}"),
            ),
            "53300" => Said::failed(
                FailureKind::Throttled,
                format!("{endpoint} has too many connections: {words}; lower `concurrency`, or try again later"),
            ),
            "3D000" => Said::failed(
                FailureKind::Unavailable,
                format!("{endpoint}: {words}; is the database in the URL spelled right?"),
            )
            .for_good(),
            "42501" => Said::failed(
                FailureKind::NotAuthorised,
                format!("{words}; let an administrator `grant select` to the user of the URL"),
            ),
            _ => match code.get(..2).unwrap_or_default() {
                "28" => Said::failed(
                    FailureKind::NotAuthorised,
                    format!("{endpoint} refuses to let us in: {words}; check user and password"),
                ),
                "08" | "53" | "57" | "40" | "55" | "58" => {
                    Said::failed(FailureKind::Unavailable, format!("{endpoint}: {words}"))
                }
                _ => Said::failed(FailureKind::BadQuery, format!("PostgreSQL says: {words}")),
            },
        }
    }

    /// Returns the server's words, with the place in the query.
    fn words(&self, error: &DbError) -> String {
        let mut words = self.shown(error.message());
        if let Some(ErrorPosition::Original(position)) = error.position() {
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

    /// Says why the exchange broke off.
    fn of_connection(&self, error: &Error) -> Said {
        let endpoint = self.endpoint;
        if let Some(advice) = tls_advice(error) {
            let text = format!("no secure connection to {endpoint}: {advice}");
            return Said::failed(FailureKind::Unavailable, text).for_good();
        }
        let mut innermost: &dyn std::error::Error = error;
        while let Some(cause) = innermost.source() {
            innermost = cause;
        }
        let cause = self.shown(&innermost.to_string());
        // The library tells these kinds by their texts only.
        match error.to_string().as_str() {
            "authentication error" | "invalid configuration" => Said::failed(
                FailureKind::NotAuthorised,
                format!("{endpoint} asks for credentials: {cause}; put user and password into `url`, or set `password`"),
            ),
            "error performing TLS handshake" => Said::failed(
                FailureKind::Unavailable,
                format!("no secure connection to {endpoint}: {cause}; `sslmode=disable` in the URL does without, where you trust the network"),
            )
            .for_good(),
            _ => Said::failed(
                FailureKind::Unavailable,
                format!("the exchange with {endpoint} broke off: {cause}"),
            ),
        }
    }

    /// Returns a text of others as one safe line.
    fn shown(&self, text: &str) -> String {
        self.redactor.excerpt(text.as_bytes(), TEXT_BYTES)
    }
}
