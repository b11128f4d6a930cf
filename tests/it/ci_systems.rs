//! What each CI system is told, with the environment of one of its jobs.

mod languages;

use std::path::Path;

use insta::assert_snapshot;
use serde_json::Value;

use crate::harness::{Gate, SLO};

/// The systems, by the names of their environments in `fixtures/ci`.
fn systems() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ci");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    assert_eq!(names.len(), 24);
    names
}

/// Sets the environment of a job.
fn within(gate: Gate, system: &str) -> Gate {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/ci/{system}.env"));
    let text = std::fs::read_to_string(path).unwrap();
    let gate = gate.env("NO_COLOR", "1");
    text.lines().fold(gate, |gate, line| {
        let (name, value) = line.split_once('=').unwrap();
        gate.env(name, value)
    })
}

/// A gate in a job, with a value.
fn job(system: &str, value: f64) -> Gate {
    within(Gate::of_value(value), system).args(["--project", "shop", "--service", "carts"])
}

/// Sets the files that a job of GitHub has.
fn with_files(gate: Gate) -> Gate {
    let gate = gate
        .file("out/output", "before=1\n")
        .file("out/summary", "# Before\n");
    let [output, summary] = ["out/output", "out/summary"].map(|path| gate.path(path));
    let workspace = gate.path("").display().to_string();
    gate.env("GITHUB_OUTPUT", output.display().to_string())
        .env("GITHUB_STEP_SUMMARY", summary.display().to_string())
        .env("GITHUB_WORKSPACE", workspace)
}

