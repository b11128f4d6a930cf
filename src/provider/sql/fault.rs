//! What an error of PostgreSQL means: its SQLSTATE decides.

use std::time::Duration;

use tokio_postgres::Error;
use tokio_postgres::error::DbError;

use super::task::Said;
use crate::gate::FailureKind;
use crate::net::{PostgresBreak, PostgresWords, Redactor};

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
        let words = self.words().of_server(error);
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

    /// Puts what is said into words.
    fn words(&self) -> PostgresWords<'_> {
        PostgresWords {
            text: self.text,
            redactor: self.redactor,
        }
    }

    /// Says why the exchange broke off.
    fn of_connection(&self, error: &Error) -> Said {
        let endpoint = self.endpoint;
        match self.words().of_break(error) {
            PostgresBreak::Tls(advice) => Said::failed(
                FailureKind::Unavailable,
                format!("no secure connection to {endpoint}: {advice}"),
            )
            .for_good(),
            PostgresBreak::Credentials(cause) => Said::failed(
                FailureKind::NotAuthorised,
                format!("{endpoint} asks for credentials: {cause}; put user and password into `url`, or set `password`"),
            ),
            PostgresBreak::Handshake(cause) => Said::failed(
                FailureKind::Unavailable,
                format!("no secure connection to {endpoint}: {cause}; `sslmode=disable` in the URL does without, where you trust the network"),
            )
            .for_good(),
            PostgresBreak::Lost(cause) => Said::failed(
                FailureKind::Unavailable,
                format!("the exchange with {endpoint} broke off: {cause}"),
            ),
        }
    }
}
