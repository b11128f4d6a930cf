//! The errors of event logs, and of the commands that work on them, as message, causes, hint, and exit code.

use super::exit::Exit;
use super::failure::{Failure, no_history};
use crate::app::{DeliverError, FindError, JournalError, PruneError, RecallError, SteerError};
use crate::eventlog::{AppendError, ReadError, Trouble};
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

    /// The state of a run could not be read or stored.
    pub fn of_journal(error: &JournalError) -> Self {
        match error {
            JournalError::Read(error) => history(error),
            JournalError::Append(error) => unwritten(error),
            JournalError::Damaged(_) => Self::new(Exit::BadAnswer, error.to_string()),
        }
    }

    /// Events could not be stored.
    pub fn of_delivery(error: &DeliverError) -> Self {
        match error {
            DeliverError::Read(error) => history(error),
            DeliverError::Append(error) => unwritten(error),
        }
    }

    /// The history of another system could not be stored.
    pub fn of_import(error: &AppendError) -> Self {
        unwritten(error).with_hint("repeat the import: what is stored already is not stored twice")
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

/// Returns the exit code for what is wrong with a server that keeps a log.
fn exit_of_trouble(trouble: Trouble) -> Exit {
    match trouble {
        Trouble::Unavailable | Trouble::InDoubt => Exit::Unavailable,
        Trouble::Throttled => Exit::TryAgain,
        Trouble::BadAnswer => Exit::BadAnswer,
        Trouble::NotAuthorised => Exit::NotAuthorised,
        Trouble::Unsupported => Exit::Usage,
    }
}

/// Returns what to do about a server that keeps a log.
fn hint_of_trouble(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Unavailable => {
            "is the server running, and does a firewall let you in? See --event-log"
        }
        Trouble::InDoubt => "do it again: what is stored already is not stored twice",
        Trouble::Throttled => "try again in a minute",
        Trouble::BadAnswer => "does --event-log name the right server?",
        Trouble::NotAuthorised => "check the credentials; `tidegate doctor` tries them",
        Trouble::Unsupported => "the table in docs/event-log.md says what each kind of log can do",
    }
}

/// The history can't be read.
pub fn history(error: &ReadError) -> Failure {
    let exit = match error {
        ReadError::Remote(failure) => exit_of_trouble(failure.trouble),
        ReadError::Forbidden { .. } => Exit::NotAuthorised,
        ReadError::Unreadable { .. } => Exit::Unavailable,
        ReadError::Locked { .. } => Exit::TryAgain,
        ReadError::NotALog { .. } | ReadError::Newer { .. } => Exit::BadAnswer,
    };
    let hint = match error {
        ReadError::NotALog { found, .. } => found.hint(),
        ReadError::Locked { .. } => "another process holds it: try again",
        ReadError::Remote(failure) => hint_of_trouble(failure.trouble),
        ReadError::Newer { .. } => "use the tidegate that wrote it, or a later one",
        ReadError::Forbidden { .. } => {
            "ask for permission to read it, or name another log with --event-log"
        }
        ReadError::Unreadable { .. } => {
            "without history a relative criterion would pass, so there is no verdict"
        }
    };
    Failure::new(exit, error.to_string())
        .with_causes_of(error)
        .with_hint(hint)
}

/// Returns the exit code where a log could not be written.
fn exit_of_append(error: &AppendError) -> Exit {
    match error {
        AppendError::CannotCreate { .. } => Exit::CannotCreate,
        AppendError::CannotWrite { .. } | AppendError::TooLarge { .. } => Exit::CannotWrite,
        AppendError::Locked { .. } => Exit::TryAgain,
        AppendError::NotALog { .. } | AppendError::Newer { .. } => Exit::BadAnswer,
        AppendError::Unwritable { .. } => Exit::Bug,
        AppendError::Remote(failure) => exit_of_trouble(failure.trouble),
    }
}

/// The evaluation could not be stored.
pub fn unstored(error: &AppendError) -> Failure {
    let message = format!("the verdict stands, but it is not in the event log: {error}");
    Failure::new(exit_of_append(error), message)
        .with_causes_of(error)
        .with_hint("later evaluations will not be compared with this one")
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
        let expected = ["0194bbbb-2", "0194abba-3", "0194aaaa-1"];
        assert_eq!(nearest(&name, wanted, &known), expected);
        let newest = nearest(&EvaluationName::Latest(7), "latest~7", &known);
        assert_eq!(newest, ["0194aaaa-1", "0194bbbb-2", "0194abba-3"]);
    }
}
