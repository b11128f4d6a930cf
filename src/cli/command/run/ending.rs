//! How the process ends because of a run.

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
pub fn waits(context: &str, waiting: &[WaitingTask]) -> Failure {
    let places = waiting
        .iter()
        .map(|task| format!("`{}` in the stage `{}`", task.task, task.stage));
    let places = places.collect::<Vec<_>>().join(" and ");
    let (verb, hint) = if waiting.iter().any(|task| task.task == "approval") {
        (
            "for a decision",
            format!(
                "decide and go on: tidegate run --resume {context} --approve, or --decline; with --wait it waits for others"
            ),
        )
    } else {
        (
            "for an answer from elsewhere",
            format!(
                "when it is there, go on: tidegate run --resume {context}; with --wait it is waited for"
            ),
        )
    };
    Failure::new(Exit::TryAgain, format!("the run waits {verb}: {places}")).with_hint(hint)
}

/// Says that a run could not be carried out.
pub fn failure(error: RunError, context: &str) -> Failure {
    let again = format!("what is done is stored; go on with tidegate run --resume {context}");
    match error {
        RunError::Journal(error) => Failure::of_journal(&error).with_hint(again),
        RunError::Submit(crate::app::SubmitError::Journal(error)) => {
            Failure::of_journal(&error).with_hint(again)
        }
        RunError::Submit(crate::app::SubmitError::Stopped) => {
            Failure::new(Exit::Bug, "the conductor has stopped by itself").with_hint(again)
        }
        RunError::NotStarted(_) => Failure::new(Exit::Malformed, error.to_string()),
        RunError::NothingWaits(_) => Failure::new(Exit::Missing, error.to_string()).with_hint(
            format!("without --approve or --decline it goes on: tidegate run --resume {context}"),
        ),
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
