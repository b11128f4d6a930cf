//! The job that runs this.

use std::collections::BTreeMap;

use super::CiSystem;

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

impl CiJob {
    /// Returns the number of the pull request, merge request or change that it builds.
    #[must_use]
    pub fn change(&self) -> Option<&str> {
        self.labels.get("change").map(String::as_str)
    }
}
