//! What a failed call means for whoever uses the log.

use super::KeptnLog;
use crate::control::CallError;
use crate::eventlog::failure::{RemoteFailure, Trouble};
use crate::net::{SendError, SendFailure};

impl KeptnLog {
    /// Makes a failure of the log of a failed call.
    pub(super) fn failure(&self, error: CallError) -> RemoteFailure {
        RemoteFailure::new(&self.name, trouble(&error), error)
    }
}

/// Tells what is wrong with the server.
pub(super) fn trouble(error: &CallError) -> Trouble {
    match error {
        CallError::Unsent(SendError { failure, .. }) => match failure {
            SendFailure::Dns { .. }
            | SendFailure::Connect { .. }
            | SendFailure::Tls { .. }
            | SendFailure::Timeout { .. }
            | SendFailure::Denied { .. }
            | SendFailure::Broken { .. } => Trouble::Unavailable,
            SendFailure::TooLarge { .. }
            | SendFailure::Redirected { .. }
            | SendFailure::Unsendable { .. }
            | SendFailure::Request { .. } => Trouble::BadAnswer,
            SendFailure::Token { .. } => Trouble::NotAuthorised,
        },
        CallError::Refused { status, .. } => match status {
            401 | 403 => Trouble::NotAuthorised,
            429 => Trouble::Throttled,
            500.. => Trouble::Unavailable,
            _ => Trouble::BadAnswer,
        },
        CallError::NoToken { .. } => Trouble::NotAuthorised,
        CallError::Unreadable { .. } => Trouble::BadAnswer,
    }
}

/// Tells whether an event certainly is not stored, and never will be, after sending it ended like this.
pub(super) fn is_certainly_lost(error: &CallError) -> bool {
    match error {
        CallError::Unsent(SendError { failure, .. }) => {
            failure.is_before_sending() || matches!(failure, SendFailure::Redirected { .. })
        }
        // The gateway, or the checks before anything is published, said no; behind a failure of the server anything
        // may have happened.
        CallError::Refused { status, .. } => *status < 500 && *status != 408 || *status == 503,
        CallError::NoToken { .. } => true,
        CallError::Unreadable { .. } => false,
    }
}
