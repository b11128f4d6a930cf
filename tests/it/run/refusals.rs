//! What is refused before anything begins.

use insta::assert_snapshot;

use super::{CONFIG, SHIPYARD, shop};
use crate::harness::Gate;

/// Runs, is refused, and leaves nothing behind.
#[track_caller]
fn refused(gate: &Gate, words: &[&str], code: i32) -> String {
    let argv = ["run"].iter().chain(words);
    let answer = gate.run_with(argv).code(code);
    assert!(!gate.exists("events.jsonl"), "{words:?}");
    let document = gate.run_with(["run"].iter().chain(words).chain(&["--output", "json"]));
    document.code(code).says_its_code("json");
    answer.stderr()
}

#[test]
fn what_is_not_there_is_66() {
    let gate = shop();
    let said = [
        refused(&gate, &["devlivery"], 66),
        refused(&gate, &["delivery", "--stage", "tset"], 66),
        refused(&gate, &["rollback", "--stage", "prod"], 66),
        refused(&gate, &["delivery", "--shipyard", "no.yaml"], 66),
        refused(&gate, &["delivery", "--data-file", "no.json"], 66),
        refused(&gate, &["--resume", "01a2"], 66),
    ];
    assert_snapshot!(said.concat(), @"
    error: the shipyard has no sequence `devlivery`
      hint: did you mean `delivery`?
    error: the shipyard has no stage `tset`
      hint: it has dev, prod
    error: the stage `prod` has no sequence `rollback`
      hint: it has delivery
    no.yaml: error: no such file
    no.json: error: no such file
    error: jsonl:events.jsonl has no run `01a2` of the project `shop`
      hint: tidegate run SEQUENCE begins one; --project and --event-log say where to look
    ");
    let bare = Gate::new();
    refused(&bare, &["delivery"], 66);
}

#[test]
fn a_task_that_nobody_carries_out_is_78_with_all_of_them() {
    let config = CONFIG.replace("  deployment: { command: [sh, deploy.sh] }\n", "");
    let config = config.replace("  undo: { command: [sh, undo.sh] }\n", "");
    let gate = shop().file("tidegate.yaml", config);
    assert_snapshot!(refused(&gate, &["delivery"], 78), @r#"
    error: nobody carries out these tasks of the shipyard: `deployment` (dev, prod), `undo` (dev)
      hint: say in tidegate.yaml who does, such as `tasks: { deployment: { command: ["./deployment.sh"] } }`
    "#);
    let gate = shop().file("tidegate.yaml", CONFIG.replace("undo: {", "undo: gate #"));
    assert_snapshot!(refused(&gate, &["delivery"], 78), @"
    error: the gate carries out the tasks `evaluation` and `get-sli`, not `undo`
      hint: name the task so in the shipyard, or give it another `use` in tidegate.yaml
    ");
}

#[test]
fn problems_of_files_come_all_at_once() {
    let broken = CONFIG.replace("approval: later", "approval: { use: latter, wat: 1 }");
    let gate = shop().file("tidegate.yaml", broken);
    assert_snapshot!(refused(&gate, &["delivery"], 78), @"
    tidegate.yaml:7:20: error: a task can't use `latter`
      |
    7 |   approval: { use: latter, wat: 1 }
      |                    ^^^^^^
      = hint: did you mean `later`?

    tidegate.yaml:7:28: error: unknown key `wat` in the task `approval`
      |
    7 |   approval: { use: latter, wat: 1 }
      |                            ^^^
      = hint: known are `command`, `use`, `webhook`, `pass`, `warning`, `env`, `env_allow`, `timeout`, `working_directory`, and `stages`
    ");
    let gate = shop().file(
        "shipyard.yaml",
        SHIPYARD.replace("name: deployment", "nam: x"),
    );
    let said = refused(&gate, &["delivery"], 65);
    assert!(said.contains("shipyard.yaml:9"), "{said}");
    let gate = shop().file("data.json", "[]");
    refused(&gate, &["delivery", "--data-file", "data.json"], 65);
}

#[test]
fn a_shipyard_that_goes_in_a_circle_is_told() {
    let circle = SHIPYARD.replace(
        "          tasks: [{ name: deployment }, { name: evaluation }]",
        "          triggeredOn: [{ event: prod.delivery.finished }]\n          tasks: [{ name: deployment }, { name: evaluation }]",
    );
    let gate = shop().file("shipyard.yaml", circle);
    let plan = gate.run_with(["run", "delivery", "--dry-run"]);
    let said = plan.stderr();
    assert!(
        said.contains("dev.delivery") && said.contains("shipyard.yaml"),
        "{said}"
    );
}

#[test]
fn what_is_typed_wrong_is_64() {
    let gate = shop();
    for words in [
        vec![],
        vec!["delivery", "--resume"],
        vec!["delivery", "--approve"],
        vec!["--resume", "--approve", "--decline"],
        vec!["delivery", "--values", "x"],
        vec!["delivery", "--label", "=x"],
        vec!["--resume", "x", "--image", "y"],
        vec!["delivery", "--event-log", "https://keptn.example/api"],
    ] {
        refused(&gate, &words, 64);
    }
}

#[test]
fn an_image_that_is_empty_is_a_variable_that_is_not_set() {
    let gate = shop();
    let said = refused(&gate, &["delivery", "--image", ""], 64);
    assert!(said.contains("the image is empty"), "{said}");
    let trigger = ["trigger", "delivery", "--project", "shop", "--image", " "];
    let said = gate.run_with(trigger).code(64).stderr();
    assert!(said.contains("the image is empty"), "{said}");
    let said = refused(&gate, &[], 64);
    assert!(said.contains("tidegate run --resume"), "{said}");
}

#[test]
fn what_is_not_stored_can_not_be_gone_on_with() {
    let gate = shop().file("garbage.db", "no database at all, ".repeat(500));
    for (log, code) in [("sqlite:/proc/x.db", 74), ("sqlite:garbage.db", 76)] {
        let said = gate
            .run_with(["run", "delivery", "--event-log", log])
            .code(code);
        assert!(!said.stderr().contains("--resume"), "{}", said.stderr());
    }
    let said = gate
        .run_with(["run", "delivery", "--event-log", "memory:"])
        .code(75);
    let said = said.stderr();
    assert!(
        !said.contains("--resume") && said.contains("keeps nothing"),
        "{said}"
    );
}

#[test]
fn hostile_text_is_only_text() {
    let gate = shop().file("deploy.sh", "printf '::error::x\\n\\033[2J##vso[task.complete]\\n'; echo '{\"value\": 900}' > value.json\n");
    let image = "x\u{1b}[2J; touch hacked; $(touch hacked)";
    let answer = gate.run_with(["run", "delivery", "--image", image]).code(1);
    for text in [answer.raw_stdout(), answer.raw_stderr()] {
        assert!(!text.contains('\u{1b}'), "{text}");
        let begins = |line: &str| line.starts_with("::") || line.starts_with("##");
        assert!(!text.lines().any(begins), "{text}");
    }
    assert!(!gate.exists("hacked"));
    let gate = shop();
    refused(&gate, &["delivery", "--service", "../../etc"], 64);
}
