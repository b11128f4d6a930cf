//! Starter files: complete, valid, and never over what exists.

use insta::assert_snapshot;

use crate::harness::{Answer, Gate};

/// Runs further commands in the folder of a first one.
fn then(gate: &Gate, command: &str) -> Answer {
    gate.run_in_shell(&format!("\"$1\" {command}"))
}

#[test]
fn init_writes_the_files_and_says_what_to_do_next() {
    let gate = Gate::new().args(["init", "carts", "--project", "shop", "--stage", "dev"]);
    let answer = gate.run().code(0).says_nothing();
    assert_snapshot!(answer.stderr(), @r"
    wrote  carts/slo.yaml
    wrote  carts/sli.yaml
    wrote  carts/tidegate.yaml
    wrote  carts/.tidegate/slo.schema.json
    wrote  carts/.tidegate/sli.schema.json
    wrote  carts/.tidegate/tidegate.schema.json
    wrote  carts/.tidegate/.gitignore

    next:
      adapt the queries in sli.yaml and the limits in slo.yaml
      tidegate evaluate carts --dry-run    show what would be asked
      PROMETHEUS_URL=http://HOST:9090 tidegate evaluate carts
    ");
    let text = gate.read("carts/tidegate.yaml");
    assert!(
        text.contains("project: \"shop\"\nstage: \"dev\"\nservice: \"carts\"\n"),
        "{text}"
    );
}

#[test]
fn init_asks_nothing_where_there_is_no_terminal() {
    let gate = Gate::new().stdin("values\n").args(["init"]);
    let answer = gate.run().code(0);
    assert!(!answer.stderr().contains('?'));
    assert!(gate.path("sli.yaml").exists());
}

#[test]
fn the_files_for_prometheus_pass_a_dry_run_without_a_word() {
    let gate = Gate::new().args(["init"]);
    gate.run().code(0);
    let answer = then(&gate, "evaluate --dry-run");
    assert_eq!(answer.stderr(), "");
    let answer = answer.code(0);
    assert!(
        answer.stdout().contains("response_time_p95 (prometheus)"),
        "{}",
        answer.stdout()
    );
}

#[test]
fn the_files_for_values_pass_and_say_nothing_odd() {
    let gate = Gate::new().args(["init", "--provider", "values"]);
    gate.run().code(0);
    let answer = then(
        &gate,
        "evaluate --slo slo.yaml --values values.json --explain",
    )
    .code(0);
    assert_eq!(
        answer.stderr(),
        "stored as [id] in sqlite:.tidegate/events.db\n"
    );
    assert!(
        answer.stdout().contains("✓ PASS  score 100 of 100"),
        "{}",
        answer.stdout()
    );
}

#[test]
fn init_never_touches_a_file_that_exists() {
    let gate = Gate::new()
        .file("slo.yaml", "mine")
        .file("tidegate.yaml", "")
        .args(["init"]);
    let answer = gate.run().code(0);
    assert_snapshot!(answer.stderr(), @r"
    kept   slo.yaml (it exists)
    wrote  sli.yaml
    kept   tidegate.yaml (it exists)
    wrote  .tidegate/slo.schema.json
    wrote  .tidegate/sli.schema.json
    wrote  .tidegate/tidegate.schema.json
    wrote  .tidegate/.gitignore

    next:
      adapt the queries in sli.yaml and the limits in slo.yaml
      tidegate evaluate --dry-run    show what would be asked
      PROMETHEUS_URL=http://HOST:9090 tidegate evaluate
    ");
    assert_eq!(gate.read("slo.yaml"), "mine");
    assert_eq!(gate.read("tidegate.yaml"), "");
    let files = |gate: &Gate| gate.read("sli.yaml") + &gate.read(".tidegate/slo.schema.json");
    let before = files(&gate);
    gate.run().code(0);
    assert_eq!(files(&gate), before);
}

#[test]
fn the_first_line_names_a_schema_that_exists() {
    let gate = Gate::new().args(["init"]);
    gate.run().code(0);
    for file in ["slo.yaml", "sli.yaml", "tidegate.yaml"] {
        let text = gate.read(file);
        let first = text.lines().next().unwrap();
        let schema = first
            .strip_prefix("# yaml-language-server: $schema=")
            .unwrap();
        let schema: serde_json::Value = serde_json::from_str(&gate.read(schema)).unwrap();
        assert!(!schema["type"].is_null(), "{file}");
    }
}

#[test]
fn names_with_odd_characters_are_written_so_that_they_are_read_back() {
    let name = "a\"b: ${X} #c 'd'";
    let gate = Gate::new().args([
        "init",
        "--project",
        name,
        "--stage",
        "no",
        "--service",
        "010",
    ]);
    gate.run().code(0);
    let answer = then(&gate, "evaluate --dry-run -o json").code(0).json();
    assert_eq!(answer["project"], name);
    assert_eq!(answer["stage"], "no");
    assert_eq!(answer["service"], "010");
}

#[test]
fn a_folder_that_can_not_be_written_ends_with_73() {
    let gate = Gate::new().file("plain", "").args(["init", "plain/carts"]);
    let answer = gate.run().code(73);
    assert_snapshot!(answer.stderr(), @"error: plain/carts/slo.yaml can't be written: Not a directory (os error 20)");
}

#[test]
fn what_init_writes_below_tidegate_stays_out_of_git() {
    let gate = Gate::new().args(["init"]);
    gate.run().code(0);
    assert_eq!(gate.read(".tidegate/.gitignore"), "*\n");
}
