//! What each CI system can be told by, and which of its variables say what. Nothing but tables.
//!
//! A template is text with variables in braces; it says nothing where one of them is not set. `{NAME|a|b}` is what
//! stands between `a` and `b`, and is not set where they are missing; `*/` as `a` means up to the last slash, `:*` as
//! `b` from the first colon on. `{NAME%}` is escaped for a path of a URL. Of several templates with `or`
//! between them the first counts that says something.

use super::CiSystem;

/// A variable that tells a system.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sign {
    /// It is set.
    Set(&'static str),
    /// It has this value.
    Is(&'static str, &'static str),
}

use Sign::{Is, Set};

/// One CI system.
#[derive(Clone, Copy, Debug)]
pub(super) struct Vendor {
    /// The system.
    pub system: CiSystem,
    /// What it is told by: all signs of one of these lists.
    pub signs: &'static [&'static [Sign]],
    /// What its variables say, a line for each label, and one for the repository.
    pub says: &'static str,
}

/// Every system, in the order in which they are looked for: one that poses as another comes before it.
pub(super) const VENDORS: [Vendor; 24] = [
    Vendor {
        system: CiSystem::Gitea,
        signs: &[&[Set("GITEA_ACTIONS")], &[Set("FORGEJO_ACTIONS")]],
        says: ACTIONS,
    },
    Vendor {
        system: CiSystem::Github,
        signs: &[&[Set("GITHUB_ACTIONS")]],
        says: ACTIONS,
    },
    Vendor {
        system: CiSystem::Gitlab,
        signs: &[&[Set("GITLAB_CI")]],
        says: "
            buildId: {CI_PIPELINE_ID}
            jobname: {CI_JOB_NAME}
            buildNumber: {CI_PIPELINE_IID}
            joburl: {CI_JOB_URL}
            commit: {CI_COMMIT_SHA}
            branch: {CI_MERGE_REQUEST_SOURCE_BRANCH_NAME} or {CI_COMMIT_REF_NAME}
            change: {CI_MERGE_REQUEST_IID} or {CI_MERGE_REQUEST_ID}
            repository: {CI_PROJECT_PATH}
        ",
    },
    Vendor {
        system: CiSystem::Azure,
        signs: &[&[Set("TF_BUILD")]],
        says: AZURE,
    },
    Vendor {
        system: CiSystem::Jenkins,
        signs: &[&[Set("JENKINS_URL"), Set("BUILD_ID")]],
        says: "
            buildId: {BUILD_NUMBER}
            jobname: {JOB_NAME}
            buildNumber: {BUILD_NUMBER}
            joburl: {BUILD_URL}
            commit: {ghprbActualCommit} or {GIT_COMMIT}
            branch: {CHANGE_BRANCH} or {ghprbSourceBranch} or {BRANCH_NAME} or {GIT_BRANCH|origin/|} or {GIT_BRANCH}
            change: {CHANGE_ID} or {ghprbPullId}
        ",
    },
    Vendor {
        system: CiSystem::CircleCi,
        signs: &[&[Set("CIRCLECI")]],
        says: "
            buildId: {CIRCLE_WORKFLOW_ID} or {CIRCLE_BUILD_NUM}
            jobname: {CIRCLE_JOB}
            buildNumber: {CIRCLE_BUILD_NUM}
            joburl: {CIRCLE_BUILD_URL}
            commit: {CIRCLE_SHA1}
            branch: {CIRCLE_BRANCH}
            change: {CIRCLE_PR_NUMBER} or {CIRCLE_PULL_REQUEST|*/|}
            repository: {CIRCLE_PROJECT_USERNAME}/{CIRCLE_PROJECT_REPONAME}
        ",
    },
    Vendor {
        system: CiSystem::Bitbucket,
        signs: &[&[Set("BITBUCKET_COMMIT")]],
        says: "
            buildId: {BITBUCKET_BUILD_NUMBER}
            jobname: {BITBUCKET_REPO_FULL_NAME}
            buildNumber: {BITBUCKET_BUILD_NUMBER}
            joburl: https://bitbucket.org/{BITBUCKET_REPO_FULL_NAME}/pipelines/results/{BITBUCKET_BUILD_NUMBER}
            commit: {BITBUCKET_COMMIT}
            branch: {BITBUCKET_BRANCH}
            change: {BITBUCKET_PR_ID}
            repository: {BITBUCKET_REPO_FULL_NAME}
        ",
    },
    Vendor {
        system: CiSystem::TeamCity,
        signs: &[&[Set("TEAMCITY_VERSION")]],
        says: "
            buildId: {BUILD_NUMBER}
            jobname: {TEAMCITY_PROJECT_NAME}/{TEAMCITY_BUILDCONF_NAME} or {TEAMCITY_BUILDCONF_NAME}
            buildNumber: {BUILD_NUMBER}
            joburl: {BUILD_URL}
            commit: {BUILD_VCS_NUMBER}
        ",
    },
    Vendor {
        system: CiSystem::Buildkite,
        signs: &[&[Set("BUILDKITE")]],
        says: "
            buildId: {BUILDKITE_BUILD_ID}
            jobname: {BUILDKITE_PIPELINE_SLUG}/{BUILDKITE_LABEL} or {BUILDKITE_PIPELINE_SLUG}
            buildNumber: {BUILDKITE_BUILD_NUMBER}
            joburl: {BUILDKITE_BUILD_URL}#{BUILDKITE_JOB_ID} or {BUILDKITE_BUILD_URL}
            commit: {BUILDKITE_COMMIT}
            branch: {BUILDKITE_BRANCH}
            change: {BUILDKITE_PULL_REQUEST}
        ",
    },
    Vendor {
        system: CiSystem::Harness,
        signs: &[&[Set("HARNESS_BUILD_ID")]],
        says: "
            buildId: {HARNESS_BUILD_ID}
            jobname: {HARNESS_PIPELINE_ID}
            buildNumber: {DRONE_BUILD_NUMBER} or {HARNESS_BUILD_ID}
            joburl: {CI_BUILD_LINK} or {DRONE_BUILD_LINK}
            commit: {DRONE_COMMIT_SHA} or {CI_COMMIT_SHA}
            branch: {DRONE_SOURCE_BRANCH} or {DRONE_COMMIT_BRANCH}
            change: {DRONE_PULL_REQUEST}
            repository: {DRONE_REPO}
        ",
    },
    Vendor {
        system: CiSystem::Woodpecker,
        signs: &[&[Is("CI", "woodpecker")]],
        says: "
            buildId: {CI_PIPELINE_NUMBER} or {CI_BUILD_NUMBER}
            jobname: {CI_WORKFLOW_NAME} or {CI_REPO}
            buildNumber: {CI_PIPELINE_NUMBER} or {CI_BUILD_NUMBER}
            joburl: {CI_PIPELINE_URL} or {CI_BUILD_LINK}
            commit: {CI_COMMIT_SHA}
            branch: {CI_COMMIT_SOURCE_BRANCH} or {CI_COMMIT_BRANCH}
            change: {CI_COMMIT_PULL_REQUEST}
            repository: {CI_REPO}
        ",
    },
    Vendor {
        system: CiSystem::Drone,
        signs: &[&[Set("DRONE")]],
        says: "
            buildId: {DRONE_BUILD_NUMBER}
            jobname: {DRONE_REPO}/{DRONE_STAGE_NAME} or {DRONE_REPO}
            buildNumber: {DRONE_BUILD_NUMBER}
            joburl: {DRONE_BUILD_LINK}
            commit: {DRONE_COMMIT_SHA} or {DRONE_COMMIT}
            branch: {DRONE_SOURCE_BRANCH} or {DRONE_BRANCH}
            change: {DRONE_PULL_REQUEST}
            repository: {DRONE_REPO}
        ",
    },
    Vendor {
        system: CiSystem::Travis,
        signs: &[&[Set("TRAVIS")]],
        says: "
            buildId: {TRAVIS_BUILD_ID}
            jobname: {TRAVIS_JOB_NAME} or {TRAVIS_REPO_SLUG}
            buildNumber: {TRAVIS_BUILD_NUMBER}
            joburl: {TRAVIS_JOB_WEB_URL}
            commit: {TRAVIS_PULL_REQUEST_SHA} or {TRAVIS_COMMIT}
            branch: {TRAVIS_PULL_REQUEST_BRANCH} or {TRAVIS_BRANCH}
            change: {TRAVIS_PULL_REQUEST}
            repository: {TRAVIS_REPO_SLUG}
        ",
    },
    Vendor {
        system: CiSystem::CodeBuild,
        signs: &[&[Set("CODEBUILD_BUILD_ARN")]],
        says: "
            buildId: {CODEBUILD_BUILD_ID}
            jobname: {CODEBUILD_BUILD_ID||:*}
            buildNumber: {CODEBUILD_BUILD_NUMBER}
            joburl: {CODEBUILD_PUBLIC_BUILD_URL} or {CODEBUILD_BUILD_URL}
            commit: {CODEBUILD_RESOLVED_SOURCE_VERSION}
            branch: {CODEBUILD_WEBHOOK_HEAD_REF|refs/heads/|}
            change: {CODEBUILD_WEBHOOK_TRIGGER|pr/|} or {CODEBUILD_SOURCE_VERSION|pr/|}
        ",
    },
    Vendor {
        system: CiSystem::CloudBuild,
        signs: &[&[Set("BUILDER_OUTPUT")]],
        says: "
            buildId: {BUILD_ID}
            jobname: {TRIGGER_NAME} or {PROJECT_ID}
            joburl: https://console.cloud.google.com/cloud-build/builds/{BUILD_ID}?project={PROJECT_ID}
            commit: {COMMIT_SHA}
            branch: {_HEAD_BRANCH} or {BRANCH_NAME}
            change: {_PR_NUMBER}
            repository: {REPO_FULL_NAME}
        ",
    },
    Vendor {
        system: CiSystem::Bamboo,
        signs: &[&[Set("bamboo_planKey")]],
        says: "
            buildId: {bamboo_buildResultKey}
            jobname: {bamboo_planName} or {bamboo_planKey}
            buildNumber: {bamboo_buildNumber}
            joburl: {bamboo_buildResultsUrl} or {bamboo_resultsUrl}
            commit: {bamboo_planRepository_revision}
            branch: {bamboo_repository_pr_sourceBranch} or {bamboo_planRepository_branchName}
            change: {bamboo_repository_pr_key}
        ",
    },
    Vendor {
        system: CiSystem::AppVeyor,
        signs: &[&[Set("APPVEYOR")]],
        says: "
            buildId: {APPVEYOR_BUILD_ID}
            jobname: {APPVEYOR_JOB_NAME} or {APPVEYOR_PROJECT_SLUG}
            buildNumber: {APPVEYOR_BUILD_NUMBER}
            joburl: {APPVEYOR_URL}/project/{APPVEYOR_ACCOUNT_NAME}/{APPVEYOR_PROJECT_SLUG}/builds/{APPVEYOR_BUILD_ID}
            commit: {APPVEYOR_PULL_REQUEST_HEAD_COMMIT} or {APPVEYOR_REPO_COMMIT}
            branch: {APPVEYOR_PULL_REQUEST_HEAD_REPO_BRANCH} or {APPVEYOR_REPO_BRANCH}
            change: {APPVEYOR_PULL_REQUEST_NUMBER}
            repository: {APPVEYOR_REPO_NAME}
        ",
    },
    Vendor {
        system: CiSystem::Cirrus,
        signs: &[&[Set("CIRRUS_CI")]],
        says: "
            buildId: {CIRRUS_BUILD_ID}
            jobname: {CIRRUS_TASK_NAME}
            buildNumber: {CIRRUS_TASK_ID}
            joburl: https://cirrus-ci.com/task/{CIRRUS_TASK_ID}
            commit: {CIRRUS_CHANGE_IN_REPO}
            branch: {CIRRUS_BRANCH}
            change: {CIRRUS_PR}
            repository: {CIRRUS_REPO_FULL_NAME}
        ",
    },
    Vendor {
        system: CiSystem::Codefresh,
        signs: &[&[Set("CF_BUILD_ID")]],
        says: "
            buildId: {CF_BUILD_ID}
            jobname: {CF_PIPELINE_NAME}
            joburl: {CF_BUILD_URL}
            commit: {CF_REVISION}
            branch: {CF_BRANCH}
            change: {CF_PULL_REQUEST_NUMBER} or {CF_PULL_REQUEST_ID}
            repository: {CF_REPO_OWNER}/{CF_REPO_NAME}
        ",
    },
    Vendor {
        system: CiSystem::Prow,
        signs: &[&[Set("PROW_JOB_ID")]],
        says: "
            buildId: {BUILD_ID} or {PROW_JOB_ID}
            jobname: {JOB_NAME}
            buildNumber: {BUILD_ID}
            commit: {PULL_PULL_SHA} or {PULL_BASE_SHA}
            branch: {PULL_HEAD_REF} or {PULL_BASE_REF}
            change: {PULL_NUMBER}
            repository: {REPO_OWNER}/{REPO_NAME}
        ",
    },
    Vendor {
        system: CiSystem::Semaphore,
        signs: &[&[Set("SEMAPHORE")]],
        says: "
            buildId: {SEMAPHORE_WORKFLOW_ID}
            jobname: {SEMAPHORE_JOB_NAME}
            buildNumber: {SEMAPHORE_WORKFLOW_NUMBER}
            joburl: {SEMAPHORE_ORGANIZATION_URL}/jobs/{SEMAPHORE_JOB_ID}
            commit: {SEMAPHORE_GIT_SHA}
            branch: {SEMAPHORE_GIT_PR_BRANCH} or {SEMAPHORE_GIT_BRANCH}
            change: {SEMAPHORE_GIT_PR_NUMBER} or {PULL_REQUEST_NUMBER}
            repository: {SEMAPHORE_GIT_REPO_SLUG}
        ",
    },
    Vendor {
        system: CiSystem::GoCd,
        signs: &[&[Set("GO_PIPELINE_LABEL")]],
        says: "
            buildId: {GO_PIPELINE_LABEL}
            jobname: {GO_PIPELINE_NAME}/{GO_STAGE_NAME}/{GO_JOB_NAME}
            buildNumber: {GO_PIPELINE_COUNTER}
            joburl: {GO_SERVER_URL}/tab/build/detail/{GO_PIPELINE_NAME}/{GO_PIPELINE_COUNTER}/{GO_STAGE_NAME}/{GO_STAGE_COUNTER}/{GO_JOB_NAME}
            commit: {GO_REVISION}
        ",
    },
    Vendor {
        system: CiSystem::Argo,
        signs: &[&[Set("ARGO_TEMPLATE")], &[Set("ARGO_NODE_ID")]],
        says: "
            buildId: {ARGO_NODE_ID} or {ARGO_WORKFLOW_UID}
            jobname: {ARGO_WORKFLOW_NAME} or {ARGO_NODE_ID}
        ",
    },
    Vendor {
        system: CiSystem::Generic,
        signs: &[
            &[Set("CI")],
            &[Set("CONTINUOUS_INTEGRATION")],
            &[Set("BUILD_NUMBER")],
        ],
        says: "
            buildId: {BUILD_ID} or {BUILD_NUMBER}
            jobname: {JOB_NAME}
            buildNumber: {BUILD_NUMBER}
            joburl: {BUILD_URL}
            commit: {GIT_COMMIT}
            branch: {BRANCH_NAME} or {GIT_BRANCH}
        ",
    },
];

