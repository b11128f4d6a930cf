//! The recipes for Jenkins, run by Jenkins' Groovy: pipelines stop at each step and are saved there, as in Jenkins.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::harness::SLO;

/// What runs a pipeline.
const RUNNER: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/it/jenkins/pipeline.groovy"
);
/// The recipes.
const RECIPES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/ci/jenkins");
/// The pipelines that were written for Keptn.
const OLD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/jenkins");

/// A value for each verdict, with its word, its score, and what becomes of the build.
const VERDICTS: [(&str, &str, &str, &str); 3] = [
    ("500", "pass", "100", "SUCCESS"),
    ("700", "warning", "50", "UNSTABLE"),
    ("900", "fail", "0", "FAILURE"),
];

/// A provider that nobody asks: its name says where queries are.
const CONFIG: &str = "provider: prometheus\nproviders: {prometheus: {url: 'http://127.0.0.1:9'}}\n";

/// Tells whether Jenkins' Groovy is installed; says so where it is not.
fn is_there() -> bool {
    let version = Command::new("jenkins-groovy").arg("--version").output();
    let found = version.is_ok_and(|output| output.status.success());
    let required = std::env::var_os("TIDEGATE_REQUIRE_SERVERS").is_some();
    assert!(found || !required, "no jenkins-groovy: see .ci/run");
    if !found {
        eprintln!("skipped: there is no jenkins-groovy, see .ci/run");
    }
    found
}

/// A workspace with objectives, a value, and a load test.
fn workspace(value: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let sli = format!("indicators:\n  response_time: {{ provider: static, value: {value} }}\n");
    for (path, text) in [
        ("tidegate.yaml", CONFIG),
        ("slo.yaml", SLO),
        ("sli.yaml", &sli),
        ("keptn/slo.yaml", SLO),
        ("keptn/sli.yaml", &sli),
    ] {
        write(folder.path(), path, text);
    }
    folder
}

/// Writes a file, and the folders above it.
fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// What became of a build.
struct Build(Value);

impl Build {
    /// Returns what the whole log says.
    fn log(&self) -> String {
        let lines = self.0["log"].as_array().unwrap().iter();
        let lines: Vec<&str> = lines.map(|line| line.as_str().unwrap()).collect();
        lines.join("\n")
    }

    /// Checks what became of the build.
    #[track_caller]
    fn is(self, result: &str) -> Self {
        assert_eq!(self.0["result"], result, "{}", self.log());
        self
    }

    /// Checks that the log says something.
    #[track_caller]
    fn says(self, text: &str) -> Self {
        assert!(self.log().contains(text), "{text}\n{}", self.log());
        self
    }

    /// Returns the archived file that begins so, from the workspace.
    #[track_caller]
    fn archived(&self, begin: &str, workspace: &Path) -> String {
        let files = self.0["archived"].as_array().unwrap().iter();
        let mut names = files.filter_map(|name| name.as_str());
        let name = names.find(|name| name.starts_with(begin));
        let name = name.unwrap_or_else(|| panic!("{begin}: {}", self.0["archived"]));
        std::fs::read_to_string(workspace.join(name)).unwrap()
    }
}

