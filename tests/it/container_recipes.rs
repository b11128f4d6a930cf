//! The recipes for Tekton and Argo Workflows, and the script of keptn-automation: their shell parts, run as they stand.

#![cfg(unix)]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::harness::SLO;

/// The folder of the recipes.
const RECIPES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/ci");
/// A value for each verdict, with its word, its code, its score, and how many objectives failed.
const VERDICTS: [(&str, &str, i32, &str, &str); 3] = [
    ("500", "pass", 0, "100", "0"),
    ("700", "warning", 3, "50", "0"),
    ("900", "fail", 1, "0", "1"),
];

/// A folder with objectives and a value.
fn workspace(value: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let sli = format!("indicators:\n  response_time: {{ provider: static, value: {value} }}\n");
    std::fs::write(folder.path().join("slo.yaml"), SLO).unwrap();
    std::fs::write(folder.path().join("sli.yaml"), sli).unwrap();
    std::fs::write(folder.path().join("tidegate.yaml"), "").unwrap();
    folder
}

/// Reads a YAML file of the recipes.
fn recipe(path: &str) -> Value {
    let text = std::fs::read_to_string(format!("{RECIPES}/{path}")).unwrap();
    serde_saphyr::from_str(&text).unwrap()
}

/// Runs a script with nothing but these variables.
fn run(program: &str, script: &[&str], folder: &Path, variables: &[(String, String)]) -> Output {
    let programs = Path::new(env!("CARGO_BIN_EXE_tidegate")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    Command::new(program)
        .args(script)
        .current_dir(folder)
        .env_clear()
        .env("PATH", format!("{}:{path}", programs.display()))
        .envs(variables.iter().cloned())
        .output()
        .unwrap()
}

/// Returns the variables of a step, each filled by what stands for the parameter or path that it names.
fn variables(step: &Value, fill: impl Fn(&str) -> String) -> Vec<(String, String)> {
    let of_entry = |entry: &Value| {
        let text = |key: &str| entry[key].as_str().unwrap().to_owned();
        (text("name"), fill(&text("value")))
    };
    step["env"]
        .as_array()
        .unwrap()
        .iter()
        .map(of_entry)
        .collect()
}

/// Returns the default of a parameter.
fn default_of(parameters: &Value, name: &str, key: &str) -> String {
    let mut parameters = parameters.as_array().unwrap().iter();
    let parameter = parameters.find(|parameter| parameter["name"] == name);
    parameter.unwrap()[key].as_str().unwrap().to_owned()
}

/// Runs the step of the Tekton task; returns its code and its results.
fn tekton(folder: &Path, given: &[(&str, &str)]) -> (i32, [String; 3]) {
    let task = recipe("tekton/task.yaml");
    let step = &task["spec"]["steps"][0];
    let results = tempfile::tempdir().unwrap();
    let fill = |value: &str| {
        let inner = value
            .strip_prefix("$(")
            .and_then(|rest| rest.strip_suffix(')'))
            .unwrap();
        if let Some(name) = inner.strip_prefix("params.") {
            let given = given.iter().find(|(known, _)| *known == name);
            return given.map_or_else(
                || default_of(&task["spec"]["params"], name, "default"),
                |(_, value)| (*value).to_owned(),
            );
        }
        let name = inner
            .strip_prefix("results.")
            .unwrap()
            .strip_suffix(".path")
            .unwrap();
        results.path().join(name).display().to_string()
    };
    let script = step["script"].as_str().unwrap();
    assert!(
        !script.contains("$("),
        "a parameter in the script could become a command"
    );
    let output = run("sh", &["-c", script], folder, &variables(step, fill));
    let read = |name: &str| std::fs::read_to_string(results.path().join(name)).unwrap();
    let code = output.status.code().unwrap();
    (code, ["result", "score", "failed"].map(read))
}

#[test]
fn the_tekton_task_ends_with_the_verdict_and_hands_over_its_results() {
    for (value, verdict, code, score, failed) in VERDICTS {
        let folder = workspace(value);
        let expected = [verdict, score, failed].map(str::to_owned);
        let window = [("start", "$(touch pwned)")];
        for (given, code) in [
            (&[("fail-on", "never")][..], 0),
            (&[("fail-on", "fail")], i32::from(code == 1)),
            (
                &[("fail-on", "warning"), ("labels", "a=$(touch pwned)")],
                code.min(1),
            ),
            (
                &[("start", "660"), ("timeframe", "10m")],
                i32::from(code == 1),
            ),
        ] {
            assert_eq!(tekton(folder.path(), given), (code, expected.clone()));
        }
        let none = ["error", "", "0"].map(str::to_owned);
        assert_eq!(tekton(folder.path(), &window), (64, none));
        for name in ["folder", "start"] {
            let (code, _) = tekton(folder.path(), &[(name, "--help")]);
            assert!(code >= 64, "{name}: {code}");
        }
        assert!(!folder.path().join("pwned").exists());
    }
}

/// Runs the script of the Argo template; returns its code and its outputs.
fn argo(folder: &Path, given: &[(&str, &str)]) -> (i32, [String; 2]) {
    let template = recipe("argo/workflowtemplate.yaml");
    let template = &template["spec"]["templates"][0];
    let outputs = tempfile::tempdir().unwrap();
    let fill = |value: &str| {
        let inner = value
            .strip_prefix("{{inputs.parameters.")
            .and_then(|rest| rest.strip_suffix("}}"));
        let Some(name) = inner else {
            return outputs.path().display().to_string();
        };
        let given = given.iter().find(|(known, _)| *known == name);
        given.map_or_else(
            || default_of(&template["inputs"]["parameters"], name, "value"),
            |(_, value)| (*value).to_owned(),
        )
    };
    let script = template["script"]["source"].as_str().unwrap();
    assert!(
        !script.contains("{{"),
        "a parameter in the script could become a command"
    );
    let output = run(
        "sh",
        &["-c", script],
        folder,
        &variables(&template["script"], fill),
    );
    let read = |name: &str| std::fs::read_to_string(outputs.path().join(name)).unwrap();
    (output.status.code().unwrap(), ["result", "score"].map(read))
}

#[test]
fn the_argo_template_ends_with_the_verdict_and_hands_over_its_outputs() {
    for (value, verdict, code, score, _) in VERDICTS {
        let folder = workspace(value);
        let expected = [verdict, score].map(str::to_owned);
        let never = argo(folder.path(), &[("fail-on", "never")]);
        assert_eq!(never, (0, expected.clone()));
        let usual = argo(folder.path(), &[("start", "660"), ("timeframe", "5m")]);
        assert_eq!(usual, (i32::from(code == 1), expected));
        let none = ["error", ""].map(str::to_owned);
        assert_eq!(
            argo(folder.path(), &[("start", "$(touch pwned)")]),
            (64, none)
        );
        assert!(!folder.path().join("pwned").exists());
    }
}

/// Runs the script of keptn-automation; returns its code, and its result where it left one.
fn automation(folder: &Path, given: &[(&str, &str)]) -> (i32, Option<Value>) {
    let names = [
        ("KEPTN_PROJECT", "shop"),
        ("KEPTN_STAGE", "staging"),
        ("KEPTN_SERVICE", "carts"),
    ];
    let given = names.iter().chain(given);
    let variables: Vec<_> = given
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let script = format!("{RECIPES}/keptn-automation/slo-evaluation.sh");
    let output = run("bash", &[&script], folder, &variables);
    let result = std::fs::read_to_string(folder.join("evaluation-result.json"));
    let result = result
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok());
    (output.status.code().unwrap(), result)
}

