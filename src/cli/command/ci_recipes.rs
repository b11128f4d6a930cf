//! The recipes of `docs/ci`, as `tidegate ci init` writes them.

/// A CI system with a recipe.
#[derive(Debug)]
pub struct Recipe {
    /// The name as typed, and of the folder in `docs/ci`.
    pub system: &'static str,
    /// What to do once the files are written.
    pub next: &'static str,
    /// The files.
    pub files: &'static [RecipeFile],
}

/// A file of a recipe.
#[derive(Debug)]
pub struct RecipeFile {
    /// Where the system expects it.
    pub path: &'static str,
    /// What it says.
    pub text: &'static str,
}

/// Says what to set so that tidegate is downloaded.
const PIN: &str = "set TIDEGATE_DOWNLOAD_URL to where releases are, TIDEGATE_SHA256 to the archive's checksum, and the variables \
                   that tidegate.yaml names";

/// Says what a Jenkinsfile needs.
const JENKINS: &str = "put tidegate on the PATH of an agent, and give the pipeline the variables that tidegate.yaml names";

/// Every recipe, with a line for each of its files.
pub const RECIPES: &[Recipe] = &[
    Recipe {
        system: "github",
        next: PIN,
        files: &[
            file(
                ".github/workflows/quality-gate.yml",
                include_str!("../../../docs/ci/github/quality-gate.yml"),
            ),
            file(
                ".github/actions/tidegate/action.yml",
                include_str!("../../../docs/ci/github/action.yml"),
            ),
        ],
    },
    Recipe {
        system: "gitlab",
        next: PIN,
        files: &[
            file(
                ".gitlab-ci.yml",
                include_str!("../../../docs/ci/gitlab/gitlab-ci.yml"),
            ),
            file(
                ".gitlab/ci/tidegate.yml",
                include_str!("../../../docs/ci/gitlab/templates/tidegate.yml"),
            ),
        ],
    },
    Recipe {
        system: "azure",
        next: PIN,
        files: &[
            file(
                "azure-pipelines.yml",
                include_str!("../../../docs/ci/azure/azure-pipelines.yml"),
            ),
            file(
                ".azure/tidegate-steps.yml",
                include_str!("../../../docs/ci/azure/tidegate-steps.yml"),
            ),
        ],
    },
    Recipe {
        system: "circleci",
        next: PIN,
        files: &[file(
            ".circleci/config.yml",
            include_str!("../../../docs/ci/circleci/config.yml"),
        )],
    },
    Recipe {
        system: "bitbucket",
        next: "set TIDEGATE_EVENT_LOG to a server, because Bitbucket keeps no history; and TIDEGATE_DOWNLOAD_URL, \
               TIDEGATE_SHA256, and the variables that tidegate.yaml names",
        files: &[file(
            "bitbucket-pipelines.yml",
            include_str!("../../../docs/ci/bitbucket/bitbucket-pipelines.yml"),
        )],
    },
    Recipe {
        system: "buildkite",
        next: PIN,
        files: &[
            file(
                ".buildkite/pipeline.yml",
                include_str!("../../../docs/ci/buildkite/pipeline.yml"),
            ),
            file(
                ".buildkite/tidegate.sh",
                include_str!("../../../docs/ci/buildkite/tidegate.sh"),
            ),
        ],
    },
    Recipe {
        system: "jenkins",
        next: JENKINS,
        files: &[file(
            "Jenkinsfile",
            include_str!("../../../docs/ci/jenkins/Jenkinsfile"),
        )],
    },
    Recipe {
        system: "jenkins-library",
        next: "make this repository a global library of Jenkins named `tidegate`; Jenkinsfile.library shows a pipeline that uses it",
        files: &[
            file(
                "vars/tidegate.groovy",
                include_str!("../../../docs/ci/jenkins/vars/tidegate.groovy"),
            ),
            file(
                "Jenkinsfile.library",
                include_str!("../../../docs/ci/jenkins/Jenkinsfile.library"),
            ),
        ],
    },
    Recipe {
        system: "jenkins-keptn",
        next: "make this repository a global library of Jenkins named `tidegate-keptn`, and use it in place of `keptn-library`",
        files: &[file(
            "src/sh/keptn/Keptn.groovy",
            include_str!("../../../docs/ci/jenkins/compat/src/sh/keptn/Keptn.groovy"),
        )],
    },
    Recipe {
        system: "tekton",
        next: "kubectl apply -f .tekton/tidegate.yaml",
        files: &[file(
            ".tekton/tidegate.yaml",
            include_str!("../../../docs/ci/tekton/task.yaml"),
        )],
    },
    Recipe {
        system: "argo",
        next: "kubectl apply -f argo/tidegate.yaml",
        files: &[file(
            "argo/tidegate.yaml",
            include_str!("../../../docs/ci/argo/workflowtemplate.yaml"),
        )],
    },
    Recipe {
        system: "keptn-automation",
        next: "run slo-evaluation.sh in place of the script of keptn-automation",
        files: &[file(
            "slo-evaluation.sh",
            include_str!("../../../docs/ci/keptn-automation/slo-evaluation.sh"),
        )],
    },
    Recipe {
        system: "pre-commit",
        next: "pre-commit install",
        files: &[file(
            ".pre-commit-config.yaml",
            include_str!("../../../docs/ci/pre-commit/pre-commit-config.yaml"),
        )],
    },
];

/// Names a file.
const fn file(path: &'static str, text: &'static str) -> RecipeFile {
    RecipeFile { path, text }
}
