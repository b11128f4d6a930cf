//! The errors of the commands that work on event logs, as message, causes, hint, and exit code.

use super::exit::Exit;
use super::failure::{Failure, exit_of_append, history, no_history};
use crate::app::{DeliverError, FindError, PruneError, RecallError, SteerError};
use crate::eventlog::AppendError;
use crate::gate::EvaluationName;

/// How many ids a hint names.
const NAMED: usize = 3;

impl Failure {
    /// Nobody knows which evaluation is meant.
    pub fn of_find(error: &FindError) -> Self {
        match error {
            FindError::Read(error) => history(error),
            FindError::Unknown { .. } => Self::new(Exit::Missing, error.to_string()).with_hint(
                "tidegate history lists them, and tidegate history --all those of every service",
            ),
            FindError::Ambiguous { .. } => {
                Self::new(Exit::Missing, error.to_string()).with_hint("write more of the id")
            }
        }
    }

    /// An evaluation can't be shown.
    pub fn of_recall(error: &RecallError, wanted: &str) -> Self {
        match error {
            RecallError::Read(error) => history(error),
            RecallError::History(error) => no_history(error),
            RecallError::Unknown { error, known } => {
                let failure = Self::of_find(error);
                let FindError::Unknown { name, .. } = error else {
                    return failure;
                };
                let nearest = nearest(name, wanted, known);
                match nearest.as_slice() {
                    [] => failure,
                    ids => failure.with_hint(format!(
                        "the nearest are {}; tidegate history lists all",
                        ids.join(", ")
                    )),
                }
            }
            RecallError::Unreadable { .. } => Self::new(Exit::BadAnswer, error.to_string())
                .with_causes_of(error)
                .with_hint("tidegate events get shows it as it is stored"),
        }
    }

    /// Events could not be stored.
    pub fn of_delivery(error: &DeliverError) -> Self {
        match error {
            DeliverError::Read(error) => history(error),
            DeliverError::Append(error) => unwritten(error),
        }
    }

    /// A log could not be pruned.
    pub fn of_prune(error: &PruneError) -> Self {
        match error {
            PruneError::History(error) => no_history(error),
            PruneError::Remove(error) => unwritten(error)
                .with_hint("do it again when this is mended: it goes on where it stopped"),
        }
    }
}

impl From<SteerError> for Failure {
    fn from(error: SteerError) -> Self {
        match &error {
            SteerError::Find(error) => Self::of_find(error),
            SteerError::Append(error) => unwritten(error),
            SteerError::NoTrigger(_) => Self::new(Exit::Malformed, error.to_string())
                .with_hint("leave it out by its label instead: --baseline label:KEY=VALUE"),
            SteerError::Unfit { .. } => Self::new(Exit::Malformed, error.to_string())
                .with_hint("choose another; `tidegate history` lists them"),
        }
    }
}

/// The log could not be written.
fn unwritten(error: &AppendError) -> Failure {
    Failure::new(exit_of_append(error), error.to_string()).with_causes_of(error)
}

/// Returns those ids that are most like what was asked for: the newest where it was no id.
fn nearest(name: &EvaluationName, wanted: &str, known: &[String]) -> Vec<String> {
    let mut ids: Vec<&String> = known.iter().collect();
    match name {
        EvaluationName::Id(_) => {
            ids.sort_by_key(|id| {
                let start: String = id.chars().take(wanted.chars().count()).collect();
                strsim::damerau_levenshtein(&start, wanted)
            });
        }
        EvaluationName::Latest(_) | EvaluationName::Start(_) => {}
    }
    ids.into_iter().take(NAMED).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_ids_are_those_that_begin_alike() {
        let known = ["0194aaaa-1", "0194bbbb-2", "0194abba-3", "77"].map(str::to_owned);
        let wanted = "0194bbab";
        let name = EvaluationName::Id(wanted.to_owned());
        let expected = ["0194bbbb-2", "0194aaaa-1", "0194abba-3"];
        assert_eq!(nearest(&name, wanted, &known), expected);
        let newest = nearest(&EvaluationName::Latest(7), "latest~7", &known);
        assert_eq!(newest, ["0194aaaa-1", "0194bbbb-2", "0194abba-3"]);
    }
}
