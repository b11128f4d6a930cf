use super::parse_shipyard;
use crate::sequence::Shipyard;
use crate::spec::{Source, Style, render};

const HEAD: &str =
    "apiVersion: spec.keptn.sh/0.2.3\nkind: Shipyard\nmetadata: {name: ship}\nspec:\n";

fn read(text: &str) -> Shipyard {
    let parsed = parse_shipyard(&Source::new("shipyard.yaml", text));
    let said = render(&parsed.problems, Style::Plain);
    assert!(parsed.problems.is_empty(), "{said}");
    parsed.value.unwrap()
}

/// Reads the stages of a shipyard, and returns what is said of them, one line for each problem.
fn said(stages: &str) -> Vec<String> {
    let text = format!("{HEAD}  stages:\n{stages}");
    let parsed = parse_shipyard(&Source::new("shipyard.yaml", text));
    let lines = parsed.problems.iter().map(|problem| {
        let word = if problem.is_error() {
            "error"
        } else {
            "warning"
        };
        format!("{word}: {}", problem.message)
    });
    lines.collect()
}

#[test]
fn everything_that_a_shipyard_can_say_is_read() {
    let text = format!(
        "{HEAD}  stages:
  - name: dev
    sequences:
    - name: delivery
      timeout: 2h
      tasks:
      - name: deployment
        triggeredAfter: 1m30s
        timeout: 10m
        executors: 2
        properties: {{deploymentstrategy: direct, list: [1, true, null]}}
      - name: evaluation
    - name: rollback
      triggeredOn:
      - event: dev.delivery.finished
        selector: {{match: {{evaluation.result: fail, status: succeeded}}}}
      tasks: [{{name: rollback}}]
  - name: prod-eu1
    sequences:
    - name: delivery
      triggeredOn: [{{event: dev.delivery.finished}}]
      tasks: [{{name: approval, properties: {{pass: manual}}}}]
"
    );
    let shipyard = read(&text);
    assert_eq!(shipyard.name, "ship");
    let delivery = shipyard.stage("dev").unwrap().sequence("delivery").unwrap();
    assert_eq!(delivery.timeout_ms, Some(7_200_000));
    let task = &delivery.tasks[0];
    assert_eq!(
        (task.triggered_after_ms, task.timeout_ms, task.executors),
        (90_000, Some(600_000), Some(2))
    );
    let properties = serde_json::to_string(&task.properties).unwrap();
    assert_eq!(
        properties,
        r#"{"deploymentstrategy":"direct","list":[1,true,null]}"#
    );
    let rollback = shipyard.stage("dev").unwrap().sequence("rollback").unwrap();
    let selector = rollback.triggered_on[0].selector.as_ref().unwrap();
    let pair = |key: &str, word: &str| (key.to_owned(), word.to_owned());
    assert_eq!(
        selector.matches,
        [
            pair("evaluation.result", "fail"),
            pair("status", "succeeded")
        ]
    );
    assert_eq!(shipyard.parents("prod-eu1"), ["dev"]);
    assert!(shipyard.parents("dev").is_empty());
    let implicit = shipyard
        .stage("prod-eu1")
        .unwrap()
        .sequence("evaluation")
        .unwrap();
    assert_eq!(implicit.tasks[0].name, "evaluation");
}

#[test]
fn a_stage_without_sequences_has_the_evaluation() {
    let shipyard = read(&format!("{HEAD}  stages: [{{name: q}}]\n"));
    assert!(
        shipyard
            .stage("q")
            .unwrap()
            .sequence("evaluation")
            .is_some()
    );
    assert!(shipyard.stage("q").unwrap().sequence("delivery").is_none());
}

#[test]
fn every_problem_is_told_at_once_with_its_place() {
    let text = "apiVersion: spec.keptn.sh/0.1.4
kind: Remediation
spec:
  stages:
  - name: Dev
  - name: dev
    sequences:
    - name: a.b
    - name: a
      tasks: [{name: t, triggeredAfter: soon, timeout: 0s, executors: 0, properties: [1]}]
      triggeredOn:
      - event: dev.a.triggered
      - event: def.a.finished
      - event: dev.aa.finished
        selector: {match: {result: failed, evaluation: fail, status: fail}}
    - name: a
      task: []
  - name: dev
  - sequences: []
";
    let parsed = parse_shipyard(&Source::new("shipyard.yaml", text));
    assert!(parsed.value.is_none());
    insta::assert_snapshot!(render(&parsed.problems, Style::Plain));
}