/// What GitHub Actions says, and what follows it.
const ACTIONS: &str = "
    buildId: {GITHUB_RUN_ID}
    jobname: {GITHUB_WORKFLOW}/{GITHUB_JOB} or {GITHUB_JOB}
    buildNumber: {GITHUB_RUN_NUMBER}
    joburl: {GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}
    commit: {GITHUB_SHA}
    branch: {GITHUB_HEAD_REF} or {GITHUB_REF_NAME}
    change: {GITHUB_REF|refs/pull/|/merge} or {GITHUB_REF|refs/pull/|/head}
    repository: {GITHUB_REPOSITORY}
";

/// What Azure Pipelines says, in the words that the Keptn extension used; releases go before builds.
const AZURE: &str = "
    buildId: {BUILD_BUILDNUMBER} or {RELEASE_RELEASENAME}
    jobname: {RELEASE_DEFINITIONNAME} or {BUILD_DEFINITIONNAME} or {SYSTEM_DEFINITIONNAME}
    buildNumber: {BUILD_BUILDNUMBER}
    joburl: {RELEASE_RELEASEWEBURL} or {SYSTEM_TEAMFOUNDATIONCOLLECTIONURI}/{SYSTEM_TEAMPROJECT%}/_build/results?buildId={BUILD_BUILDID}
    commit: {BUILD_SOURCEVERSION}
    branch: {SYSTEM_PULLREQUEST_SOURCEBRANCH|refs/heads/|} or {BUILD_SOURCEBRANCH|refs/heads/|} or {BUILD_SOURCEBRANCHNAME}
    change: {SYSTEM_PULLREQUEST_PULLREQUESTNUMBER} or {SYSTEM_PULLREQUEST_PULLREQUESTID}
    definition: {RELEASE_DEFINITIONNAME} or {BUILD_DEFINITIONNAME}
    runby: {BUILD_QUEUEDBY} or {RELEASE_REQUESTEDFOR}
    environment: {RELEASE_ENVIRONMENTNAME} or {ENVIRONMENT_NAME}
    pipeline: {RELEASE_RELEASEWEBURL} or {SYSTEM_TEAMFOUNDATIONCOLLECTIONURI}/{SYSTEM_TEAMPROJECT%}/_build/results?buildId={BUILD_BUILDID}
    repository: {BUILD_REPOSITORY_NAME}
";
