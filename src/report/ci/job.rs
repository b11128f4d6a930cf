//! The job that runs this.

use std::collections::BTreeMap;

/// A CI system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CiSystem {
    /// GitHub Actions.
    Github,
    /// GitLab CI.
    Gitlab,
    /// Any that says no more than `CI`.
    Generic,
}

impl CiSystem {
    /// Every system.
    pub const ALL: [Self; 3] = [Self::Github, Self::Gitlab, Self::Generic];

    /// Returns the name, as it is typed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Generic => "generic",
        }
    }
}

/// The job of a CI system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CiJob {
    /// The system.
    pub system: CiSystem,
    /// What it says about the job, by the names that labels have: `buildId`, `jobname`, `buildNumber`, `joburl`, `commit`,
    /// `branch`, `change`.
    pub labels: BTreeMap<String, String>,
    /// The repository, such as `acme/shop`.
    pub repository: Option<String>,
    /// The commit, in full.
    pub commit: Option<String>,
    /// Where the job can be seen.
    pub url: Option<String>,
}
