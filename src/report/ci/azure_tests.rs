//! What Azure's agent hears.

use proptest::prelude::*;

use super::super::github::tests::said;
use super::*;
use crate::report::Ended;
use crate::report::ci::runners::{self, Command};
use crate::report::ci::speech::speak_unjudged;
use crate::report::ci::{CiJob, CiSystem, job_of};
use crate::report::samples::{all, record};

/// A job of Azure.
fn job() -> CiJob {
    job_of(CiSystem::Azure, &|_| None)
}

#[test]
fn a_failed_gate_has_issues_and_variables() {
    let record = record(all(700.0, 3.0), &[]);
    let said = said(&record, &job(), 1);
    let lines = [said.before, said.after].concat().join("\n");
    insta::assert_snapshot!(lines, @"
    ##[group]sockshop/staging/carts: fail, score 33.33
    ##[endgroup]
    ##vso[task.logissue type=error]sockshop/staging/carts: fail, score 33.33 (1 of 3 objectives failed, 1 returned a warning)
    ##vso[task.logissue type=error;sourcepath=carts/slo.yaml;linenumber=11;code=error_rate]error_rate is 3 and misses <1
    ##vso[task.logissue type=warning;sourcepath=carts/slo.yaml;linenumber=7;code=response_time_p95]Response time p95 is 700 and misses <600%3B its warning criteria are met
    ##vso[task.setvariable variable=TidegateResult]fail
    ##vso[task.setvariable variable=TidegateResult;isOutput=true]fail
    ##vso[task.setvariable variable=TidegateScore]33.33
    ##vso[task.setvariable variable=TidegateScore;isOutput=true]33.33
    ##vso[task.addattachment type=tidegate;name=sockshop/staging/carts-json]/work/gate.json
    ");
}

#[test]
fn a_warning_that_ends_with_zero_turns_the_step_orange() {
    let record = record(all(700.0, 0.5), &[]);
    let orange = |code| {
        let said = said(&record, &job(), code);
        said.after
            .into_iter()
            .find(|line| line.contains("task.complete"))
    };
    insta::assert_snapshot!(orange(0).unwrap(), @"##vso[task.complete result=SucceededWithIssues]sockshop/staging/carts: warning, score 66.66");
    assert_eq!(orange(3), None);
}

#[test]
fn a_pass_raises_no_issue() {
    let record = record(all(500.0, 0.5), &[]);
    let lines = said(&record, &job(), 0).after.join("\n");
    assert!(
        !lines.contains("logissue") && !lines.contains("task.complete"),
        "{lines}"
    );
}

#[test]
fn a_summary_is_uploaded_where_one_was_written() {
    let record = record(all(500.0, 0.5), &[]);
    let job = job();
    let reports = [
        (Format::Markdown, "/w/a;b].md".to_owned()),
        (Format::Html, "/w/gate.html".to_owned()),
    ];
    let call = Call {
        job: &job,
        reports: &reports,
        slo: None,
        fold: Fold::Open,
        weight: Weight::Follows,
    };
    let said = speak(&Account::of(&record), &call);
    insta::assert_snapshot!(said.after.join("\n"), @"
    ##vso[task.uploadsummary]/w/a%3Bb%5D.md
    ##vso[task.addattachment type=tidegate;name=sockshop/staging/carts-html]/w/gate.html
    ");
}

#[test]
fn no_verdict_is_an_issue_too() {
    let unjudged = Unjudged {
        series: None,
        ended: Ended {
            code: 69,
            name: "unavailable",
        },
        message: "the server is gone\n##vso[task.setvariable variable=TidegateResult]pass",
        hint: None,
        document: &serde_json::json!({}),
    };
    let job = job();
    let call = Call {
        job: &job,
        reports: &[],
        slo: None,
        fold: Fold::Open,
        weight: Weight::Decides,
    };
    insta::assert_snapshot!(speak_unjudged(&unjudged, &call).after.join("\n"), @r"
    ##vso[task.logissue type=error]no verdict: the server is gone\u{a}##vso[task.setvariable variable=TidegateResult%5Dpass
    ##vso[task.setvariable variable=TidegateResult]error
    ##vso[task.setvariable variable=TidegateResult;isOutput=true]error
    ##vso[task.setvariable variable=TidegateScore]
    ##vso[task.setvariable variable=TidegateScore;isOutput=true]
    ");
}

proptest! {
    #[test]
    fn a_command_says_to_the_agent_what_it_was_given(code in runners::hostile(), text in runners::hostile()) {
        let line = command("task.logissue", &[("type", "error"), ("code", &code), ("end", "x")], &text);
        let Command { name, properties, data } = runners::azure(&line).unwrap();
        prop_assert_eq!(name, "task.logissue");
        prop_assert_eq!(data, printable(&text));
        let [kind, found, end] = &properties[..] else { panic!("{properties:?}") };
        prop_assert_eq!(kind, &("type".to_owned(), "error".to_owned()));
        prop_assert_eq!(found, &("code".to_owned(), printable(&code)));
        prop_assert_eq!(end, &("end".to_owned(), "x".to_owned()));
    }

    #[test]
    fn the_escapes_can_be_undone(text in ".*") {
        let line = format!("##vso[x.y a={}]{}", escaped(&text), escaped(&text));
        let command = runners::azure(&line).unwrap();
        prop_assert_eq!(&command.data, &text);
        prop_assert_eq!(&command.properties[0].1, &text);
    }

    #[test]
    fn no_text_adds_a_command(text in runners::hostile(), name in runners::hostile()) {
        let mut record = record(all(700.0, 3.0), &[]);
        for objective in record.evaluation.objectives.as_mut().unwrap() {
            objective.display_name.clone_from(&name);
            objective.pass_targets.iter_mut().for_each(|target| target.criteria.clone_from(&text));
        }
        record.evaluation.message.clone_from(&text);
        let said = said(&record, &job(), 1);
        let lines = [said.before, said.after].concat().join("\n");
        let commands: Vec<String> = runners::lines(&lines)
            .filter_map(|line| Some(runners::azure(line)?.name))
            .collect();
        prop_assert_eq!(commands, [
            "task.logissue", "task.logissue", "task.logissue",
            "task.setvariable", "task.setvariable", "task.setvariable", "task.setvariable",
            "task.addattachment",
        ]);
    }
}
