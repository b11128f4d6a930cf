//! How the process ends because of a run.

use std::sync::atomic::AtomicBool;

use super::again::Again;
use crate::app::{RunError, WaitingTask};
use crate::cli::args::FailOn;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::sequence::{Execution, Outcome, OutcomeWord};

/// Returns how the process ends when nothing is left to do.
pub fn exit(executions: &[Execution], fail_on: Option<FailOn>) -> Exit {
    let warning = match fail_on {
        None => Exit::Warning,
        Some(FailOn::Warning) => Exit::Fail,
        Some(FailOn::Fail | FailOn::Never) => Exit::Pass,
    };
    let fail = match fail_on {
        None | Some(FailOn::Warning | FailOn::Fail) => Exit::Fail,
        Some(FailOn::Never) => Exit::Pass,
    };
    match Outcome::of(executions).worst {
        Some(OutcomeWord::Pass) => Exit::Pass,
        Some(OutcomeWord::Warning) => warning,
        Some(OutcomeWord::Fail) => fail,
        Some(OutcomeWord::TimedOut) => Exit::TimedOut,
        Some(OutcomeWord::Aborted) => Exit::Interrupted,
        Some(OutcomeWord::Errored) | None => Exit::Unavailable,
    }
}

/// Says that only a decision can bring a run on.
pub fn waits(again: &Again, waiting: &[WaitingTask]) -> Failure {
    let places = waiting
        .iter()
        .map(|task| format!("`{}` in the stage `{}`", task.task, task.stage));
    let places = places.collect::<Vec<_>>().join(" and ");
    let is_decision = waiting.iter().any(|task| task.task == "approval");
    let command = again.command(if is_decision { " --approve" } else { "" });
    let Some(command) = command else {
        let what = format!("the run waits, and can't: {places}");
        return Failure::new(Exit::TryAgain, what)
            .with_hint("the event log `memory:` keeps nothing: name another, or wait with --wait");
    };
    let (verb, hint) = if is_decision {
        (
            "for a decision",
            format!("decide and go on: {command}, or --decline; with --wait it waits for others"),
        )
    } else {
        (
            "for an answer from elsewhere",
            format!("when it is there, go on: {command}; with --wait it is waited for"),
        )
    };
    Failure::new(Exit::TryAgain, format!("the run waits {verb}: {places}")).with_hint(hint)
}

/// Says that a run could not be carried out.
pub fn failure(error: RunError, again: &Again, is_stored: &AtomicBool) -> Failure {
    let hinted = |failure: Failure| match again.hint(is_stored) {
        Some(hint) => failure.with_hint(hint),
        None => failure,
    };
    match error {
        RunError::Journal(error) => hinted(Failure::of_journal(&error)),
        RunError::Submit(crate::app::SubmitError::Journal(error)) => {
            hinted(Failure::of_journal(&error))
        }
        RunError::Submit(crate::app::SubmitError::Stopped) => hinted(Failure::new(
            Exit::Bug,
            "the conductor has stopped by itself",
        )),
        RunError::NotStarted(_) => Failure::new(Exit::Malformed, error.to_string()),
        RunError::NothingWaits(_) => {
            let failure = Failure::new(Exit::Missing, error.to_string());
            match again.command("") {
                Some(command) => failure.with_hint(format!(
                    "without --approve or --decline it goes on: {command}"
                )),
                None => failure,
            }
        }
        RunError::SeveralWait(_) => {
            Failure::new(Exit::Usage, error.to_string()).with_hint("name one with --stage")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_without_any_sequence_is_no_pass() {
        assert_eq!(exit(&[], None), Exit::Unavailable);
        assert_eq!(exit(&[], Some(FailOn::Never)), Exit::Unavailable);
    }
}