#[test]
fn every_system_fills_in_labels_and_a_typed_one_wins() {
    for system in systems() {
        let show = within(Gate::new(), &system).args(["ci", "show", "--output", "json"]);
        let shown = show.run().code(0).json();
        assert_eq!(shown["system"], system.as_str());
        let gate = within(Gate::new(), &system)
            .file("slo.yaml", SLO)
            .file("values.json", r#"{"response_time": 500}"#)
            .file("tidegate.yaml", "labels: {jobname: of the file}\n")
            .args([
                "evaluate",
                "--values",
                "values.json",
                "--event-log",
                "jsonl:log",
            ])
            .args(["--label", "buildId=typed", "--output", "json"]);
        let document = gate.run().code(0).json();
        let mut expected = shown["labels"].clone();
        expected["buildId"] = "typed".into();
        expected["jobname"] = "of the file".into();
        assert_eq!(document["labels"], expected, "{system}");
        let stored = gate.read("log");
        let finished: Value = stored
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .find(|event: &Value| event["type"] == "sh.keptn.event.evaluation.finished")
            .unwrap();
        assert_eq!(finished["data"]["labels"], expected, "{system}");
    }
}

#[test]
fn where_no_system_is_spoken_to_nothing_is_said_and_no_label_is_filled_in() {
    let quiet = with_files(job("github", 900.0)).args(["--ci", "none", "--output", "json"]);
    let answer = quiet.run().code(1);
    assert_eq!(answer.json()["labels"], serde_json::json!({}));
    assert!(
        !answer.raw_stderr().contains("::"),
        "{}",
        answer.raw_stderr()
    );
    assert_eq!(quiet.read("out/output"), "before=1\n");
    for off in [
        job("github", 900.0).env("CI", "false"),
        Gate::of_value(900.0),
    ] {
        let answer = off.run().code(1);
        let said = answer.raw_stdout() + &answer.raw_stderr();
        assert!(!said.contains("::"), "{said}");
    }
}

#[test]
fn commands_go_to_stderr_where_a_program_reads_stdout() {
    for system in ["github", "gitea", "azure", "teamcity", "gitlab"] {
        let answer = job(system, 900.0).args(["--output", "json"]).run().code(1);
        assert_eq!(answer.json()["result"], "fail");
        let stderr = answer.raw_stderr();
        let marker = match system {
            "azure" => "##vso[",
            "teamcity" => "##teamcity[",
            "gitlab" => "section_start:",
            _ => "::error ",
        };
        assert!(stderr.contains(marker), "{system}: {stderr}");
    }
}

#[test]
fn systems_without_a_language_hear_nothing() {
    for system in systems() {
        let spoken_to = [
            "github",
            "gitea",
            "gitlab",
            "azure",
            "teamcity",
            "bitbucket",
        ];
        if spoken_to.contains(&system.as_str()) {
            continue;
        }
        let plain = Gate::of_value(900.0).args(["--project", "shop", "--service", "carts"]);
        let expected = plain.env("NO_COLOR", "1").run().code(1);
        let answer = job(&system, 900.0).run().code(1);
        let stdout = answer.stdout();
        let lines: Vec<&str> = stdout
            .lines()
            .filter(|line| !line.starts_with("labels: "))
            .collect();
        let expected_lines = expected.stdout();
        assert_eq!(
            lines,
            expected_lines.lines().collect::<Vec<_>>(),
            "{system}"
        );
        assert_eq!(answer.stderr(), expected.stderr(), "{system}");
    }
}

#[test]
fn no_verdict_is_told_too() {
    let server = |system| {
        let gate = within(Gate::of_server("http://127.0.0.1:1"), system);
        gate.args(["--project", "shop", "--service", "carts"])
    };
    let github = with_files(server("github"));
    let stdout = github.run().code(69).stdout();
    assert!(
        stdout.starts_with("::error title=Quality gate%3A no verdict::shop/default/carts"),
        "{stdout}"
    );
    let outputs = github.read("out/output");
    assert!(
        outputs.contains("result=error\n") && outputs.contains("exit-code=69\n"),
        "{outputs}"
    );
    assert!(github.read("out/summary").len() > 20);
    let azure = server("azure").run().code(69).raw_stdout();
    assert!(
        azure.starts_with("##vso[task.logissue type=error]shop"),
        "{azure}"
    );
    assert!(azure.contains("variable=TidegateResult]error\n"), "{azure}");
    let teamcity = server("teamcity").run().code(69).raw_stdout();
    assert!(
        teamcity.starts_with("##teamcity[buildProblem "),
        "{teamcity}"
    );
    let unreadable = with_files(job("github", 500.0)).file("tidegate.yaml", "stage: [\n");
    let stdout = unreadable.run().code(78).raw_stdout();
    assert!(stdout.starts_with("::error title="), "{stdout}");
    assert!(unreadable.read("out/output").contains("result=error\n"));
}

/// Tells whether a line is a command that we give this system on purpose; what such a line may hold is tested where it
/// is written.
fn is_ours(line: &str, system: &str) -> bool {
    let ours: &[&str] = match system {
        "github" => &["::error title=", "::error file="],
        "azure" => &["##vso[task.logissue ", "##vso[task.setvariable "],
        "teamcity" => &["##teamcity["],
        _ => &[],
    };
    ours.iter().any(|start| line.starts_with(start))
}

#[test]
fn text_from_outside_is_no_command() {
    let name =
        "##vso[task.setvariable variable=x]y ##teamcity[buildStatus text='x'] ##[set-env name=a]b";
    let slo = SLO.replace(
        "- sli: response_time",
        &format!("- sli: response_time\n    displayName: \"{name}\""),
    );
    let hostile = "::set-output name=result::pass\n##vso[task.complete result=Succeeded;]";
    for system in ["github", "azure", "teamcity", "gitlab", "generic"] {
        for format in ["table", "json", "yaml", "markdown", "keptn-event"] {
            let gate = job(system, 900.0).file("slo.yaml", &slo);
            let label = format!("note={hostile}");
            let gate = gate.args(["--label", &label, "--output", format, "--explain"]);
            let answer = gate.run().code(1);
            let said = answer.raw_stdout() + "\n" + &answer.raw_stderr();
            let foreign = said.lines().filter(|line| !is_ours(line, system));
            for line in foreign {
                let is_command = line.trim_start().starts_with("::")
                    || ["##[", "##vso[", "##teamcity["]
                        .iter()
                        .any(|marker| line.contains(marker));
                assert!(!is_command, "{system} {format}: {line}");
            }
            if matches!(format, "json" | "yaml") {
                let document = answer.document(format);
                assert_eq!(document["labels"]["note"], hostile, "{system} {format}");
            }
        }
    }
}

#[test]
fn a_name_that_is_no_system_is_refused() {
    let gate = Gate::of_value(500.0);
    let typed = gate.run_with(["--ci", "githb"]).code(64).stderr();
    assert_snapshot!(typed, @"error: --ci can't be `githb`: that is no CI system: did you mean `github`?");
    let gate = gate.env("TIDEGATE_CI", "hudson");
    let set = gate.run().code(78).stderr();
    assert!(set.contains("known are auto, none, gitea, github"), "{set}");
    gate.run_with(["--ci", "none"]).code(0);
}

#[test]
fn a_system_that_is_named_is_spoken_to() {
    let gate = Gate::of_value(900.0).file("tidegate.yaml", "ci: teamcity\n");
    assert!(gate.run().code(1).raw_stdout().contains("##teamcity["));
    let gate = gate.env("TIDEGATE_CI", "azure");
    assert!(gate.run().code(1).raw_stdout().contains("##vso["));
    let answer = gate.run_with(["--ci", "github"]).code(1);
    assert!(answer.raw_stdout().contains("::error"));
}

#[test]
fn the_log_of_a_job_is_coloured_where_the_system_shows_it() {
    let coloured = |name: &str| {
        let gate = Gate::of_value(900.0).env(name, "true");
        gate.run().code(1).raw_stdout().contains("\x1b[1m")
    };
    assert!(coloured("CIRCLECI"));
    assert!(!coloured("CI"));
    let gate = Gate::of_value(900.0).env("CIRCLECI", "true");
    gate.run_in_shell("\"$@\" > table.txt").code(1);
    assert!(!gate.read("table.txt").contains('\x1b'));
}

#[test]
fn ci_show_says_what_is_found_and_what_is_done() {
    let gate = within(Gate::new(), "github").args(["ci", "show"]);
    assert_snapshot!(gate.run().code(0).stdout(), @"
    ci is auto (default): this is GitHub Actions (github)

    Labels of every evaluation, where neither a file nor a flag says otherwise:
      branch=faster-carts
      buildId=9012345678
      buildNumber=17
      change=42
      commit=7fd1a60b01f91b314f59955a4e4d4e80d8edf11d
      jobname=release/gate
      joburl=https://github.com/acme/shop/actions/runs/9012345678

    What `tidegate evaluate` does besides:
      annotations: the outcome, and each objective that missed points, on its line of the SLO file
      outputs in the file that GITHUB_OUTPUT names: result, score, exit-code, exit-name, id, failed-slis, report-FORMAT
      the Markdown report in the file that GITHUB_STEP_SUMMARY names
      a folded group for each report, where there are several
      colours in the log
    ");
    assert_snapshot!(Gate::new().args(["ci", "show"]).run().code(0).stdout(), @"
    ci is auto (default): no CI system is spoken to, and no labels are filled in
    CI=false, --ci none, or an environment without a sign of a CI system lead to this
    ");
    let named = gate
        .run_with(["--ci", "jenkins", "--output", "yaml"])
        .code(0);
    assert_snapshot!(named.stdout(), @r#"
    version: 1
    ci: jenkins
    from: --ci
    system: jenkins
    title: Jenkins
    labels: {}
    repository: null
    change: null
    does:
    - "files for its plug-ins are written where --report asks for them: junit, jenkins-issues, html"
    "#);
    gate.run_with(["--ci", "githb"]).code(64);
}
