//! Checks of `tidegate doctor`: is the program there, the one that is pinned, and what does it say of itself?

use std::time::Duration;

use serde_json::Value;

use super::answer::OUTPUT_BYTES;
use super::document::API_VERSION;
use super::settings::ExecFormat;
use super::{Exec, program};
use crate::gate::FailureKind;
use crate::provider::{Check, CheckOutcome};

/// How long a program may take to describe itself.
const LIMIT: Duration = Duration::from_secs(10);

/// Checks one thing after the other.
pub(super) async fn probe(exec: &Exec) -> Vec<Check> {
    let mut checks = vec![check("program", of_program(exec))];
    let is_protocol = exec.settings.format == ExecFormat::Protocol;
    let is_bad = checks
        .iter()
        .any(|check| matches!(check.outcome, CheckOutcome::Bad { .. }));
    if is_protocol && !is_bad {
        checks.push(check("description", described(exec).await));
    }
    checks
}

/// Names what was checked.
fn check(name: &str, outcome: CheckOutcome) -> Check {
    Check {
        name: name.to_owned(),
        outcome,
    }
}

/// Checks the file of the program.
fn of_program(exec: &Exec) -> CheckOutcome {
    if !exec.program.is_file() {
        let hint = exec.settings.install_hint.as_deref();
        return CheckOutcome::Bad {
            kind: FailureKind::Unavailable,
            detail: format!("there is no program `{}`", exec.program.display()),
            hint: hint.map_or_else(
                || {
                    "check `command` in tidegate.yaml; relative paths start at its folder"
                        .to_owned()
                },
                |hint| format!("to install it: {hint}"),
            ),
        };
    }
    match program::check(&exec.program, exec.settings.pin) {
        Ok(()) => CheckOutcome::Good(exec.program.display().to_string()),
        Err(failing) => CheckOutcome::Bad {
            kind: failing.failure.kind,
            detail: failing.failure.message,
            hint: "compare it with the one that you trust".to_owned(),
        },
    }
}

/// Asks the program what it is.
async fn described(exec: &Exec) -> CheckOutcome {
    let ended = match exec.run("describe", Vec::new(), LIMIT).await {
        Ok(ended) => ended,
        Err(failing) => {
            return CheckOutcome::Odd {
                detail: failing.failure.message,
                hint: "let the plug-in answer `describe`, or end with exit code 2".to_owned(),
            };
        }
    };
    if !ended.status.success() {
        return CheckOutcome::Skipped("the plug-in does not describe itself".to_owned());
    }
    let document: Option<Value> = serde_json::from_slice(&ended.stdout).ok();
    let text = |name: &str| {
        let text = document.as_ref()?.get(name)?.as_str()?;
        Some(exec.redactor.excerpt(text.as_bytes(), OUTPUT_BYTES))
    };
    match (text("kind").as_deref(), text("apiVersion").as_deref()) {
        (Some("Description"), Some(API_VERSION)) => {
            let name = text("name").unwrap_or_else(|| "a plug-in without a name".to_owned());
            let version = text("version").unwrap_or_else(|| "of no version".to_owned());
            CheckOutcome::Good(format!("{name} {version}, {API_VERSION}"))
        }
        _ => CheckOutcome::Odd {
            detail: format!(
                "`describe` printed no description: {}",
                exec.redactor.excerpt(&ended.stdout, OUTPUT_BYTES)
            ),
            hint: "`tidegate plugin test` says what a plug-in must do".to_owned(),
        },
    }
}
