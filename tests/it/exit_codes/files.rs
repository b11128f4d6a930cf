//! 65 and 66: files that are malformed or missing. Every problem has its place.

use insta::assert_snapshot;

use crate::harness::{Answer, Gate, SLO};

/// Evaluates an SLO that is not as it should be.
#[track_caller]
fn slo(text: &str) -> Answer {
    Gate::of_value(500.0).file("slo.yaml", text).refused(65)
}

/// Evaluates with an SLI file that is not as it should be.
#[track_caller]
fn sli(text: &str) -> Answer {
    let gate = Gate::new().file("slo.yaml", SLO).file("sli.yaml", text);
    gate.env("PROMETHEUS_URL", "http://127.0.0.1:1")
        .args(["evaluate", "--event-log", "memory:"])
        .refused(65)
}

#[test]
fn an_slo_that_is_missing_ends_with_66() {
    let empty = Gate::new().args(["evaluate"]);
    assert_snapshot!(empty.refused(66).stderr(), @r"
    slo.yaml: error: no such file
      = hint: `tidegate init` writes one to begin with; `--slo FILE` names one that lies elsewhere
    ");
    let file = Gate::new().args(["evaluate", "--slo", "nowhere.yaml"]);
    assert_snapshot!(file.refused(66).stderr(), @"
    nowhere.yaml: error: no such file
      = hint: check the path: it names a file with objectives, or a folder that holds slo.yaml
    ");
    let folder = Gate::new().args(["evaluate", "nowhere"]);
    assert_snapshot!(folder.refused(66).stderr(), @"
    nowhere: error: no such file
      = hint: check the path: it names a file with objectives, or a folder that holds slo.yaml
    ");
    let bare = Gate::new()
        .file("carts/README", "")
        .args(["evaluate", "carts"]);
    assert_snapshot!(bare.refused(66).stderr(), @r"
    carts/slo.yaml: error: no such file
      = hint: `tidegate init` writes one to begin with; `--slo FILE` names one that lies elsewhere
    ");
}

#[test]
fn other_files_that_are_named_and_missing_end_with_66() {
    let values = Gate::new().file("slo.yaml", SLO);
    let values = values.args(["evaluate", "--values", "nowhere.json"]);
    assert_snapshot!(values.refused(66).stderr(), @"nowhere.json: error: no such file");
    let sli = Gate::of_server("http://127.0.0.1:1").args(["--sli", "nowhere.yaml"]);
    assert_snapshot!(sli.refused(66).stderr(), @"nowhere.yaml: error: no such file");
    let config = Gate::of_value(500.0).args(["--config", "nowhere.yaml"]);
    assert_snapshot!(config.refused(66).stderr(), @r"
    nowhere.yaml: error: no such file
      = hint: --config names it
    ");
    let in_environment = Gate::of_value(500.0).env("TIDEGATE_CONFIG", "nowhere.yaml");
    in_environment.refused(66);
}

#[test]
fn a_missing_file_weighs_more_than_a_malformed_one() {
    let gate = Gate::new().file("slo.yaml", "objectives: [");
    let answer = gate
        .args(["evaluate", "--values", "nowhere.json"])
        .refused(66);
    assert!(answer.stderr().contains("slo.yaml:1"));
    assert!(answer.stderr().contains("nowhere.json"));
}

#[test]
fn yaml_that_is_broken_ends_with_65() {
    assert_snapshot!(slo("objectives:\n  - sli: a\n    - pass\n").stderr(), @r"
    slo.yaml:3:7: error: not valid YAML: this does not belong to the block that it stands in
      |
    3 |     - pass
      |       ^
      = hint: check the indentation: keys of one mapping, and the dashes of one list, start in the same column
    ");
    assert_snapshot!(slo("").stderr(), @"slo.yaml: error: the file is empty: there is no SLO in it");
    assert_snapshot!(slo("objectives: []\n\tx: 1\n").stderr(), @r"
    slo.yaml:2:1: error: not valid YAML: a tab can't be used to indent
      |
    2 |     x: 1
      | ^
      = hint: replace the tab by spaces
    ");
    assert_snapshot!(sli("indicators: {response_time: 'up\n").stderr(), @r"
    sli.yaml:1:29: error: not valid YAML: a quote is not closed
      |
    1 | indicators: {response_time: 'up
      |                             ^
      = hint: close the text with the quote that opened it
    ");
}

#[test]
fn an_invalid_criterion_ends_with_65() {
    let text = SLO.replace("<600", "<600ms").replace("<800", "=>+10%");
    assert_snapshot!(slo(&text).stderr(), @r#"
    slo.yaml:5:20: error: `<[ms]` is not a criterion
      |
    5 |       - criteria: ["<[ms]"]
      |                    ^^^^^^^^
      = hint: numbers carry no unit: write `<600`, in the unit in which the SLI is measured

    slo.yaml:7:20: error: `=>+10%` is not a criterion
      |
    7 |       - criteria: ["=>+10%"]
      |                    ^^^^^^^^
      = hint: write `>=+10%`
    "#);
}

#[test]
fn an_unknown_aggregate_ends_with_65() {
    let text = format!("{SLO}comparison: {{ aggregate_function: p99 }}\n");
    assert_snapshot!(slo(&text).stderr(), @r"
    slo.yaml:9:35: error: `aggregate_function` does not know `p99`
      |
    9 | comparison: { aggregate_function: p99 }
      |                                   ^^^
      = hint: did you mean `p90`? Known are `avg`, `p50`, `p90`, and `p95`
    ");
}

#[test]
fn an_sli_that_two_objectives_use_ends_with_65() {
    let text = SLO.replace("objectives:\n", "objectives:\n  - sli: response_time\n");
    assert_snapshot!(slo(&text).stderr(), @r"
    slo.yaml:4:10: error: SLI `response_time` is already used by the objective in line 3
      |
    4 |   - sli: response_time
      |          ^^^^^^^^^^^^^
      = hint: put all criteria of one SLI into one objective
      = note: in Keptn the second objective never gets a value, and fails
    ");
}

#[test]
fn an_sli_without_a_query_ends_with_65() {
    assert_snapshot!(sli("indicators: {response_tim: up}\n").stderr(), @r"
    slo.yaml:3:10: error: there is no query for SLI `response_time`
      |
    3 |   - sli: response_time
      |          ^^^^^^^^^^^^^
      = hint: did you mean `response_tim`?
    ");
}

#[test]
fn a_placeholder_that_stands_for_nothing_ends_with_65_and_names_line_and_column() {
    let text =
        "indicators:\n  response_time: |\n    sum(\n      up{job=\"$SERVIC\"}) / $LABEL.build\n";
    let answer = sli(text);
    assert_snapshot!(answer.stderr(), @r#"
    sli.yaml:4:15: error: `$SERVIC` stands for nothing in the query of SLI `response_time`
      |
    4 |       up{job="$SERVIC"}) / $LABEL.build
      |               ^^^^^^^
      = hint: did you mean `$SERVICE`? A literal $ is written $$

    sli.yaml:4:28: error: `$LABEL.build` stands for nothing in the query of SLI `response_time`
      |
    4 |       up{job="$SERVIC"}) / $LABEL.build
      |                            ^^^^^^^^^^^^
      = hint: pass --label build=VALUE
    "#);
}

#[test]
fn files_of_other_tools_are_refused_by_name_with_65() {
    let openslo = "apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: a}\nspec: {}\n";
    assert_snapshot!(slo(openslo).stderr(), @r"
    slo.yaml:1:13: error: this is an OpenSLO file (apiVersion `openslo/v1`, kind `SLO`), not a Keptn SLO
      |
    1 | apiVersion: openslo/v1
      |             ^^^^^^^^^^
      = hint: tidegate judges one release by numbers, not by an error budget: write the objectives as in Keptn (`objectives`, `total_score`)
    ");
    let sloth = "version: prometheus/v1\nservice: carts\nslos: []\n";
    assert_snapshot!(slo(sloth).stderr(), @r"
    slo.yaml:1:10: error: this is a Sloth file (version `prometheus/v1`), not a Keptn SLO
      |
    1 | version: prometheus/v1
      |          ^^^^^^^^^^^^^
      = hint: tidegate judges one release by numbers, not by an error budget: write the objectives as in Keptn (`objectives`, `total_score`)
    ");
}

#[test]
fn values_that_are_no_values_end_with_65() {
    let values = |text: &str| Gate::of_value(500.0).file("values.json", text).refused(65);
    assert_snapshot!(values("{").stderr(), @r#"
    values.json:1:1: error: not valid JSON: EOF while parsing an object
      |
    1 | {
      | ^
      = hint: values are JSON: an array as in Keptn's `indicatorValues`, a `get-sli.finished` event, or `{"name": 1.5}`
    "#);
    assert_snapshot!(values(r#"{"response_time": "fast"}"#).stderr(), @r#"
    values.json:1:19: error: `response_time` must be a number, not the text `fast`
      |
    1 | {"response_time": "fast"}
      |                   ^^^^^^
    "#);
    assert_snapshot!(values("[1, 2]").stderr(), @r"
    values.json:1:2: error: a value must be an object with `metric`, `value`, and `success`, not `1`
      |
    1 | [1, 2]
      |  ^

    values.json:1:5: error: a value must be an object with `metric`, `value`, and `success`, not `2`
      |
    1 | [1, 2]
      |     ^
    ");
}

#[test]
fn all_problems_of_all_files_come_at_once_and_machines_get_their_places() {
    let gate = Gate::of_value(500.0)
        .file(
            "slo.yaml",
            SLO.replace("<600", "600 ms").replace("90%", "many"),
        )
        .file("values.json", "{\n  \"response_time\": nothing\n}\n");
    let document = gate.run_with(["-o", "json"]).code(65).json();
    let problems = document["error"]["problems"].as_array().unwrap();
    let places = problems.iter().map(|problem| {
        let [path, line, column] = ["path", "line", "column"].map(|key| problem[key].to_string());
        format!("{path}:{line}:{column}\n")
    });
    assert_snapshot!(places.collect::<String>(), @r#"
    "slo.yaml":5:20
    "slo.yaml":8:22
    "values.json":2:21
    "#);
}

#[test]
fn a_folder_where_a_file_should_be_is_told_apart() {
    let gate = Gate::of_value(500.0).file("folder/x", "");
    let answer = gate.args(["--slo", "folder"]).run();
    assert_snapshot!(answer.stderr(), @r"
    folder/slo.yaml: error: no such file
      = hint: `tidegate init` writes one to begin with; `--slo FILE` names one that lies elsewhere
    ");
}

#[test]
fn text_that_is_not_utf_8_ends_with_65() {
    let gate = Gate::of_value(500.0).file("slo.yaml", b"objectives: [\xff\xfe]\n");
    assert_snapshot!(gate.refused(65).stderr(), @r"
    slo.yaml:1:14: error: the file is not UTF-8
      |
    1 | objectives: [
      |              ^
      = hint: save the file as UTF-8
    ");
}

#[test]
fn an_unknown_key_is_a_warning_and_no_error() {
    let gate =
        Gate::of_value(500.0).file("slo.yaml", SLO.replace("pass:\n", "pas: []\n    pass:\n"));
    let answer = gate.run().code(0);
    assert_snapshot!(answer.stderr(), @"
    slo.yaml:4:5: warning: unknown key `pas` in the objective; it is ignored
      |
    4 |     pas: []
      |     ^^^
      = hint: did you mean `pass`?
    ");
    let quiet = gate.run_with(["--quiet"]).code(0);
    assert_eq!(quiet.stderr(), "");
}
