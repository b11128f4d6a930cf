//! What a NATS server did instead of what it was asked, sorted by what the user can do.

use async_nats::{ConnectError, ConnectErrorKind};

use crate::eventlog::failure::{RemoteFailure, Trouble};

/// Something failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{said}")]
pub(super) struct Fault {
    /// What is wrong.
    pub trouble: Trouble,
    /// What was said, and what to do.
    pub said: String,
}

impl Fault {
    /// Makes a fault.
    pub(super) fn new(trouble: Trouble, said: impl Into<String>) -> Self {
        Self {
            trouble,
            said: said.into(),
        }
    }

    /// Sorts why no connection was made.
    pub(super) fn from_connect(error: &ConnectError) -> Self {
        let trouble = match error.kind() {
            ConnectErrorKind::AuthorizationViolation | ConnectErrorKind::Authentication => {
                Trouble::NotAuthorised
            }
            ConnectErrorKind::ServerParse => Trouble::Unsupported,
            ConnectErrorKind::Dns
            | ConnectErrorKind::TimedOut
            | ConnectErrorKind::Tls
            | ConnectErrorKind::Io
            | ConnectErrorKind::MaxReconnects => Trouble::Unavailable,
        };
        Self::new(trouble, error.to_string())
    }

    /// Names the log that it happened to.
    pub(super) fn at(self, log: &str) -> RemoteFailure {
        RemoteFailure::new(log, self.trouble, self.said)
    }
}

/// What JetStream answered in place of a result.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
pub(super) struct ApiError {
    /// As in HTTP.
    #[serde(default)]
    pub code: u16,
    /// Which error.
    #[serde(default)]
    pub err_code: u32,
    /// In words.
    #[serde(default)]
    pub description: String,
}

impl ApiError {
    /// There is no such stream.
    pub(super) const NO_STREAM: u32 = 10_059;
    /// A message came in between.
    pub(super) const WRONG_LAST: u32 = 10_071;
    /// There is no such message.
    pub(super) const NO_MESSAGE: u32 = 10_037;
    /// There is such a stream with other settings.
    pub(super) const OTHER_SETTINGS: u32 = 10_058;
    /// JetStream is not there, for the server or for the account.
    const NO_JETSTREAM: [u32; 2] = [10_039, 10_076];
    /// For now nobody leads: 503 of a cluster.
    const LEADERLESS: [u32; 2] = [10_008, 10_009];

    /// Turns what no one here expects into a fault.
    pub(super) fn into_fault(self, attempted: &str) -> Fault {
        let Self {
            code,
            err_code,
            description,
        } = self;
        if Self::NO_JETSTREAM.contains(&err_code) {
            return no_jetstream();
        }
        let trouble = match code {
            _ if Self::LEADERLESS.contains(&err_code) => Trouble::Throttled,
            401 | 403 => Trouble::NotAuthorised,
            429 => Trouble::Throttled,
            500..=599 => Trouble::Unavailable,
            _ => Trouble::BadAnswer,
        };
        Fault::new(
            trouble,
            format!("{attempted}: {description} (JetStream error {err_code})"),
        )
    }
}

/// Says that there is a server, but no JetStream.
pub(super) fn no_jetstream() -> Fault {
    Fault::new(
        Trouble::BadAnswer,
        "JetStream is not enabled there: start nats-server with `--jetstream`, enable it for the account of this user, \
         or name its domain with `?domain=NAME`",
    )
}
