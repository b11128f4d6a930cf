//! What a delivery came to: the worst of all its sequences.

use std::fmt;

use super::execution::{EndedExecution, Execution, ExecutionState, TaskStatus};
use crate::gate::Verdict;

/// What a delivery came to, as far as it has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The worst of all sequences that have ended; `None`: none has.
    pub worst: Option<OutcomeWord>,
    /// Every sequence, in the order of the triggers.
    pub sequences: Vec<SequenceOutcome>,
}

/// What one sequence came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SequenceOutcome {
    /// The id of the execution.
    pub id: String,
    /// The stage.
    pub stage: String,
    /// The sequence.
    pub sequence: String,
    /// What it came to; `None`: it is under way.
    pub word: Option<OutcomeWord>,
    /// Why, for people; "" where nobody said.
    pub message: String,
}

/// How a sequence can end, from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OutcomeWord {
    /// Its last task passed.
    Pass,
    /// Its last task passed with a warning.
    Warning,
    /// Something took too long.
    TimedOut,
    /// Somebody ended it.
    Aborted,
    /// A task failed.
    Fail,
    /// A task could not be done.
    Errored,
}

impl Outcome {
    /// Returns what a delivery came to, from all executions of its context.
    #[must_use]
    pub fn of<'a>(executions: impl IntoIterator<Item = &'a Execution>) -> Self {
        let mut all: Vec<&Execution> = executions.into_iter().collect();
        all.sort_by(|a, b| (a.triggered_at, &a.id).cmp(&(b.triggered_at, &b.id)));
        let sequences: Vec<SequenceOutcome> = all.into_iter().map(SequenceOutcome::of).collect();
        Self {
            worst: sequences.iter().filter_map(|one| one.word).max(),
            sequences,
        }
    }

    /// Tells whether nothing is under way any more, and something was.
    #[must_use]
    pub fn is_over(&self) -> bool {
        !self.sequences.is_empty() && self.sequences.iter().all(|one| one.word.is_some())
    }
}

impl SequenceOutcome {
    /// Returns what an execution came to.
    fn of(one: &Execution) -> Self {
        let ended = one.ended.as_ref();
        Self {
            id: one.id.clone(),
            stage: one.scope.stage.clone(),
            sequence: one.sequence.name.clone(),
            word: ended.map(|ended| word(one.state, ended)),
            message: ended.map_or_else(String::new, |ended| ended.message.clone()),
        }
    }
}

impl OutcomeWord {
    /// Returns what the `.finished` event of a sequence says, from its `data.status` and `data.result`. A word that
    /// nobody knows is a fail.
    #[must_use]
    pub fn of_event(status: &str, result: &str) -> Self {
        match TaskStatus::of(status) {
            TaskStatus::Errored => Self::Errored,
            TaskStatus::Aborted => Self::Aborted,
            TaskStatus::Unknown => Self::Fail,
            TaskStatus::Succeeded => result.parse().map_or(Self::Fail, Self::of_verdict),
        }
    }

    /// Returns the word for a result.
    fn of_verdict(result: Verdict) -> Self {
        match result {
            Verdict::Pass => Self::Pass,
            Verdict::Warning => Self::Warning,
            Verdict::Fail => Self::Fail,
        }
    }

    /// Returns the word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warning => "warning",
            Self::TimedOut => "timedOut",
            Self::Aborted => "aborted",
            Self::Fail => "fail",
            Self::Errored => "errored",
        }
    }
}

impl fmt::Display for OutcomeWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Returns what an execution that has ended came to.
fn word(state: ExecutionState, ended: &EndedExecution) -> OutcomeWord {
    match state {
        ExecutionState::TimedOut => OutcomeWord::TimedOut,
        ExecutionState::Aborted => OutcomeWord::Aborted,
        ExecutionState::Triggered
        | ExecutionState::Started
        | ExecutionState::WaitingForApproval
        | ExecutionState::Paused
        | ExecutionState::Finished => {
            OutcomeWord::of_event(ended.status.as_str(), ended.result.as_str())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_sequence_says_of_itself_is_one_word() {
        for (status, result, word) in [
            ("succeeded", "pass", OutcomeWord::Pass),
            ("succeeded", "warning", OutcomeWord::Warning),
            ("succeeded", "fail", OutcomeWord::Fail),
            ("succeeded", "great", OutcomeWord::Fail),
            ("succeeded", "", OutcomeWord::Fail),
            ("", "pass", OutcomeWord::Fail),
            ("errored", "pass", OutcomeWord::Errored),
            ("aborted", "pass", OutcomeWord::Aborted),
        ] {
            assert_eq!(OutcomeWord::of_event(status, result), word);
        }
    }

    #[test]
    fn the_worst_word_counts() {
        use OutcomeWord::*;
        let mut words = [Errored, Pass, Aborted, Fail, Warning, TimedOut];
        words.sort();
        assert_eq!(words, [Pass, Warning, TimedOut, Aborted, Fail, Errored]);
        assert!(!Outcome::of([]).is_over());
    }
}
