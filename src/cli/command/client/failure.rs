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
            CallError::Refused { status, call, .. } => of_status(*status, call),
            CallError::NoToken { .. } => (
                Exit::NotAuthorised,
                Some("set TIDEGATE_TOKEN, name a file with --token-file, or run tidegate auth"),
            ),
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
fn of_status(status: u16, call: &str) -> (Exit, Option<&'static str>) {
    match status {
        401 | 403 => (
            Exit::NotAuthorised,
            Some("check the token; tidegate status --verbose tells where it comes from"),
        ),
        400 | 413 | 415 | 422 => (Exit::Malformed, None),
        404 => (Exit::Missing, Some(list_of(call))),
        409 => of_conflict(call),
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

/// Returns the command that lists what a call looked for in vain.
fn list_of(call: &str) -> &'static str {
    if call.contains("/secrets/") {
        "tidegate get secrets lists what is there"
    } else if call.contains("/resource/URI") {
        "tidegate get resources lists what is there"
    } else if call.contains("/resource-service/") {
        "tidegate get services lists the stages and services of a project"
    } else if call.contains("/service/") {
        "tidegate get services lists what is there"
    } else if call.contains("/sequence/") {
        "tidegate get sequences lists what is there"
    } else {
        "tidegate get projects lists what is there"
    }
}

/// Returns the exit code and the advice where something is in the way.
fn of_conflict(call: &str) -> (Exit, Option<&'static str>) {
    if call.contains("/sequence/") {
        let hint = "tidegate get sequences tells how it stands";
        (Exit::Missing, Some(hint))
    } else if call.ends_with("/service") {
        let hint = "it is there already; tidegate get services lists what is there";
        (Exit::CannotCreate, Some(hint))
    } else {
        let hint = "it is there already; tidegate update changes it";
        (Exit::CannotCreate, Some(hint))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_names_the_command_that_lists_what_is_missing_or_in_the_way() {
        let advice = |status, call| {
            let failure = Failure::from(CallError::Refused {
                call,
                status,
                message: "no".to_owned(),
            });
            format!(
                "{} {}",
                failure.exit.code(),
                failure.hint.unwrap_or_default()
            )
        };
        let told = [
            advice(404, "DELETE /secrets/v1/secret"),
            advice(
                404,
                "DELETE /controlPlane/v1/project/PROJECT/service/SERVICE",
            ),
            advice(404, "POST /controlPlane/v1/project/PROJECT/service"),
            advice(404, "DELETE /resource-service/v1/…/resource/URI"),
            advice(404, "POST /resource-service/v1/…/resource"),
            advice(409, "POST /controlPlane/v1/project/PROJECT/service"),
            advice(409, "POST /controlPlane/v1/project"),
            advice(
                409,
                "POST /controlPlane/v1/sequence/PROJECT/CONTEXT/control",
            ),
        ];
        insta::assert_snapshot!(told.join("\n"), @"
        66 tidegate get secrets lists what is there
        66 tidegate get services lists what is there
        66 tidegate get projects lists what is there
        66 tidegate get resources lists what is there
        66 tidegate get services lists the stages and services of a project
        73 it is there already; tidegate get services lists what is there
        73 it is there already; tidegate update changes it
        66 tidegate get sequences tells how it stands
        ");
    }

    #[test]
    fn a_token_that_nobody_gave_is_asked_for() {
        let failure = Failure::from(CallError::NoToken {
            call: "GET /x",
            status: 401,
        });
        assert_eq!(failure.exit, Exit::NotAuthorised);
        insta::assert_snapshot!(failure.text(), @"
        error: there is no token, and the server asks for one (GET /x: HTTP 401)
          hint: set TIDEGATE_TOKEN, name a file with --token-file, or run tidegate auth
        ");
    }
}
