//! What can go wrong with a control plane, as message, hint and exit code.

use crate::app::{PreflightError, SubmitTrouble};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::control::CallError;
use crate::net::SendFailure;

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        let (exit, hint) = match &error {
            CallError::Unsent(unsent) => (exit_of_unsent(&unsent.failure), unsent.failure.hint()),
            CallError::Refused { status, .. } => of_status(*status),
            CallError::Unreadable { .. } => (
                Exit::BadAnswer,
                Some("does the endpoint name a control plane? Its URL usually ends in /api"),
            ),
        };
        let failure = Self::new(exit, error.to_string());
        match hint {
            Some(hint) => failure.with_hint(hint),
            None => failure,
        }
    }
}

impl From<PreflightError> for Failure {
    fn from(error: PreflightError) -> Self {
        let message = error.to_string();
        match error {
            PreflightError::Call(error) => error.into(),
            PreflightError::Unknown { known, nearest, .. } => {
                let known = shortened(&known);
                let hint = match nearest {
                    Some(nearest) => format!("did you mean `{nearest}`? Known are: {known}"),
                    None if known.is_empty() => "there are none yet".to_owned(),
                    None => format!("known are: {known}"),
                };
                Self::new(Exit::Missing, message).with_hint(hint)
            }
            PreflightError::NoShipyard { .. } => Self::new(Exit::BadAnswer, message)
                .with_hint("look at its shipyard.yaml; nothing was triggered"),
        }
    }
}

impl From<SubmitTrouble> for Failure {
    fn from(error: SubmitTrouble) -> Self {
        match error {
            SubmitTrouble::Refused(error) => error.into(),
            SubmitTrouble::InDoubt {
                ref context,
                ref source,
            } => {
                let hint = format!(
                    "look for the context {context} with tidegate get sequences --context before you do it again"
                );
                let mut failure = Self::new(Exit::Unavailable, error.to_string()).with_hint(hint);
                failure.causes.push(source.to_string());
                failure
            }
        }
    }
}

/// Returns the exit code where no answer came.
fn exit_of_unsent(failure: &SendFailure) -> Exit {
    match failure {
        SendFailure::TooLarge { .. } => Exit::BadAnswer,
        SendFailure::Unsendable { .. }
        | SendFailure::Request { .. }
        | SendFailure::Denied { .. } => Exit::Usage,
        SendFailure::Dns { .. }
        | SendFailure::Connect { .. }
        | SendFailure::Tls { .. }
        | SendFailure::Timeout { .. }
        | SendFailure::Broken { .. }
        | SendFailure::Redirected { .. }
        | SendFailure::Token { .. } => Exit::Unavailable,
    }
}

/// Returns the exit code and the advice for a status that says no.
fn of_status(status: u16) -> (Exit, Option<&'static str>) {
    match status {
        401 | 403 => (
            Exit::NotAuthorised,
            Some("check the token; tidegate status --verbose tells where it comes from"),
        ),
        400 | 413 | 415 | 422 => (Exit::Malformed, None),
        404 => (
            Exit::Missing,
            Some("tidegate get projects lists what is there"),
        ),
        409 => (
            Exit::CannotCreate,
            Some("it is there already; tidegate update changes it"),
        ),
        424 => (
            Exit::NotAuthorised,
            Some("check what the control plane needs for the repository: --git-…"),
        ),
        429 => (Exit::TryAgain, Some("try again in a minute")),
        500.. => (Exit::Unavailable, Some("try again; its logs tell more")),
        _ => (
            Exit::BadAnswer,
            Some("does the endpoint name a control plane? Its URL usually ends in /api"),
        ),
    }
}

/// Returns the first few names.
fn shortened(names: &[String]) -> String {
    let mut shown: Vec<&str> = names.iter().take(10).map(String::as_str).collect();
    if names.len() > shown.len() {
        shown.push("…");
    }
    shown.join(", ")
}