#[test]
fn the_script_of_keptn_automation_obeys_every_rule() {
    for (value, verdict, _, _, _) in VERDICTS {
        for (rule, codes) in [
            ("ignore", [0, 0, 0]),
            ("pass_on_warning", [0, 0, 1]),
            ("fail_on_warning", [0, 1, 1]),
        ] {
            let at = VERDICTS
                .iter()
                .position(|(_, known, ..)| *known == verdict)
                .unwrap();
            for variable in ["EVALUATION_RULE", "PROCESS_TYPE"] {
                let folder = workspace(value);
                let (code, result) =
                    automation(folder.path(), &[(variable, rule), ("LABELS", "a=1,b=2")]);
                assert_eq!(code, codes[at], "{rule} {verdict}");
                let data = result.unwrap()["data"].clone();
                assert_eq!(data["evaluation"]["result"], verdict);
                assert_eq!(
                    (&data["service"], &data["labels"]["b"]),
                    (&"carts".into(), &"2".into())
                );
            }
        }
    }
}

#[test]
fn the_script_of_keptn_automation_takes_each_window_and_hides_no_failure() {
    let folder = workspace("500");
    let length = |given: &[(&str, &str)]| {
        let (code, result) = automation(folder.path(), given);
        assert_eq!(code, 0, "{given:?}");
        let evaluation = result.unwrap()["data"]["evaluation"].clone();
        let time = |name: &str| {
            evaluation[name]
                .as_str()
                .unwrap()
                .parse::<jiff::Timestamp>()
                .unwrap()
        };
        time("timeEnd").duration_since(time("timeStart")).as_secs()
    };
    assert_eq!(length(&[]), 300);
    assert_eq!(length(&[("TIMEFRAME", "10m")]), 600);
    assert_eq!(
        length(&[("START", "2024-02-01T10:00:00Z"), ("TIMEFRAME", "10m")]),
        600
    );
    let both = [
        ("START", "2024-02-01T10:00:00Z"),
        ("END", "2024-02-01T10:30:00Z"),
        ("TIMEFRAME", ""),
    ];
    assert_eq!(length(&both), 1800);
    for bad in [
        ("EVALUATION_RULE", "maybe"),
        ("WAIT_LOOPS", "0"),
        ("END", "0"),
        ("TEST_STRATEGY", "performance"),
        ("KEPTN_SERVICE", ""),
        ("TIMEFRAME", "soon"),
    ] {
        assert_eq!(automation(folder.path(), &[bad]).0, 64, "{bad:?}");
    }
    std::fs::write(folder.path().join("slo.yaml"), "objectives: 7\n").unwrap();
    let (code, result) = automation(folder.path(), &[("EVALUATION_RULE", "ignore")]);
    assert_eq!(code, 65);
    assert!(result.is_none_or(|result| result.get("data").is_none()));
}

