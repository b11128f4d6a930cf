//! What to do against a problem: the actions of `remediation.yaml`, one after the other (controlplane.md 4.2).

use serde_json::Value;

/// The actions against each type of problem.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Remediation {
    /// `metadata.name`; "" where there is none.
    pub name: String,
    /// The types of problems, in the order of the file.
    pub problems: Vec<ProblemActions>,
}

/// The actions against one type of problem.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProblemActions {
    /// The type: a root cause, a title, or [`Remediation::DEFAULT`].
    pub problem_type: String,
    /// The actions, in the order in which they are tried.
    pub actions: Vec<Action>,
}

/// One action.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Action {
    /// What it is called by executors.
    pub action: String,
    /// What it is called by people.
    pub name: String,
    /// What it does.
    pub description: String,
    /// What the executor gets; null where there is nothing.
    pub value: Value,
}

/// There is nothing (more) to do against a problem.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAction {
    /// No entry fits the problem, and there is no `default`.
    #[error("unable to find action for {0}")]
    NoEntry(String),
    /// All actions were tried.
    #[error("there is no action with index {index} for {problem_type}: all {index} were tried")]
    Exhausted {
        /// The index that was asked for, from 0.
        index: usize,
        /// The entry.
        problem_type: String,
    },
}

impl Remediation {
    /// The type that stands for every problem without an entry of its own.
    pub const DEFAULT: &'static str = "default";

    /// Returns the action of an index, from 0, against a problem: the entry for its root cause, else for its title, else
    /// the default.
    pub fn action(&self, title: &str, root_cause: &str, index: usize) -> Result<&Action, NoAction> {
        let entry = |problem_type: &str| {
            let mut all = self.problems.iter();
            all.find(|one| !problem_type.is_empty() && one.problem_type == problem_type)
        };
        let found = entry(root_cause)
            .or_else(|| entry(title))
            .or_else(|| entry(Self::DEFAULT));
        let Some(found) = found else {
            let named = if root_cause.is_empty() {
                title
            } else {
                root_cause
            };
            return Err(NoAction::NoEntry(named.to_owned()));
        };
        found.actions.get(index).ok_or_else(|| NoAction::Exhausted {
            index,
            problem_type: found.problem_type.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remediation(entries: &[(&str, &[&str])]) -> Remediation {
        let entry = |(problem_type, actions): &(&str, &[&str])| ProblemActions {
            problem_type: (*problem_type).to_owned(),
            actions: actions
                .iter()
                .map(|action| Action {
                    action: (*action).to_owned(),
                    ..Action::default()
                })
                .collect(),
        };
        Remediation {
            problems: entries.iter().map(entry).collect(),
            ..Remediation::default()
        }
    }

    #[test]
    fn the_root_cause_wins_over_the_title_over_the_default() {
        let file = remediation(&[
            ("default", &["d"]),
            ("title", &["t"]),
            ("cause", &["c1", "c2"]),
        ]);
        let action =
            |title, cause, index| file.action(title, cause, index).map(|a| a.action.as_str());
        assert_eq!(action("title", "cause", 0), Ok("c1"));
        assert_eq!(action("title", "cause", 1), Ok("c2"));
        assert_eq!(action("title", "other", 0), Ok("t"));
        assert_eq!(action("other", "", 0), Ok("d"));
        assert_eq!(action("", "", 0), Ok("d"));
        let exhausted = action("title", "cause", 2).unwrap_err().to_string();
        assert_eq!(
            exhausted,
            "there is no action with index 2 for cause: all 2 were tried"
        );
    }

    #[test]
    fn without_an_entry_there_is_no_action() {
        let file = remediation(&[("cause", &["c"]), ("", &["never"])]);
        let none = file.action("a title", "", 0).unwrap_err().to_string();
        assert_eq!(none, "unable to find action for a title");
        assert!(file.action("", "", 0).is_err());
    }
}
