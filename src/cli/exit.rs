//! Every exit code there is. Below 64 the tool did what it was asked; from 64 on it could not.

use std::process::ExitCode;

use crate::report::Ended;

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// The verdict is pass, or the command did its work.
    Pass,
    /// The verdict is warning.
    Warning,
    /// The data allow no verdict, under a policy that says so.
    Inconclusive,
    /// What was examined is not as it should be.
    Findings,
    /// The verdict is fail.
    Fail,
    /// A report or the log could not be written.
    CannotWrite,
    /// A report or the log could not be created.
    CannotCreate,
    /// A backend or the log could not be understood.
    BadAnswer,
    /// A backend asked to slow down, or the log stayed locked.
    TryAgain,
    /// A backend could not be reached.
    Unavailable,
    /// A backend refused the credentials.
    NotAuthorised,
    /// A file is malformed, or a query is.
    Malformed,
    /// A file is missing.
    Missing,
    /// `tidegate.yaml` or the environment is wrong.
    Configuration,
    /// The command line is wrong.
    Usage,
    /// A bug.
    Bug,
    /// `--timeout` ran out.
    TimedOut,
    /// Ctrl-C.
    Interrupted,
    /// The terminal was closed.
    HungUp,
    /// Asked to end.
    Terminated,
}

impl Exit {
    /// Every way to end, from the mildest to the worst; of several evaluations in one call the worst code wins.
    pub const ALL: [Self; 20] = [
        Self::Pass,
        Self::Warning,
        Self::Inconclusive,
        Self::Findings,
        Self::Fail,
        Self::CannotWrite,
        Self::CannotCreate,
        Self::BadAnswer,
        Self::TryAgain,
        Self::Unavailable,
        Self::NotAuthorised,
        Self::Malformed,
        Self::Missing,
        Self::Configuration,
        Self::Usage,
        Self::Bug,
        Self::TimedOut,
        Self::Interrupted,
        Self::HungUp,
        Self::Terminated,
    ];

    /// Returns how a verdict ends after something went wrong behind it: a fail stays one.
    pub fn or_worse(self, other: Self) -> Self {
        if self == Self::Fail {
            self
        } else {
            self.max(other)
        }
    }

    /// Returns the code.
    pub fn code(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Fail => 1,
            Self::Warning => 3,
            Self::Inconclusive => 4,
            Self::Findings => 5,
            Self::Usage => 64,
            Self::Malformed => 65,
            Self::Missing => 66,
            Self::Unavailable => 69,
            Self::Bug => 70,
            Self::CannotCreate => 73,
            Self::CannotWrite => 74,
            Self::TryAgain => 75,
            Self::BadAnswer => 76,
            Self::NotAuthorised => 77,
            Self::Configuration => 78,
            Self::TimedOut => 124,
            Self::HungUp => 129,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// Returns the one that has this code and this name.
    pub fn named(code: u8, name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|exit| exit.code() == code && exit.name() == name)
    }

    /// Returns the name that machine formats carry.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Warning => "warning",
            Self::Inconclusive => "inconclusive",
            Self::Findings => "findings",
            Self::Usage => "usage",
            Self::Malformed => "malformed",
            Self::Missing => "missing",
            Self::Unavailable => "unavailable",
            Self::Bug => "bug",
            Self::CannotCreate => "cannot_create",
            Self::CannotWrite => "cannot_write",
            Self::TryAgain => "try_again",
            Self::BadAnswer => "bad_answer",
            Self::NotAuthorised => "not_authorised",
            Self::Configuration => "configuration",
            Self::TimedOut => "timed_out",
            Self::Interrupted => "interrupted",
            Self::HungUp => "hung_up",
            Self::Terminated => "terminated",
        }
    }

    /// Returns code and name, for reports.
    pub fn ended(self) -> Ended {
        Ended {
            code: self.code(),
            name: self.name(),
        }
    }

    /// Returns what it means, in the words of the README.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Warning => "warning",
            Self::Inconclusive => {
                "inconclusive: the data allow no verdict, under a policy that says so"
            }
            Self::Findings => "`plugin test` found something",
            Self::Usage => "the command line is wrong",
            Self::Malformed => "a file, or a query, is malformed",
            Self::Missing => "a file is missing",
            Self::Unavailable => "a backend could not be reached",
            Self::Bug => "a bug in tidegate",
            Self::CannotCreate => "a report, or the event log, could not be created",
            Self::CannotWrite => {
                "a report, the event log, or standard output could not be written (a failed gate keeps 1)"
            }
            Self::TryAgain => "throttled or locked: try again",
            Self::BadAnswer => "an answer could not be understood",
            Self::NotAuthorised => "not authorised",
            Self::Configuration => "tidegate.yaml or the environment is wrong",
            Self::TimedOut => "--timeout ran out",
            Self::Interrupted => "interrupted (Ctrl-C)",
            Self::HungUp => "the terminal was closed (SIGHUP)",
            Self::Terminated => "terminated",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_variants_is_from_mildest_to_worst() {
        assert!(Exit::ALL.is_sorted());
        assert!(Exit::ALL.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn no_code_is_used_twice_and_2_is_never_used() {
        let mut codes: Vec<u8> = Exit::ALL.iter().map(|exit| exit.code()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Exit::ALL.len());
        assert!(!codes.contains(&2));
    }

    #[test]
    fn the_readme_lists_every_code_with_its_meaning() {
        let (_, section) = include_str!("../../README.md")
            .split_once("| code | meaning |\n|---|---|\n")
            .unwrap();
        let listed: Vec<&str> = section
            .lines()
            .take_while(|line| line.starts_with('|'))
            .collect();
        let mut exits = Exit::ALL;
        exits.sort_by_key(|exit| exit.code());
        let expected = exits.map(|exit| format!("| {} | {} |", exit.code(), exit.meaning()));
        assert_eq!(listed, expected);
    }
}
