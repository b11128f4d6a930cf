//! The CI systems and their names.

use std::fmt;
use std::str::FromStr;

/// A CI system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CiSystem {
    /// Gitea Actions, and Forgejo Actions.
    Gitea,
    /// GitHub Actions.
    Github,
    /// GitLab CI.
    Gitlab,
    /// Azure Pipelines.
    Azure,
    /// Jenkins.
    Jenkins,
    /// `CircleCI`.
    CircleCi,
    /// Bitbucket Pipelines.
    Bitbucket,
    /// `TeamCity`.
    TeamCity,
    /// Buildkite.
    Buildkite,
    /// Harness CI.
    Harness,
    /// Woodpecker.
    Woodpecker,
    /// Drone.
    Drone,
    /// Travis CI.
    Travis,
    /// AWS `CodeBuild`.
    CodeBuild,
    /// Google Cloud Build.
    CloudBuild,
    /// Bamboo.
    Bamboo,
    /// `AppVeyor`.
    AppVeyor,
    /// Cirrus CI.
    Cirrus,
    /// Codefresh.
    Codefresh,
    /// Prow.
    Prow,
    /// Semaphore.
    Semaphore,
    /// `GoCD`.
    GoCd,
    /// Argo Workflows.
    Argo,
    /// Any that says no more than `CI`.
    Generic,
}

impl CiSystem {
    /// Every system.
    pub const ALL: [Self; 24] = [
        Self::Gitea,
        Self::Github,
        Self::Gitlab,
        Self::Azure,
        Self::Jenkins,
        Self::CircleCi,
        Self::Bitbucket,
        Self::TeamCity,
        Self::Buildkite,
        Self::Harness,
        Self::Woodpecker,
        Self::Drone,
        Self::Travis,
        Self::CodeBuild,
        Self::CloudBuild,
        Self::Bamboo,
        Self::AppVeyor,
        Self::Cirrus,
        Self::Codefresh,
        Self::Prow,
        Self::Semaphore,
        Self::GoCd,
        Self::Argo,
        Self::Generic,
    ];

    /// Returns the name, as it is typed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gitea => "gitea",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Azure => "azure",
            Self::Jenkins => "jenkins",
            Self::CircleCi => "circleci",
            Self::Bitbucket => "bitbucket",
            Self::TeamCity => "teamcity",
            Self::Buildkite => "buildkite",
            Self::Harness => "harness",
            Self::Woodpecker => "woodpecker",
            Self::Drone => "drone",
            Self::Travis => "travis",
            Self::CodeBuild => "codebuild",
            Self::CloudBuild => "cloudbuild",
            Self::Bamboo => "bamboo",
            Self::AppVeyor => "appveyor",
            Self::Cirrus => "cirrus",
            Self::Codefresh => "codefresh",
            Self::Prow => "prow",
            Self::Semaphore => "semaphore",
            Self::GoCd => "gocd",
            Self::Argo => "argo",
            Self::Generic => "generic",
        }
    }

    /// Returns the name, as its makers write it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Gitea => "Gitea or Forgejo Actions",
            Self::Github => "GitHub Actions",
            Self::Gitlab => "GitLab CI",
            Self::Azure => "Azure Pipelines",
            Self::Jenkins => "Jenkins",
            Self::CircleCi => "CircleCI",
            Self::Bitbucket => "Bitbucket Pipelines",
            Self::TeamCity => "TeamCity",
            Self::Buildkite => "Buildkite",
            Self::Harness => "Harness CI",
            Self::Woodpecker => "Woodpecker CI",
            Self::Drone => "Drone",
            Self::Travis => "Travis CI",
            Self::CodeBuild => "AWS CodeBuild",
            Self::CloudBuild => "Google Cloud Build",
            Self::Bamboo => "Bamboo",
            Self::AppVeyor => "AppVeyor",
            Self::Cirrus => "Cirrus CI",
            Self::Codefresh => "Codefresh",
            Self::Prow => "Prow",
            Self::Semaphore => "Semaphore",
            Self::GoCd => "GoCD",
            Self::Argo => "Argo Workflows",
            Self::Generic => "a CI system without a name",
        }
    }

    /// Tells whether its logs show colours although no terminal is there.
    #[must_use]
    pub fn shows_colours(self) -> bool {
        matches!(
            self,
            Self::Github
                | Self::Gitea
                | Self::Gitlab
                | Self::Azure
                | Self::CircleCi
                | Self::Buildkite
        )
    }
}

impl fmt::Display for CiSystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that is no CI system.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("known are auto, none, {}", names().join(", "))]
pub struct UnknownSystem;

/// Returns all names.
fn names() -> Vec<&'static str> {
    CiSystem::ALL.into_iter().map(CiSystem::name).collect()
}

impl FromStr for CiSystem {
    type Err = UnknownSystem;

    fn from_str(text: &str) -> Result<Self, UnknownSystem> {
        let mut all = Self::ALL.into_iter();
        all.find(|system| system.name() == text)
            .ok_or(UnknownSystem)
    }
}
