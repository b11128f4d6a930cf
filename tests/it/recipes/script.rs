//! The script of a recipe, taken out of its YAML as its system does.
//!
//! What stands in place of the system: an input is replaced by what the test gives for the variable that it fills, else by
//! its default; a variable that no input fills is set as a variable of the project would be.

use std::collections::BTreeMap;

use serde_json::Value;

use super::tools::recipe;

/// A system whose script is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum System {
    Github,
    Gitlab,
    Azure,
    Circleci,
    Bitbucket,
    Buildkite,
}

/// Every one.
pub(super) const SYSTEMS: [System; 6] = [
    System::Github,
    System::Gitlab,
    System::Azure,
    System::Circleci,
    System::Bitbucket,
    System::Buildkite,
];

/// A script, and what it is run with.
pub(super) struct Script {
    /// The program and its arguments; the script's file follows.
    pub(super) shell: &'static [&'static str],
    /// The text.
    pub(super) text: String,
    /// The variables that the recipe sets, each as it stands there.
    pub(super) variables: BTreeMap<String, String>,
    /// What the inputs are where nothing is given.
    pub(super) defaults: BTreeMap<String, String>,
    /// What the runner sets.
    pub(super) runner: &'static [(&'static str, &'static str)],
}

impl System {
    /// Takes the script out of the recipe.
    pub(super) fn script(self) -> Script {
        match self {
            Self::Github => github(),
            Self::Gitlab => gitlab(),
            Self::Azure => azure(),
            Self::Circleci => circleci(),
            Self::Bitbucket => bitbucket(),
            Self::Buildkite => buildkite(),
        }
    }

    /// Returns the code of a warning: some systems can show it, in others it passes.
    pub(super) fn warning(self) -> i32 {
        match self {
            Self::Gitlab | Self::Buildkite => 3,
            Self::Github | Self::Azure | Self::Circleci | Self::Bitbucket => 0,
        }
    }

    /// Returns where the JUnit report is.
    pub(super) fn junit(self) -> &'static str {
        match self {
            Self::Bitbucket => "test-results/tidegate.xml",
            Self::Github | Self::Gitlab | Self::Azure | Self::Circleci | Self::Buildkite => {
                "tidegate-report/junit.xml"
            }
        }
    }

    /// Returns the log that a recipe keeps by itself, if it does.
    pub(super) fn history(self) -> Option<&'static str> {
        match self {
            Self::Bitbucket => None,
            Self::Buildkite => Some("home/.tidegate/shop/feature_x-1402477601.db"),
            Self::Github | Self::Gitlab | Self::Azure | Self::Circleci => {
                Some(".tidegate/history/events.db")
            }
        }
    }
}

impl Script {
    /// Returns the variables, filled with what is given and with defaults.
    pub(super) fn environment(&self, given: &[(&str, &str)]) -> BTreeMap<String, String> {
        let filled = |template: &String| self.filled(template);
        let set = self.variables.iter();
        let mut all: BTreeMap<String, String> = set
            .map(|(name, template)| (name.clone(), filled(template)))
            .collect();
        let runner = self.runner.iter().chain(given);
        all.extend(runner.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        all
    }

    /// Puts the default in the place of an input.
    fn filled(&self, template: &str) -> String {
        let found = self
            .defaults
            .iter()
            .find(|(input, _)| placeholders(input).contains(&template.to_owned()));
        found.map_or_else(|| template.to_owned(), |(_, default)| default.clone())
    }
}

/// Returns how an input is written in the place of a whole value.
pub(super) fn placeholders(input: &str) -> [String; 4] {
    [
        format!("${{{{ inputs.{input} }}}}"),
        format!("$[[ inputs.{input} ]]"),
        format!("${{{{ parameters.{input} }}}}"),
        format!("<< parameters.{input} >>"),
    ]
}

/// Reads YAML.
pub(super) fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap()
}

/// Returns the two documents of the component: the inputs and the job.
pub(super) fn component() -> (String, String) {
    let text = recipe("gitlab/templates/tidegate.yml");
    let (header, job) = text.split_once("\n---\n").unwrap();
    (header.to_owned(), job.to_owned())
}

