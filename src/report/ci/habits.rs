//! What is done in each CI system, in words: `tidegate ci show` prints it, and `docs/ci.md` says the same.

use super::CiSystem;

impl CiSystem {
    /// Returns the variables that name the folder with the checkout of the repository, of systems that point into it.
    #[must_use]
    pub fn checkout(self) -> &'static [&'static str] {
        match self {
            Self::Github | Self::Gitea => &["GITHUB_WORKSPACE"],
            Self::Azure => &["BUILD_SOURCESDIRECTORY", "SYSTEM_DEFAULTWORKINGDIRECTORY"],
            Self::Bitbucket => &["BITBUCKET_CLONE_DIR"],
            Self::Gitlab
            | Self::Jenkins
            | Self::CircleCi
            | Self::TeamCity
            | Self::Buildkite
            | Self::Harness
            | Self::Woodpecker
            | Self::Drone
            | Self::Travis
            | Self::CodeBuild
            | Self::CloudBuild
            | Self::Bamboo
            | Self::AppVeyor
            | Self::Cirrus
            | Self::Codefresh
            | Self::Prow
            | Self::Semaphore
            | Self::GoCd
            | Self::Argo
            | Self::Generic => &[],
        }
    }

    /// Returns what an evaluation does in this system, a sentence for each; nothing but labels in most.
    #[must_use]
    pub fn habits(self) -> &'static [&'static str] {
        match self {
            Self::Github | Self::Gitea => &[
                "annotations: the outcome, and each objective that missed points, on its line of the SLO file",
                "outputs in the file that GITHUB_OUTPUT names: result, score, exit-code, exit-name, id, failed-slis, report-FORMAT",
                "the Markdown report in the file that GITHUB_STEP_SUMMARY names",
                "a folded group for each report, where there are several",
                "colours in the log",
            ],
            Self::Gitlab => &[
                "a section of the log around each report",
                "colours in the log",
                "files for the merge request are written where --report asks for them: openmetrics, dotenv, codequality, gitlab-annotations, junit",
            ],
            Self::Azure => &[
                "issues: the outcome, and each objective that missed points, on its line of the SLO file",
                "the variables TidegateResult and TidegateScore, for the job and as outputs of the step",
                "SucceededWithIssues, where there is no pass and the exit code is 0 all the same",
                "a Markdown report that --report wrote becomes the summary of the run, others become attachments",
                "a folded group for each report, where there are several",
                "colours in the log",
            ],
            Self::TeamCity => &[
                "a test for each objective, with its value",
                "charts: tidegate.SERVICE.score and tidegate.SERVICE.sli.NAME",
                "a build problem where the gate fails, a warning otherwise",
                "the score in the status of the build",
            ],
            Self::Bitbucket => &[
                "a report of Code Insights on the commit, with annotations, through the proxy of the job",
            ],
            Self::Jenkins => &[
                "files for its plug-ins are written where --report asks for them: junit, jenkins-issues, html",
            ],
            Self::CircleCi | Self::Buildkite => &["colours in the log"],
            Self::Harness
            | Self::Woodpecker
            | Self::Drone
            | Self::Travis
            | Self::CodeBuild
            | Self::CloudBuild
            | Self::Bamboo
            | Self::AppVeyor
            | Self::Cirrus
            | Self::Codefresh
            | Self::Prow
            | Self::Semaphore
            | Self::GoCd
            | Self::Argo
            | Self::Generic => &[],
        }
    }
}
