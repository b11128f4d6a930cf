//! What `tasks` says, and what it can't say.

use std::path::Path;

use super::parse_tasks;
use crate::config::{Reality, Surroundings, parse};
use crate::executor::{ApprovalUse, TaskSettings, TaskUse};
use crate::spec::{Source, Style, render};

const GOOD: &str = "
tasks:
  deployment:
    command: [./deploy.sh, --wait]
    env: { TOKEN: \"${TOKEN}\" }
    timeout: 10m
    working_directory: deploy
    stages:
      prod: { timeout: 20m, env: { REGION: eu } }
      test: { command: [./other.sh] }
      dev: gate
  evaluation: gate
  approval: { use: policy, warning: automatic, stages: { prod: prompt } }
  notify: { webhook: hooks.yaml }
  later: { stages: { prod: later } }
";

fn lookup(name: &str) -> Option<String> {
    (name == "TOKEN").then(|| "s3cret-token".to_owned())
}

fn surroundings() -> Surroundings<'static> {
    Surroundings {
        lookup: &lookup,
        folder: Path::new("/shop"),
        reality: Reality::Real,
    }
}

fn source(text: &str) -> Source {
    Source::new("tidegate.yaml", text)
}

#[test]
fn a_task_names_who_carries_it_out_and_a_stage_what_is_different() {
    let parsed = parse_tasks(&source(GOOD), &surroundings());
    assert_eq!(parsed.problems, []);
    let tasks = parsed.value.unwrap();
    let command = |stage: &str| match tasks["deployment"].of_stage(stage) {
        Some(TaskUse::Command(command)) => format!(
            "{:?} in {} for {:?} with {}",
            command.command,
            command.working_directory.display(),
            command.timeout,
            command
                .environment
                .keys()
                .cloned()
                .collect::<Vec<_>>()
                .join(" ")
        ),
        other => format!("{other:?}"),
    };
    let lines =
        ["staging", "prod", "test", "dev"].map(|stage| format!("{stage}: {}", command(stage)));
    insta::assert_snapshot!(lines.join("\n"), @r#"
    staging: ["./deploy.sh", "--wait"] in /shop/deploy for 600s with TOKEN
    prod: ["./deploy.sh", "--wait"] in /shop/deploy for 1200s with REGION TOKEN
    test: ["./other.sh"] in /shop/deploy for 600s with TOKEN
    dev: Some(Gate)
    "#);
    let rest: Vec<(&String, &TaskSettings)> = tasks
        .iter()
        .filter(|(name, _)| *name != "deployment")
        .collect();
    insta::assert_debug_snapshot!(rest, @r#"
    [
        (
            "approval",
            TaskSettings {
                usual: Some(
                    Approval(
                        Policy(
                            ApprovalPolicy {
                                pass: Automatic,
                                warning: Automatic,
                            },
                        ),
                    ),
                ),
                stages: {
                    "prod": Approval(
                        Prompt,
                    ),
                },
            },
        ),
        (
            "evaluation",
            TaskSettings {
                usual: Some(
                    Gate,
                ),
                stages: {},
            },
        ),
        (
            "later",
            TaskSettings {
                usual: None,
                stages: {
                    "prod": Approval(
                        Later,
                    ),
                },
            },
        ),
        (
            "notify",
            TaskSettings {
                usual: Some(
                    Webhook(
                        "/shop/hooks.yaml",
                    ),
                ),
                stages: {},
            },
        ),
    ]
    "#);
    assert!(!format!("{tasks:?}").contains("s3cret"));
    assert_eq!(
        tasks["approval"].of_stage("prod"),
        Some(&TaskUse::Approval(ApprovalUse::Prompt))
    );
}

#[test]
fn every_problem_comes_at_once_and_with_its_place() {
    let text = "
tasks:
  a.b: gate
  nobody: {}
  both: { command: [x], use: gate }
  word: gates
  bad: { command: [\"${TOKEN}\"], timeout: soon, tiemout: 1m }
  empty: { command: [] }
  unset: { command: [x], env: { A: \"${MISSING}\" } }
  policy: { use: policy, pass: maybe }
  stage: { command: [x], stages: { prod: { use: nothing } } }
";
    let parsed = parse_tasks(&source(text), &surroundings());
    let shown = render(&parsed.problems, Style::Plain);
    insta::assert_snapshot!(shown, @r#"
    tidegate.yaml:3:3: error: `a.b` can't be the name of a task
      |
    3 |   a.b: gate
      |   ^^^
      = hint: the name that the shipyard uses: no dots, no spaces

    tidegate.yaml:4:3: error: the task `nobody` does not say who carries it out
      |
    4 |   nobody: {}
      |   ^^^^^^
      = hint: such as `command: ["./deploy.sh"]`, or one of `use: gate`, `use: prompt`, `use: webhook`

    tidegate.yaml:5:3: error: the task `both` names more than one of `command`, `use`, and `webhook`
      |
    5 |   both: { command: [x], use: gate }
      |   ^^^^
      = hint: such as `command: ["./deploy.sh"]`, or one of `use: gate`, `use: prompt`, `use: webhook`

    tidegate.yaml:6:9: error: a task can't use `gates`
      |
    6 |   word: gates
      |         ^^^^^
      = hint: did you mean `gate`?

    tidegate.yaml:7:20: error: a variable in `command` would show its value in the list of processes
      |
    7 |   **** { command: [*${TOKEN}*]* timeout: ***** ******** ** }
      |                    ^^^^^^^^^^
      = hint: pass it on with `env_allow` or `env`, and read it in a script

    tidegate.yaml:7:42: error: `timeout` must be a duration above 0
      |
    7 |   **** { command: [*${TOKEN}*]* timeout: ***** ******** ** }
      |                                          ^^^^
      = hint: such as `timeout: 10s`

    tidegate.yaml:7:48: error: unknown key `tiemout` in the task `bad`
      |
    7 |   **** { command: [*${TOKEN}*]* timeout: ***** ******** ** }
      |                                                ^^^^^^^
      = hint: did you mean `timeout`?

    tidegate.yaml:8:21: error: `command` names no program
      |
    8 |   empty: { command: [] }
      |                     ^^
      = hint: such as `command: ["./deploy.sh"]`, or one of `use: gate`, `use: prompt`, `use: webhook`

    tidegate.yaml:9:36: error: the environment variable `MISSING` is not set
      |
    9 |   ****** { command: [*]* env: { ** *${MISSING}* } }
      |                                    ^^^^^^^^^^^^
      = hint: set MISSING, or give it a default: `${MISSING:-value}`

    tidegate.yaml:10:32: error: `pass` can't be `maybe`
       |
    10 |   policy: { use: policy, pass: maybe }
       |                                ^^^^^
       = hint: known are `automatic`, `manual`, and `decline`

    tidegate.yaml:11:49: error: a task can't use `nothing`
       |
    11 |   stage: { command: [x], stages: { prod: { use: nothing } } }
       |                                                 ^^^^^^^
       = hint: known are `gate`, `prompt`, `policy`, `later`, and `webhook`
    "#);
    let checked = parse(&source(text), &surroundings());
    let unset = "the environment variable `MISSING` is not set";
    assert!(parsed.problems.iter().any(|one| one.message == unset));
    let said: Vec<&str> = checked
        .problems
        .iter()
        .map(|one| one.message.as_str())
        .collect();
    assert_eq!(said.len(), parsed.problems.len() - 1, "{said:?}");
    assert!(!said.contains(&unset));
}

#[test]
fn other_commands_need_no_variable_of_a_task() {
    let text = "tasks: { deployment: { command: [x], env: { A: \"${MISSING}\" } } }\n";
    let parsed = parse(&source(text), &surroundings());
    assert!(parsed.value.is_some());
    assert_eq!(parsed.problems, []);
}

#[test]
fn a_file_without_tasks_has_none() {
    for text in [
        "",
        "# nothing\n",
        "project: shop\n",
        "tasks:\n",
        "tasks: {}\n",
    ] {
        let parsed = parse_tasks(&source(text), &surroundings());
        assert_eq!(
            parsed.value,
            Some(std::collections::BTreeMap::new()),
            "{text}"
        );
    }
}