#[test]
fn what_is_no_shipyard_is_refused() {
    for (text, message) in [
        ("", "the file is empty"),
        (
            "kind: Shipyard\nspec: {stages: [{name: a}]}",
            "no `apiVersion`",
        ),
        (
            "apiVersion: spec.keptn.sh/0.2\nspec: {stages: [{name: a}]}",
            "earlier form",
        ),
        (
            "apiVersion: v1\nspec: {stages: [{name: a}]}",
            "`v1` is no version of a shipyard",
        ),
        ("apiVersion: spec.keptn.sh/0.2.0", "no `spec`"),
        (
            "apiVersion: spec.keptn.sh/0.2.0\nspec: {stages: []}",
            "no stages",
        ),
        (
            "apiVersion: spec.keptn.sh/0.2.0\nspec: {stages: x}",
            "must be a list",
        ),
    ] {
        let parsed = parse_shipyard(&Source::new("shipyard.yaml", text));
        assert!(parsed.value.is_none(), "{text}");
        let said = render(&parsed.problems, Style::Plain);
        assert!(said.contains(message), "{said}");
    }
    for version in ["0.2.0", "0.2.4", "0.3.0", "1.0.0", "0.2.3-rc1"] {
        read(&format!(
            "apiVersion: spec.keptn.sh/{version}\nspec: {{stages: [{{name: a}}]}}"
        ));
    }
}

#[test]
fn a_loop_that_only_success_feeds_is_refused_and_one_that_a_fail_feeds_is_not() {
    let lap = |first: &str, second: &str| {
        format!(
            "  - name: a
    sequences:
    - {{name: s, tasks: [{{name: t}}], triggeredOn: [{{event: b.s.finished{first}}}]}}
  - name: b
    sequences:
    - {{name: s, tasks: [{{name: t}}], triggeredOn: [{{event: a.s.finished{second}}}]}}
"
        )
    };
    let on = |words: &str| format!(", selector: {{match: {{{words}}}}}");
    let endless = said(&lap("", &on("result: pass")));
    assert_eq!(endless.len(), 2, "{endless:?}");
    assert!(
        endless
            .iter()
            .all(|line| line.starts_with("error: this trigger is part of a loop"))
    );
    assert_eq!(said(&lap("", &on("result: fail"))), Vec::<String>::new());
    assert_eq!(said(&lap("", &on("result: warning"))), Vec::<String>::new());
    let itself = "  - name: a
    sequences:
    - {name: s, tasks: [{name: t}], triggeredOn: [{event: a.s.finished}]}
    - {name: after, tasks: [{name: t}], triggeredOn: [{event: a.s.finished}]}
";
    assert_eq!(
        said(itself).len(),
        1,
        "only the loop, and not what follows from it"
    );
    let remediation = "  - name: a
    sequences:
    - name: remediation
      tasks: [{name: get-action}, {name: action}, {name: evaluation}]
      triggeredOn: [{event: a.remediation.finished, selector: {match: {evaluation.result: fail}}}]
";
    assert_eq!(said(remediation), Vec::<String>::new());
}

#[test]
fn what_never_fires_is_told() {
    let stages = "  - name: a
    sequences:
    - {name: s, tasks: [{name: t}]}
    - name: r
      tasks: []
      triggeredOn:
      - {event: a.s.finished, selector: {match: {}}}
      - {event: a.s.finished, selector: {match: {u.result: pass}}}
      - {event: a.evaluation.finished, selector: {match: {evaluation.result: fail}}}
";
    insta::assert_snapshot!(said(stages).join("\n"), @"
    warning: the sequence `r` has no tasks; it fails when it is triggered
    warning: `match` has no entries, so this trigger never fires
    warning: the sequence `s` has no task `u`, so this trigger never fires
    ");
}