fn github() -> Script {
    let action = yaml(&recipe("github/action.yml"));
    let steps = action["runs"]["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["id"] == "gate").unwrap();
    Script {
        shell: &["bash", "--noprofile", "--norc", "-eo", "pipefail"],
        text: string(&step["run"]),
        variables: strings(&step["env"]),
        defaults: defaults(&action["inputs"]),
        runner: &[
            ("GITHUB_ACTIONS", "true"),
            ("CI", "true"),
            ("GITHUB_OUTPUT", "github-output"),
            ("GITHUB_STEP_SUMMARY", "github-summary"),
            ("GITHUB_REPOSITORY", "acme/shop"),
            ("GITHUB_RUN_ID", "1"),
        ],
    }
}

fn gitlab() -> Script {
    let (header, job) = component();
    let inputs = &yaml(&header)["spec"]["inputs"];
    let job = &yaml(&job)["$[[ inputs.job-name ]]"];
    Script {
        shell: &["bash", "-eo", "pipefail"],
        text: string(&job["script"][0]),
        variables: strings(&job["variables"]),
        defaults: defaults(inputs),
        runner: &[("GITLAB_CI", "true"), ("CI", "true"), ("CI_JOB_ID", "7")],
    }
}

fn azure() -> Script {
    let template = yaml(&recipe("azure/tidegate-steps.yml"));
    let steps = template["steps"].as_array().unwrap();
    let step = steps
        .iter()
        .find(|step| step["name"] == "tidegate")
        .unwrap();
    let mut variables = strings(&step["env"]);
    variables.retain(|name, _| !name.contains("each"));
    let parameters = template["parameters"].as_array().unwrap().iter();
    let defaults = parameters.map(|parameter| {
        let default = parameter["default"].as_str().unwrap_or_default();
        (string(&parameter["name"]), default.to_owned())
    });
    Script {
        shell: &["bash", "--noprofile", "--norc"],
        text: string(&step["bash"]),
        variables,
        defaults: defaults.collect(),
        runner: &[("TF_BUILD", "True"), ("BUILD_BUILDID", "7")],
    }
}

fn circleci() -> Script {
    let config = yaml(&recipe("circleci/config.yml"));
    let command = &config["commands"]["quality-gate"];
    let steps = command["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| !step["run"].is_null()).unwrap();
    Script {
        shell: &["bash", "-eo", "pipefail"],
        text: string(&step["run"]["command"]),
        variables: strings(&step["run"]["environment"]),
        defaults: defaults(&command["parameters"]),
        runner: &[("CIRCLECI", "true"), ("CI", "true"), ("CIRCLE_JOB", "gate")],
    }
}

fn bitbucket() -> Script {
    let pipelines = yaml(&recipe("bitbucket/bitbucket-pipelines.yml"));
    let lines = &pipelines["definitions"]["steps"][0]["step"]["script"];
    let lines: Vec<String> = lines.as_array().unwrap().iter().map(string).collect();
    Script {
        shell: &["bash", "-e"],
        text: lines.join("\n"),
        variables: BTreeMap::new(),
        defaults: BTreeMap::new(),
        // Without BITBUCKET_COMMIT: no report is sent to a Bitbucket that is not there.
        runner: &[("CI", "true"), ("BITBUCKET_BUILD_NUMBER", "7")],
    }
}

fn buildkite() -> Script {
    let pipeline = yaml(&recipe("buildkite/pipeline.yml"));
    let step = &pipeline["steps"][0];
    assert_eq!(step["command"], "sh .buildkite/tidegate.sh");
    Script {
        shell: &["sh"],
        text: recipe("buildkite/tidegate.sh"),
        variables: strings(&step["env"]),
        defaults: BTreeMap::new(),
        runner: &[
            ("BUILDKITE", "true"),
            ("BUILDKITE_PIPELINE_SLUG", "shop"),
            ("BUILDKITE_BRANCH", "feature/x"),
        ],
    }
}

/// Returns a text.
fn string(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Returns a mapping of texts.
fn strings(value: &Value) -> BTreeMap<String, String> {
    let pairs = value.as_object().unwrap().iter();
    pairs
        .map(|(name, value)| {
            let text = value.as_str().map(str::to_owned);
            (name.clone(), text.unwrap_or_else(|| value.to_string()))
        })
        .collect()
}

/// Returns the default of each input.
fn defaults(inputs: &Value) -> BTreeMap<String, String> {
    let pairs = inputs.as_object().unwrap().iter();
    pairs
        .map(|(name, input)| (name.clone(), string(&input["default"])))
        .collect()
}
