//! What GitHub's runner hears.

use proptest::prelude::*;

use super::*;
use crate::gate::Record;
use crate::report::Ended;
use crate::report::ci::runners::{self, Command};
use crate::report::ci::speech::{speak, speak_unjudged};
use crate::report::ci::{CiJob, CiSystem, job_of};
use crate::report::samples::{all, record};

/// A job of GitHub.
pub fn job() -> CiJob {
    job_of(CiSystem::Github, &|_| None)
}

/// Says an evaluation that ended with a code.
pub fn said(record: &Record, job: &CiJob, code: u8) -> Utterance {
    let account = Account {
        ended: Some(Ended { code, name: "fail" }),
        ..Account::of(record)
    };
    let reports = [(Format::Json, "/work/gate.json".to_owned())];
    let call = Call {
        job,
        reports: &reports,
        slo: Some("carts/slo.yaml"),
        fold: Fold::Folded,
        weight: Weight::Decides,
    };
    speak(&account, &call)
}

#[test]
fn a_failed_gate_has_annotations_and_outputs() {
    let record = record(all(700.0, 3.0), &[]);
    let said = said(&record, &job(), 1);
    let lines = [said.before, said.after].concat().join("\n");
    insta::assert_snapshot!(lines, @"
    ::group::sockshop/staging/carts: fail, score 33.33
    ::endgroup::
    ::error title=Quality gate%3A fail::sockshop/staging/carts: fail, score 33.33 (1 of 3 objectives failed, 1 returned a warning)
    ::error file=carts/slo.yaml,line=11,title=Quality gate%3A carts%3A error_rate::error_rate is 3 and misses <1
    ::warning file=carts/slo.yaml,line=7,title=Quality gate%3A carts%3A response_time_p95::Response time p95 is 700 and misses <600; its warning criteria are met
    ");
    let outputs = &said.additions[0];
    assert_eq!(outputs.variable, "GITHUB_OUTPUT");
    insta::assert_snapshot!(outputs.text, @r#"
    result=fail
    score=33.33
    exit-code=1
    exit-name=fail
    id=f-1
    failed-slis=["error_rate"]
    report-json=/work/gate.json
    "#);
    let summary = &said.additions[1];
    assert_eq!(summary.variable, "GITHUB_STEP_SUMMARY");
    assert!(!summary.text.is_empty());
}

#[test]
fn a_gate_that_passed_says_one_thing() {
    let record = record(all(500.0, 0.5), &[]);
    let said = said(&record, &job(), 0);
    insta::assert_snapshot!(said.after.join("\n"), @"
    ::endgroup::
    ::notice title=Quality gate%3A pass::sockshop/staging/carts: pass, score 100
    ");
}

#[test]
fn no_verdict_is_an_error_too() {
    let unjudged = Unjudged {
        series: None,
        ended: Ended {
            code: 69,
            name: "unavailable",
        },
        message: "the server is gone\n::set-output name=result::pass",
        hint: Some("look at it"),
        document: &json!({}),
    };
    let job = job();
    let call = Call {
        job: &job,
        reports: &[],
        slo: None,
        fold: Fold::Open,
        weight: Weight::Decides,
    };
    let said = speak_unjudged(&unjudged, &call);
    insta::assert_snapshot!(said.after.join("\n"), @r"::error title=Quality gate%3A no verdict::no verdict: the server is gone\u{a}::set-output name=result::pass (look at it)");
    insta::assert_snapshot!(said.additions[0].text, @"
    result=error
    score=
    exit-code=69
    exit-name=unavailable
    id=
    failed-slis=[]
    ");
}

#[test]
fn more_than_ten_annotations_of_a_kind_would_vanish() {
    let mut record = record(all(700.0, 3.0), &[]);
    let objectives = record.evaluation.objectives.as_mut().unwrap();
    let failed = objectives[1].clone();
    objectives.extend(vec![failed; 20]);
    let said = said(&record, &job(), 1);
    let errors = said.after.iter().filter(|line| line.starts_with("::error"));
    assert_eq!(errors.count(), 10);
    let whole = said
        .after
        .iter()
        .find(|line| line.contains("more are in the report"));
    assert!(
        whole.unwrap().contains("12 more are in the report"),
        "{whole:?}"
    );
}

#[test]
fn outputs_of_a_milder_evaluation_do_not_hide_those_of_a_worse_one() {
    let record = record(all(500.0, 0.5), &[]);
    let job = job();
    let call = Call {
        job: &job,
        reports: &[],
        slo: None,
        fold: Fold::Open,
        weight: Weight::Follows,
    };
    let said = speak(&Account::of(&record), &call);
    let outputs = said
        .additions
        .iter()
        .filter(|a| a.variable == "GITHUB_OUTPUT");
    assert_eq!(outputs.count(), 0);
}

proptest! {
    #[test]
    fn a_command_says_to_the_runner_what_it_was_given(title in runners::hostile(), text in runners::hostile()) {
        let line = annotation(Level::Error, Some(("a,b:c.yaml", 7)), &title, &text);
        let Command { name, properties, data } = runners::github(&line).unwrap();
        prop_assert_eq!(name, "error");
        prop_assert_eq!(data, plain(&text));
        let [file, line, found] = &properties[..] else { panic!("{properties:?}") };
        prop_assert_eq!(file, &("file".to_owned(), "a,b:c.yaml".to_owned()));
        prop_assert_eq!(line, &("line".to_owned(), "7".to_owned()));
        let title = plain(&title);
        prop_assert_eq!(found.1.trim_end(), title.trim_end());
    }

    #[test]
    fn the_escapes_can_be_undone(text in ".*") {
        let line = format!("::error title={}::{}", property(&text), data(&text));
        let command = runners::github(&line).unwrap();
        prop_assert_eq!(&command.data, &text);
        let wanted = text.trim_end();
        let title = command.properties.first().map_or("", |(_, value)| value.trim_end());
        prop_assert_eq!(title, wanted);
    }

    #[test]
    fn no_text_adds_a_command_or_an_output(text in runners::hostile(), name in runners::hostile()) {
        let mut record = record(all(700.0, 3.0), &[]);
        for objective in record.evaluation.objectives.as_mut().unwrap() {
            objective.display_name.clone_from(&name);
            objective.pass_targets[..].iter_mut().for_each(|target| target.criteria.clone_from(&text));
        }
        record.evaluation.message.clone_from(&text);
        record.ids.finished.clone_from(&text);
        let said = said(&record, &job(), 1);
        let lines = [said.before, said.after].concat().join("\n");
        let commands: Vec<String> = runners::lines(&lines)
            .map(|line| runners::github(line).unwrap().name)
            .collect();
        prop_assert_eq!(commands, ["group", "endgroup", "error", "error", "warning"]);
        let outputs = &said.additions[0].text;
        let names: Vec<&str> = outputs.lines().map(|line| line.split_once('=').unwrap().0).collect();
        prop_assert_eq!(names, ["result", "score", "exit-code", "exit-name", "id", "failed-slis", "report-json"]);
    }
}
