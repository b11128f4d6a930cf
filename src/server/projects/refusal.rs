//! Why something of a project is refused, in words for whoever asked. Paths of this machine are for the log alone.

use axum::http::StatusCode;

use crate::app::SubmitError;
use crate::eventlog::AppendError;
use crate::server::configuration::{ConfigurationError, FilesError, RepositoryError};
use crate::server::problem::Problem;
use crate::server::vault::VaultError;

/// The most characters of a name that are told back.
const MOST_TOLD: usize = 64;

/// Makes a name of somebody else fit for a message.
#[must_use]
pub fn hidden(name: &str) -> String {
    let mut told: String = name
        .chars()
        .map(|character| {
            if character.is_control() {
                '\u{fffd}'
            } else {
                character
            }
        })
        .take(MOST_TOLD)
        .collect();
    if name.chars().count() > MOST_TOLD {
        told.push('…');
    }
    told
}

/// Says that what happened in a project can't be forgotten.
#[must_use]
pub fn unforgotten(error: &AppendError) -> Problem {
    internal(error)
}

/// Says what is wrong with a repository.
#[must_use]
pub fn broken(error: &RepositoryError) -> Problem {
    let status = match error {
        RepositoryError::UnknownCommit(_) | RepositoryError::UpstreamMissing => {
            StatusCode::NOT_FOUND
        }
        RepositoryError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        RepositoryError::TooMany => StatusCode::UNPROCESSABLE_ENTITY,
        RepositoryError::NoGit(_)
        | RepositoryError::UpstreamRefuses
        | RepositoryError::Upstream(_) => StatusCode::FAILED_DEPENDENCY,
        RepositoryError::Disk { .. }
        | RepositoryError::Damaged { .. }
        | RepositoryError::Git { .. } => return internal(error),
    };
    let message = match error {
        RepositoryError::UnknownCommit(commit) => {
            format!(
                "Resource not found: there is no commit `{}`",
                hidden(commit)
            )
        }
        RepositoryError::TooLarge { .. }
        | RepositoryError::TooMany
        | RepositoryError::Disk { .. }
        | RepositoryError::Damaged { .. }
        | RepositoryError::NoGit(_)
        | RepositoryError::Git { .. }
        | RepositoryError::UpstreamMissing
        | RepositoryError::UpstreamRefuses
        | RepositoryError::Upstream(_) => error.to_string(),
    };
    Problem::new(status, message)
}

/// Says why a project could not be created, changed, or deleted.
#[must_use]
pub fn unconfigured(error: &ConfigurationError) -> Problem {
    match error {
        ConfigurationError::Exists(_) | ConfigurationError::UpstreamInUse(_) => {
            Problem::conflict(error.to_string())
        }
        ConfigurationError::StageIsMain(_) => Problem::bad_request(error.to_string()),
        ConfigurationError::Repository(error) => broken(error),
        ConfigurationError::Vault(error) => unkept(error),
    }
}

/// Says why resources could not be changed.
#[must_use]
pub fn unwritten(error: &FilesError) -> Problem {
    match error {
        FilesError::Exists(_) | FilesError::InTheWay { .. } => Problem::conflict(error.to_string()),
        FilesError::Missing(_) => Problem::not_found(error.to_string()),
        FilesError::Repository(error) => broken(error),
    }
}

/// Says why a secret could not be kept.
#[must_use]
pub fn unkept(error: &VaultError) -> Problem {
    internal(error)
}

/// Says that the engine or the log takes nothing.
#[must_use]
pub fn stopped(error: &SubmitError) -> Problem {
    tracing::error!(error = %error, "the conductor takes nothing");
    let message = "the server can't write to its log, or is stopping; try again later";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, message)
}

/// Logs what happened, and says where to look.
fn internal(error: &dyn std::error::Error) -> Problem {
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    tracing::error!(%error, cause, "what is stored can't be read or changed");
    let message =
        "Internal server error: what is stored can't be read or changed; the server's log says why";
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, message)
}