/// Runs a pipeline with a library.
fn run(pipeline: &str, library: &[&str], workspace: &Path, environment: &[(&str, &str)]) -> Build {
    let programs = Path::new(env!("CARGO_BIN_EXE_tidegate")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new("jenkins-groovy")
        .args([RUNNER, pipeline])
        .arg(workspace)
        .args(library)
        .env_clear()
        .env("PATH", format!("{}:{path}", programs.display()))
        .env("LANG", "C.UTF-8")
        .env("HOME", workspace)
        .envs([
            ("BUILD_NUMBER", "7"),
            ("BUILD_TAG", "jenkins-shop-feature%2Fx-7"),
            ("JOB_NAME", "shop/feature%2Fx"),
            ("BUILD_URL", "https://ci.example/job/shop/7/?a=b&c='"),
        ])
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let last = stdout.lines().last().unwrap_or_default();
    let stderr = String::from_utf8_lossy(&output.stderr);
    Build(serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}\n{stdout}\n{stderr}")))
}

/// Runs one of our own pipelines, whose load test moves its mark five minutes back, as if it had taken so long.
fn run_recipe(name: &str, workspace: &Path) -> Build {
    let test = "#!/bin/sh\nsed -i \"s/\\\"time\\\": \\\"[^\\\"]*\\\"/\\\"time\\\": \\\"$(date -u -d '5 minutes ago' +%Y-%m-%dT%H:%M:%S.000Z)\\\"/\" .tidegate/marks.json\n";
    write(workspace, "load-test.sh", test);
    let made = Command::new("chmod")
        .arg("+x")
        .arg(workspace.join("load-test.sh"))
        .status();
    assert!(made.unwrap().success());
    run(&format!("{RECIPES}/{name}"), &[RECIPES], workspace, &[])
}

#[test]
fn our_pipelines_make_of_the_build_what_the_verdict_is() {
    if !is_there() {
        return;
    }
    for name in ["Jenkinsfile", "Jenkinsfile.library"] {
        for (value, verdict, score, result) in VERDICTS {
            let folder = workspace(value);
            let build = run_recipe(name, folder.path()).is(result);
            let report = match name {
                "Jenkinsfile" => build.archived("tidegate.json", folder.path()),
                _ => build.archived("tidegate-reports/tidegate.json", folder.path()),
            };
            // Nothing else is, such as tidegate.yaml.
            assert_eq!(build.0["archived"].as_array().unwrap().len(), 3);
            let report: Value = serde_json::from_str(&report).unwrap();
            assert_eq!(report["result"], verdict);
            assert_eq!(report["score"].to_string(), score);
            assert_eq!(
                report["labels"]["joburl"],
                "https://ci.example/job/shop/7/?a=b&c='"
            );
            if name == "Jenkinsfile.library" {
                assert_eq!(build.0["description"], format!("{verdict}, score {score}"));
            }
        }
    }
}

#[test]
fn without_a_verdict_our_pipelines_fail_and_show_no_older_report() {
    if !is_there() {
        return;
    }
    for name in ["Jenkinsfile", "Jenkinsfile.library"] {
        let folder = workspace("500");
        run_recipe(name, folder.path()).is("SUCCESS");
        write(folder.path(), "slo.yaml", "objectives: 7\n");
        let build = run_recipe(name, folder.path())
            .is("FAILURE")
            .says("no verdict (exit code 65)");
        for file in ["tidegate.json", "tidegate-reports/tidegate.json"] {
            let text = std::fs::read_to_string(folder.path().join(file)).unwrap_or_default();
            assert!(!text.contains("\"pass\""), "{text}\n{}", build.log());
        }
    }
}

#[test]
fn the_step_quotes_what_it_is_given_and_refuses_what_it_does_not_know() {
    if !is_there() {
        return;
    }
    let folder = workspace("900");
    let gate = |options: &str| {
        let pipeline = format!(
            "@Library('tidegate') _\nnode {{ stage('gate') {{ def gate = tidegate({options}); echo \"got ${{gate.result}} ${{gate.score}} ${{gate.code}}\" }}\nstage('after') {{ echo 'went on' }} }}\n"
        );
        write(folder.path(), "Pipeline", &pipeline);
        let path = folder.path().join("Pipeline").display().to_string();
        run(&path, &[RECIPES], folder.path(), &[])
    };
    let build = gate(
        r#"args: ['--label', "by=it's \$(touch pwned) `touch pwned`; touch pwned\n"], stop: false"#,
    );
    let build = build.is("FAILURE").says("got fail 0 1").says("went on");
    assert_eq!(build.0["stages"]["gate"], "FAILURE");
    assert_eq!(build.0["stages"]["after"], "SUCCESS");
    assert!(!folder.path().join("pwned").exists());
    let report = build.archived("tidegate-reports/tidegate.json", folder.path());
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(
        report["labels"]["by"],
        "it's $(touch pwned) `touch pwned`; touch pwned\n"
    );
    gate("args: '--timeframe 5m'")
        .is("FAILURE")
        .says("args is a list");
    gate("arg: []").is("FAILURE").says("unknown options [arg]");
    let stale = gate("tool: 'no-such-program', stop: false").is("FAILURE");
    let stale = stale.says("no verdict (exit code 127)");
    assert!(!stale.log().contains("went on"));
}

/// The parameters of the pipeline that only evaluates.
fn parameters<'a>(start: &'a str, end: &'a str, set: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("PARAM_Project", "shop"),
        ("PARAM_Stage", "staging"),
        ("PARAM_Service", "carts"),
        ("PARAM_Monitoring", "prometheus"),
        ("PARAM_StartTime", start),
        ("PARAM_EndTime", end),
        ("PARAM_WaitForResult", "3"),
        ("PARAM_SetBuildResult", set),
    ]
}

