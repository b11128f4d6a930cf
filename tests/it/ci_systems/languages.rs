//! What is said in each language, and that nothing that goes wrong there changes a code.

use insta::assert_snapshot;
use serde_json::Value;

use super::{job, with_files, within};
use crate::harness::{Gate, SLO};
use crate::support::misbehaving::{Reply, Server};

#[test]
fn github_is_told_in_annotations_outputs_and_a_summary() {
    let gate = with_files(job("github", 900.0)).args(["--report", "json=out/gate.json"]);
    let answer = gate.run().code(1);
    let stdout = answer.stdout();
    let (table, commands) = stdout.split_at(stdout.find("::error").unwrap());
    assert!(table.contains("response_time"), "{table}");
    assert_snapshot!(commands, @"
    ::error title=Quality gate%3A fail::shop/default/carts: fail, score 0 (1 of 1 objectives failed)
    ::error file=slo.yaml,line=5,title=Quality gate%3A carts%3A response_time::response_time is 900 and misses <600
    ");
    let outputs = gate.read("out/output");
    let names: Vec<&str> = outputs
        .lines()
        .map(|line| line.split_once('=').unwrap().0)
        .collect();
    let expected = [
        "before",
        "result",
        "score",
        "exit-code",
        "exit-name",
        "id",
        "failed-slis",
        "report-json",
    ];
    assert_eq!(names, expected);
    assert!(
        outputs.contains("\nresult=fail\nscore=0\nexit-code=1\nexit-name=fail\n"),
        "{outputs}"
    );
    let report = format!(
        "failed-slis=[\"response_time\"]\nreport-json={}\n",
        gate.path("out/gate.json").display()
    );
    assert!(outputs.ends_with(&report), "{outputs}");
    let summary = gate.read("out/summary");
    assert!(
        summary.starts_with("# Before\n") && summary.len() > 20,
        "{summary}"
    );
}

#[test]
fn gitlab_shows_the_report_in_a_section() {
    let stdout = job("gitlab", 900.0).run().code(1).raw_stdout();
    assert!(stdout.starts_with("\x1b[0Ksection_start:"), "{stdout:?}");
    assert!(
        stdout.contains("\r\x1b[0Kshop/default/carts: fail, score 0\n"),
        "{stdout:?}"
    );
    let end = stdout.lines().last().unwrap();
    assert!(
        end.starts_with("\x1b[0Ksection_end:") && end.ends_with("\r\x1b[0K"),
        "{end:?}"
    );
}

#[test]
fn azure_is_told_in_logging_commands() {
    let gate = job("azure", 700.0).args(["--on-warning", "pass"]);
    let gate = gate.args(["--report", "markdown=gate.md", "--report", "html=gate.html"]);
    let answer = gate.run().code(0);
    let stdout = answer.stdout();
    let commands: Vec<&str> = stdout.lines().filter(|line| line.contains("##")).collect();
    assert_snapshot!(commands.join("\n"), @"
    ##vso[task.logissue type=warning]shop/default/carts: warning, score 50 (1 of 1 objectives returned a warning)
    ##vso[task.logissue type=warning;sourcepath=slo.yaml;linenumber=5;code=response_time]response_time is 700 and misses <600%3B its warning criteria are met
    ##vso[task.setvariable variable=TidegateResult]warning
    ##vso[task.setvariable variable=TidegateResult;isOutput=true]warning
    ##vso[task.setvariable variable=TidegateScore]50
    ##vso[task.setvariable variable=TidegateScore;isOutput=true]50
    ##vso[task.uploadsummary][folder]/gate.md
    ##vso[task.addattachment type=tidegate;name=shop/default/carts-html][folder]/gate.html
    ##vso[task.complete result=SucceededWithIssues]shop/default/carts: warning, score 50
    ");
    let warning = job("azure", 700.0).run().code(3).raw_stdout();
    assert!(!warning.contains("task.complete"), "{warning}");
}

#[test]
fn teamcity_is_told_in_service_messages() {
    let answer = job("teamcity", 900.0).run().code(1);
    let stdout = answer.stdout();
    let commands: Vec<&str> = stdout.lines().filter(|line| line.contains("##")).collect();
    assert_snapshot!(commands.join("\n"), @"
    ##teamcity[testSuiteStarted name='shop/default/carts']
    ##teamcity[testStarted name='shop/default/carts: response_time']
    ##teamcity[testMetadata testName='shop/default/carts: response_time' name='value' type='number' value='900']
    ##teamcity[testFailed name='shop/default/carts: response_time' message='response_time is 900 and misses <600']
    ##teamcity[testFinished name='shop/default/carts: response_time']
    ##teamcity[testSuiteFinished name='shop/default/carts']
    ##teamcity[buildStatisticValue key='tidegate.carts.score' value='0']
    ##teamcity[buildStatisticValue key='tidegate.carts.sli.response_time' value='900']
    ##teamcity[buildProblem description='shop/default/carts: fail, score 0 (1 of 1 objectives failed)' identity='tidegate_shop_default_carts_20c9ae43d83ca13d']
    ##teamcity[buildStatus text='{build.status.text}; tidegate: shop/default/carts: fail, score 0']
    ");
}

#[test]
fn bitbucket_gets_a_report_on_the_commit_through_its_proxy() {
    let proxy = Server::start(|request| match request.split(' ').next() {
        Some("DELETE") => Reply::json(404, "{}"),
        _ => Reply::json(200, "{}"),
    });
    let gate = job("bitbucket", 900.0).env("TIDEGATE_BITBUCKET_PROXY", proxy.url());
    let answer = gate.run().code(1);
    assert!(
        !answer.raw_stderr().contains("warning"),
        "{}",
        answer.raw_stderr()
    );
    let received = proxy.received();
    let lines: Vec<&str> = received
        .iter()
        .map(|text| text.lines().next().unwrap())
        .collect();
    let report = "http://api.bitbucket.org/2.0/repositories/acme/shop/commit/7fd1a60b01f91b314f59955a4e4d4e80d8edf11d/reports/tidegate_shop_default_carts_";
    let [delete, put, post] = &lines[..] else {
        panic!("{lines:?}")
    };
    for (line, method) in [(delete, "DELETE"), (put, "PUT"), (post, "POST")] {
        assert!(line.starts_with(&format!("{method} {report}")), "{line}");
    }
    let body = |text: &str| -> Value {
        let (_, body) = text.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap()
    };
    assert_eq!(body(&received[1])["result"], "FAILED");
    assert_eq!(body(&received[2])[0]["path"], "slo.yaml");
    assert_eq!(body(&received[2])[0]["line"], 5);
    assert!(!received.concat().to_lowercase().contains("authorization"));
}

#[test]
fn a_proxy_that_is_not_there_or_refuses_changes_no_code() {
    let refusing = Server::always(Reply::json(403, "{}"));
    for (value, code) in [(500.0, 0), (900.0, 1)] {
        for url in ["http://127.0.0.1:1", &refusing.url(), "no url"] {
            let gate = job("bitbucket", value).env("TIDEGATE_BITBUCKET_PROXY", url);
            let stderr = gate.run().code(code).raw_stderr();
            assert!(
                stderr.contains("warning: no report on the commit"),
                "{stderr}"
            );
        }
    }
}

#[test]
fn of_several_evaluations_the_worst_speaks_in_the_outputs() {
    let server = Server::start(|request| {
        let is_slow = request.contains("slow");
        Reply::number(if is_slow { 900.0 } else { 500.0 })
    });
    let config = format!("providers: {{prometheus: {{url: '{}'}}}}\n", server.url());
    for folders in [["slow", "fast"], ["fast", "slow"]] {
        let gate =
            folders
                .iter()
                .fold(with_files(within(Gate::new(), "github")), |gate, folder| {
                    gate.file(&format!("{folder}/slo.yaml"), SLO).file(
                        &format!("{folder}/sli.yaml"),
                        format!("indicators:\n  response_time: {folder}\n"),
                    )
                });
        let gate = gate
            .file("tidegate.yaml", &config)
            .args(["evaluate", "--event-log", "memory:"]);
        let gate = gate.args(folders);
        let stdout = gate.run().code(1).raw_stdout();
        assert_eq!(stdout.matches("::group::").count(), 2, "{stdout}");
        assert_eq!(stdout.matches("::endgroup::").count(), 2, "{stdout}");
        let outputs = gate.read("out/output");
        let last = outputs.lines().rfind(|line| line.starts_with("result="));
        assert_eq!(last, Some("result=fail"), "{outputs}");
    }
}

#[test]
fn a_file_that_cant_be_added_to_changes_no_code() {
    for (value, code) in [(500.0, 0), (900.0, 1)] {
        let gate = job("github", value);
        let folder = gate.path("").display().to_string();
        let answer = gate.env("GITHUB_OUTPUT", folder).run().code(code);
        let stderr = answer.raw_stderr();
        assert!(
            stderr.contains("warning: nothing was added to the file that GITHUB_OUTPUT names"),
            "{stderr}"
        );
    }
}

#[test]
fn a_summary_that_would_be_too_large_is_short() {
    let full = "x".repeat(1024 * 1024 - 10);
    let gate = with_files(job("github", 900.0)).file("out/summary", &full);
    gate.run().code(1);
    let summary = gate.read("out/summary");
    let added = summary.strip_prefix(&full).unwrap();
    assert_snapshot!(added, @"
    ## Quality gate

    shop/default/carts: fail, score 0 (1 of 1 objectives failed)
    ");
}
