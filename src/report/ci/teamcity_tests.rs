//! What `TeamCity` hears.

use proptest::prelude::*;

use super::super::github::tests::said;
use super::*;
use crate::report::Ended;
use crate::report::ci::runners;
use crate::report::ci::speech::speak_unjudged;
use crate::report::ci::{CiJob, CiSystem, job_of};
use crate::report::samples::{all, record};

/// A job of `TeamCity`.
fn job() -> CiJob {
    job_of(CiSystem::TeamCity, &|_| None)
}

#[test]
fn a_failed_gate_has_failed_tests_charts_and_a_problem() {
    let record = record(all(700.0, 3.0), &[]);
    let said = said(&record, &job(), 1);
    let lines = [said.before, said.after].concat().join("\n");
    insta::assert_snapshot!(lines, @"
    ##teamcity[blockOpened name='sockshop/staging/carts: fail, score 33.33']
    ##teamcity[blockClosed name='sockshop/staging/carts: fail, score 33.33']
    ##teamcity[testSuiteStarted name='sockshop/staging/carts']
    ##teamcity[testStarted name='sockshop/staging/carts: response_time_p95']
    ##teamcity[testMetadata testName='sockshop/staging/carts: response_time_p95' name='value' type='number' value='700']
    ##teamcity[message text='Response time p95 is 700 and misses <600; its warning criteria are met' status='WARNING']
    ##teamcity[testFinished name='sockshop/staging/carts: response_time_p95']
    ##teamcity[testStarted name='sockshop/staging/carts: error_rate']
    ##teamcity[testMetadata testName='sockshop/staging/carts: error_rate' name='value' type='number' value='3']
    ##teamcity[testFailed name='sockshop/staging/carts: error_rate' message='error_rate is 3 and misses <1']
    ##teamcity[testFinished name='sockshop/staging/carts: error_rate']
    ##teamcity[testStarted name='sockshop/staging/carts: throughput']
    ##teamcity[testMetadata testName='sockshop/staging/carts: throughput' name='req/s' type='number' value='87.123456789']
    ##teamcity[testIgnored name='sockshop/staging/carts: throughput' message='informational: not scored']
    ##teamcity[testFinished name='sockshop/staging/carts: throughput']
    ##teamcity[testSuiteFinished name='sockshop/staging/carts']
    ##teamcity[buildStatisticValue key='tidegate.carts.score' value='33.333333']
    ##teamcity[buildStatisticValue key='tidegate.carts.sli.response_time_p95' value='700']
    ##teamcity[buildStatisticValue key='tidegate.carts.sli.error_rate' value='3']
    ##teamcity[buildStatisticValue key='tidegate.carts.sli.throughput' value='87.123457']
    ##teamcity[buildProblem description='sockshop/staging/carts: fail, score 33.33 (1 of 3 objectives failed, 1 returned a warning)' identity='tidegate_sockshop_staging_carts_a58630e7ba8d55c9']
    ##teamcity[buildStatus text='{build.status.text}; tidegate: sockshop/staging/carts: fail, score 33.33']
    ");
}

#[test]
fn nothing_fails_the_build_in_a_gate_that_does_not_fail() {
    let warning = record(all(700.0, 0.5), &[]);
    let failed = record(all(700.0, 3.0), &[]);
    for (record, code) in [(&warning, 3), (&warning, 0), (&failed, 0)] {
        let lines = said(record, &job(), code).after.join("\n");
        assert!(!lines.contains("buildProblem"), "{lines}");
        assert!(!lines.contains("testFailed"), "{lines}");
        assert!(lines.contains("status='WARNING'"), "{lines}");
    }
}

#[test]
fn no_verdict_is_a_problem_too() {
    let unjudged = Unjudged {
        series: None,
        ended: Ended {
            code: 69,
            name: "unavailable",
        },
        message: "the server is gone\n##teamcity[buildStatus status='SUCCESS']",
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
    insta::assert_snapshot!(speak_unjudged(&unjudged, &call).after.join("\n"), @"
    ##teamcity[buildProblem description='no verdict: the server is gone|n##teamcity|[buildStatus status=|'SUCCESS|'|]' identity='tidegate_']
    ##teamcity[buildStatus text='{build.status.text}; tidegate: no verdict']
    ");
}

#[test]
fn the_identity_of_a_problem_is_short_and_its_own() {
    let long = identifier(&format!("tidegate_{}", "a/".repeat(200)), 60);
    assert_eq!(long.len(), 60);
    assert_ne!(identifier("a/b", 60), identifier("a_b", 60));
}

proptest! {
    #[test]
    fn the_escapes_can_be_undone(text in ".*", other in runners::hostile()) {
        let line = message("testFailed", &[("name", &text), ("message", &other)]);
        prop_assert!(line.is_ascii());
        let command = runners::teamcity(&line).unwrap();
        prop_assert_eq!(command.name, "testFailed");
        prop_assert_eq!(command.properties, [("name".to_owned(), text), ("message".to_owned(), other)]);
    }

    #[test]
    fn no_text_adds_a_message(text in runners::hostile(), name in runners::hostile()) {
        let mut record = record(all(700.0, 3.0), &[]);
        for objective in record.evaluation.objectives.as_mut().unwrap() {
            objective.display_name.clone_from(&name);
            objective.unit = Some(text.clone());
            objective.pass_targets.iter_mut().for_each(|target| target.criteria.clone_from(&text));
        }
        record.evaluation.message.clone_from(&text);
        let said = said(&record, &job(), 1);
        let lines = [said.before, said.after].concat().join("\n");
        prop_assert_eq!(lines.matches("##teamcity[").count(), lines.lines().count());
        let commands: Vec<String> = runners::lines(&lines)
            .map(|line| runners::teamcity(line).unwrap().name)
            .collect();
        prop_assert_eq!(commands.iter().filter(|name| *name == "testStarted").count(), 3);
        prop_assert_eq!(commands.iter().filter(|name| *name == "buildProblem").count(), 1);
    }
}