/// Runs a pipeline that was written for Keptn's library.
fn run_old(name: &str, folder: &Path, environment: &[(&str, &str)]) -> Build {
    let library = format!("{RECIPES}/compat");
    run(
        &format!("{OLD}/{name}.Jenkinsfile"),
        &[&library],
        folder,
        environment,
    )
}

#[test]
fn a_pipeline_for_keptn_that_only_evaluates_goes_on_working() {
    if !is_there() {
        return;
    }
    for (value, verdict, score, result) in VERDICTS {
        let folder = workspace(value);
        let path = folder.path();
        // The README of Keptn's library has an end of 0, which Keptn's library refused.
        let build = run_old("evaluation-only", path, &parameters("660", "0", "true"));
        let build = build
            .is(result)
            .says("the pipeline goes on")
            .says(&format!("score {score}"));
        let events = build.archived("keptn.evaluationresult.", path);
        let events: Value = serde_json::from_str(&events).unwrap();
        let data = &events["events"][0]["data"];
        assert_eq!(data["evaluation"]["result"], verdict);
        assert_eq!(
            (&data["project"], &data["service"]),
            (&"shop".into(), &"carts".into())
        );
        let labels = serde_json::json!({"buildId": "7", "buildNumber": "7", "jobname": "shop/feature%2Fx",
            "joburl": "https://ci.example/job/shop/7/?a=b&c='", "owner": "it's $(touch pwned)"});
        assert_eq!(data["labels"], labels);
        let time = |name: &str| {
            data["evaluation"][name]
                .as_str()
                .unwrap()
                .parse::<jiff::Timestamp>()
                .unwrap()
        };
        assert_eq!(
            time("timeEnd").duration_since(time("timeStart")).as_secs(),
            660
        );
        assert_eq!(build.0["stages"]["Wait"], result);
        assert_eq!(build.0["stages"]["After"], "SUCCESS");
        build.archived("keptn.context.7.json", path);
        build.archived("keptn.html", path);
        assert!(!path.join("pwned").exists());
    }
}

#[test]
fn a_pipeline_for_keptn_that_takes_the_score_gets_a_number_and_no_build_result() {
    if !is_there() {
        return;
    }
    for (value, _, score, _) in VERDICTS.into_iter().skip(1) {
        let folder = workspace(value);
        let build = run_old(
            "evaluation-only",
            folder.path(),
            &parameters("660", "60", "false"),
        );
        let build = build.is("SUCCESS").says(&format!("\nscore {score}"));
        assert!(!build.log().contains("ERROR"), "{}", build.log());
    }
}

#[test]
fn a_pipeline_for_keptn_that_tests_by_itself_goes_on_working() {
    if !is_there() {
        return;
    }
    for (value, _, _, result) in VERDICTS.into_iter().skip(2) {
        let folder = workspace(value);
        run_old("evaluate-with-test", folder.path(), &[])
            .is(result)
            .says("began 20");
    }
}

#[test]
fn two_objects_of_one_build_know_each_their_own_service() {
    if !is_there() {
        return;
    }
    let folder = workspace("500");
    let build = run_old("two-services", folder.path(), &[]).is("SUCCESS");
    build.says("p/s/one").says("p/s/two");
}

#[test]
fn what_was_silent_in_keptns_library_stops_the_pipeline() {
    if !is_there() {
        return;
    }
    let folder = workspace("500");
    let path = folder.path();
    let build = run_old("performance-test", path, &[]).is("FAILURE");
    build.says("tidegate runs no tests and no deployments");
    let build = run_old("evaluation-only", path, &parameters("60", "660", "true"));
    build
        .is("FAILURE")
        .says("no verdict (exit code 64)")
        .says("the pipeline goes on");
    let build = run_old("evaluation-only", path, &parameters("60", "660", "false"));
    assert!(!build.is("FAILURE").log().contains("the pipeline goes on"));
    let build = run_old("evaluation-only", path, &parameters("-5", "0", "true")).is("FAILURE");
    build.says("starttime can't be -5");
    std::fs::remove_file(path.join("keptn/slo.yaml")).unwrap();
    let build = run_old("evaluation-only", path, &parameters("660", "60", "true")).is("FAILURE");
    build.says("keptn/slo.yaml is to be added as");
}