#[test]
fn the_lines_of_old_scripts_read_the_result() {
    let there = Command::new("jq").arg("--version").output().is_ok();
    let required = std::env::var_os("TIDEGATE_REQUIRE_SERVERS").is_some();
    assert!(there || !required, "there is no jq");
    if !there {
        eprintln!("skipped: there is no jq");
        return;
    }
    let folder = workspace("700");
    let words = "evaluate --report keptn-event=one.json --report keptn-events=all.json";
    let words: Vec<&str> = words.split(' ').collect();
    assert_eq!(
        run("tidegate", &words, folder.path(), &[]).status.code(),
        Some(3)
    );
    for (file, filter, expected) in [
        ("all.json", ".totalCount", "1"),
        ("all.json", ".events[0].data.evaluation.result", "warning"),
        ("all.json", ".events[0].data.evaluation.score", "50"),
        (
            "all.json",
            ".events[].type",
            "sh.keptn.event.evaluation.finished",
        ),
        ("one.json", ".data.result", "warning"),
        (
            "one.json",
            ".data.evaluation.indicatorResults[0].value.metric",
            "response_time",
        ),
        (
            "one.json",
            ".data.evaluation.indicatorResults[0].value.value",
            "700",
        ),
        (
            "one.json",
            ".data.evaluation.sloFileContent | @base64d | length > 10",
            "true",
        ),
    ] {
        let output = run("jq", &["-r", filter, file], folder.path(), &[]);
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(said.trim(), expected, "{filter}");
    }
}
