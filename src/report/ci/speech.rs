//! What is said to a CI system, apart from how it gets there.

use serde_json::Value;

use super::{CiJob, CiSystem, azure, bitbucket, github, gitlab, teamcity};
use crate::report::{Account, Format, Unjudged};

/// What is known besides the evaluation.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The job.
    pub job: &'a CiJob,
    /// The reports that were written, with absolute paths.
    pub reports: &'a [(Format, String)],
    /// Where the SLO file lies in the repository, if it does.
    pub slo: Option<&'a str>,
    /// Whether the report is folded.
    pub fold: Fold,
    /// Whether the outputs of the job are those of this evaluation.
    pub weight: Weight,
}

/// Whether the report on stdout is folded in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    /// It is one of several.
    Folded,
    /// It is the only one, which is what people come for.
    Open,
}

/// Whether the outputs of the job are those of this evaluation: of several in one call, the worst speaks for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// They are.
    Decides,
    /// One before it was worse.
    Follows,
}

/// What is said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Utterance {
    /// Lines before the report.
    pub before: Vec<String>,
    /// Lines after it.
    pub after: Vec<String>,
    /// What is added to files.
    pub additions: Vec<Addition>,
    /// What is sent.
    pub requests: Vec<Request>,
}

/// What is added to the end of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    /// The variable that holds its path.
    pub variable: &'static str,
    /// The text.
    pub text: String,
    /// What is added instead where the file would grow larger than the system takes; and how large that is.
    pub limit: Option<(u64, String)>,
}

/// A request to the system's own API, which needs no credentials from within a job.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The method: `PUT`, `POST`, `DELETE`.
    pub method: &'static str,
    /// The path on the API's server.
    pub path: String,
    /// The body.
    pub body: Option<Value>,
}

/// Says an evaluation in the language of the job's system; nothing where it has none.
#[must_use]
pub fn speak(account: &Account<'_>, call: &Call<'_>) -> Utterance {
    match call.job.system {
        CiSystem::Github | CiSystem::Gitea => github::speak(account, call),
        CiSystem::Gitlab => gitlab::speak(account),
        CiSystem::Azure => azure::speak(account, call),
        CiSystem::TeamCity => teamcity::speak(account, call),
        CiSystem::Bitbucket => bitbucket::speak(account, call),
        CiSystem::Jenkins
        | CiSystem::CircleCi
        | CiSystem::Buildkite
        | CiSystem::Harness
        | CiSystem::Woodpecker
        | CiSystem::Drone
        | CiSystem::Travis
        | CiSystem::CodeBuild
        | CiSystem::CloudBuild
        | CiSystem::Bamboo
        | CiSystem::AppVeyor
        | CiSystem::Cirrus
        | CiSystem::Codefresh
        | CiSystem::Prow
        | CiSystem::Semaphore
        | CiSystem::GoCd
        | CiSystem::Argo
        | CiSystem::Generic => Utterance::default(),
    }
}

/// Says that there is no verdict.
#[must_use]
pub fn speak_unjudged(unjudged: &Unjudged<'_>, call: &Call<'_>) -> Utterance {
    match call.job.system {
        CiSystem::Github | CiSystem::Gitea => github::speak_unjudged(unjudged, call),
        CiSystem::Azure => azure::speak_unjudged(unjudged, call),
        CiSystem::TeamCity => teamcity::speak_unjudged(unjudged, call),
        CiSystem::Bitbucket => bitbucket::speak_unjudged(unjudged, call),
        CiSystem::Gitlab
        | CiSystem::Jenkins
        | CiSystem::CircleCi
        | CiSystem::Buildkite
        | CiSystem::Harness
        | CiSystem::Woodpecker
        | CiSystem::Drone
        | CiSystem::Travis
        | CiSystem::CodeBuild
        | CiSystem::CloudBuild
        | CiSystem::Bamboo
        | CiSystem::AppVeyor
        | CiSystem::Cirrus
        | CiSystem::Codefresh
        | CiSystem::Prow
        | CiSystem::Semaphore
        | CiSystem::GoCd
        | CiSystem::Argo
        | CiSystem::Generic => Utterance::default(),
    }
}
