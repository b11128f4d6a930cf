use super::*;
use crate::spec::{Style, render};

/// Renders the problems of a text.
fn said(text: &str) -> String {
    render(
        &parse_slo(&Source::new("slo.yaml", text)).problems,
        Style::Plain,
    )
}

/// Reads an SLO whose only objective has these lines, and a total score.
fn objective(lines: &str) -> Parsed<Slo> {
    parse_slo(&Source::new("slo.yaml", with_objective(lines)))
}

/// Returns an SLO whose only objective has these lines.
fn with_objective(lines: &str) -> String {
    let lines = lines.replace('\n', "\n  ");
    format!("objectives:\n- sli: a\n  {lines}\ntotal_score: {{pass: 90%}}\n")
}

/// An SLO with most mistakes that people make.
const MISTAKES: &str = r#"spec_version: "1.0"
comparison:
  compare_with: several_result
  include_result_with_score: pass_or_warning
  number_of_comparison_results: 200
objectives:
- sli: response_time_p95
  display_name: Response time
  pass:
  - criteria:
    - "=<600"
    - "<600ms"
  warning:
  - criteria: []
- sli: response_time_p95
  weight: "2"
total_score:
  pass: 90 %
"#;

#[test]
fn every_problem_comes_at_once() {
    insta::assert_snapshot!(said(MISTAKES), @r#"
    slo.yaml:3:17: error: `compare_with` does not know `several_result`
      |
    3 |   compare_with: several_result
      |                 ^^^^^^^^^^^^^^
      = hint: did you mean `several_results`? Known are `single_result` and `several_results`

    slo.yaml:4:30: error: `include_result_with_score` does not know `pass_or_warning`
      |
    4 |   include_result_with_score: pass_or_warning
      |                              ^^^^^^^^^^^^^^^
      = hint: did you mean `pass_or_warn`? Known are `pass`, `pass_or_warn`, and `all`

    slo.yaml:5:33: error: `number_of_comparison_results` must be from 1 to 100, not 200
      |
    5 |   number_of_comparison_results: 200
      |                                 ^^^
      = hint: 0 means the default, 3

    slo.yaml:8:3: warning: unknown key `display_name` in the objective; it is ignored
      |
    8 |   display_name: Response time
      |   ^^^^^^^^^^^^
      = hint: did you mean `displayName`?

    slo.yaml:11:7: error: `=<600` is not a criterion
       |
    11 |     - "=<600"
       |       ^^^^^^^
       = hint: write `<=600`

    slo.yaml:12:7: error: `<600ms` is not a criterion
       |
    12 |     - "<600ms"
       |       ^^^^^^^^
       = hint: numbers carry no unit: write `<600`, in the unit in which the SLI is measured

    slo.yaml:14:15: error: a criteria set needs at least one criterion
       |
    14 |   - criteria: []
       |               ^^
       = hint: add one, or remove the set
       = note: in Keptn an empty set is met by any value

    slo.yaml:15:8: error: SLI `response_time_p95` is already used by the objective in line 7
       |
    15 | - sli: response_time_p95
       |        ^^^^^^^^^^^^^^^^^
       = hint: put all criteria of one SLI into one objective
       = note: in Keptn the second objective never gets a value, and fails

    slo.yaml:16:3: warning: `weight` has no effect: an objective without `pass` is informational: it is shown, and never counts
       |
    16 |   weight: "2"
       |   ^^^^^^
       = hint: add `pass` criteria

    slo.yaml:16:11: error: `weight` must be a whole number, not the quoted `2`
       |
    16 |   weight: "2"
       |           ^^^
       = hint: write it without quotes and tag: `weight: 2`

    slo.yaml:18:9: error: `total_score.pass`: `90 %` is not a percentage
       |
    18 |   pass: 90 %
       |         ^^^^
       = hint: write `pass: "90%"`
    "#);
}

#[test]
fn words_that_are_not_known_are_corrected() {
    insta::assert_snapshot!(said("comparison: {aggregate_function: p99}\ntotal_score: {pass: 1, warning: [75]}\n"), @r#"
    slo.yaml:1:34: error: `aggregate_function` does not know `p99`
      |
    1 | comparison: {aggregate_function: p99}
      |                                  ^^^
      = hint: did you mean `p90`? Known are `avg`, `p50`, `p90`, and `p95`

    slo.yaml:2:33: error: `total_score.warning` must be a text, not a list
      |
    2 | total_score: {pass: 1, warning: [75]}
      |                                 ^^^^
    "#);
    insta::assert_snapshot!(said(&with_objective("wieght: 2\npass: \"<5\"")), @r#"
    slo.yaml:3:3: warning: unknown key `wieght` in the objective; it is ignored
      |
    3 |   wieght: 2
      |   ^^^^^^
      = hint: did you mean `weight`?

    slo.yaml:4:9: error: `pass` must be a list of criteria sets, not a text
      |
    4 |   pass: "<5"
      |         ^^^^
      = hint: write a list of sets: `[{criteria: ["<600"]}]`
    "#);
}

#[test]
fn a_total_score_is_needed() {
    insta::assert_snapshot!(said("objectives:\n- sli: a\n"), @r#"
    slo.yaml:1:1: error: `total_score` is missing: nothing says how many points are enough
      |
    1 | objectives:
      | ^
      = hint: add `total_score: {pass: "90%", warning: "75%"}`
    "#);
    insta::assert_snapshot!(said("objectives: []\ntotal_score:\n  warning: 75%\n"), @r#"
    slo.yaml:2:1: error: `total_score` has no `pass`
      |
    2 | total_score:
      | ^^^^^^^^^^^
      = hint: add `pass: "90%"`
    "#);
    insta::assert_snapshot!(said("objectives: []\ntotal_score:\n  pass: >\n    90%\n"), @r#"
    slo.yaml:3:9: error: `total_score.pass`: `90%\n` is not a percentage
      |
    3 |   pass: >
      |         ^
      = hint: write it on one line, without a line break at its end: `pass: "90%"`
    "#);
}

#[test]
fn an_unquoted_greater_than_is_explained() {
    insta::assert_snapshot!(said(&with_objective("pass:\n- criteria:\n  - >5")), @r#"
    slo.yaml:5:7: error: `>5` without quotes begins a block of text, which is empty here
      |
    5 |     - >5
      |       ^^
      = hint: quote criteria that start with `>`: `">5"`
    "#);
}

#[test]
fn criteria_in_the_wrong_shape_are_explained() {
    insta::assert_snapshot!(said(&with_objective("pass:\n- criteria: \"<5\"")), @r#"
    slo.yaml:4:15: error: `criteria` must be a list, not a text
      |
    4 |   - criteria: "<5"
      |               ^^^^
      = hint: write `criteria: ["<5"]`
    "#);
    insta::assert_snapshot!(said(&with_objective("pass: [\"<5\"]\nwarning: {criteria: [\"<6\"]}")), @r#"
    slo.yaml:3:10: error: a criteria set in `pass` must be a mapping with `criteria`, not a text
      |
    3 |   pass: ["<5"]
      |          ^^^^
      = hint: write a list of sets: `[{criteria: ["<600"]}]`

    slo.yaml:4:12: error: `warning` must be a list of criteria sets, not a mapping
      |
    4 |   warning: {criteria: ["<6"]}
      |            ^^^^^^^^^^^^^^^^^^
      = hint: write a list of sets: `[{criteria: ["<600"]}]`
    "#);
}

#[test]
fn what_is_probably_not_meant_is_warned_of() {
    let text =
        with_objective("pass:\n- criteria: [\">=99.9%\"]\nfail:\n- criteria: [\"<99\"]\nweight: 0");
    assert!(
        parse_slo(&Source::new("slo.yaml", text.clone()))
            .value
            .is_some()
    );
    insta::assert_snapshot!(said(&text), @r#"
    slo.yaml:4:16: warning: `>=99.9%` is no absolute limit: it is 99.9 % above the earlier results
      |
    4 |   - criteria: [">=99.9%"]
      |                ^^^^^^^^^
      = hint: write `>=99.9` for an absolute limit, or `>=+99.9%` to say that this is meant

    slo.yaml:5:3: warning: `fail` is ignored, as in Keptn: what meets neither `pass` nor `warning` fails
      |
    5 |   fail:
      |   ^^^^
      = hint: remove it, and see that `pass` and `warning` say the rest

    slo.yaml:7:11: warning: `weight` 0 counts as 1, as in Keptn
      |
    7 |   weight: 0
      |           ^
      = hint: for an objective without points leave out `pass`: it is shown, and never counts
    "#);
    let text = with_objective("warning:\n- criteria: [\"<5\"]\nkey_sli: yes\nweight: 2.5");
    assert!(
        parse_slo(&Source::new("slo.yaml", text.clone()))
            .value
            .is_some()
    );
    insta::assert_snapshot!(said(&text), @r#"
    slo.yaml:3:3: warning: `warning` has no effect: an objective without `pass` is informational: it is shown, and never counts
      |
    3 |   warning:
      |   ^^^^^^^
      = hint: add `pass` criteria

    slo.yaml:5:3: warning: `key_sli` has no effect: an objective without `pass` is informational: it is shown, and never counts
      |
    5 |   key_sli: yes
      |   ^^^^^^^
      = hint: add `pass` criteria

    slo.yaml:6:3: warning: `weight` has no effect: an objective without `pass` is informational: it is shown, and never counts
      |
    6 |   weight: 2.5
      |   ^^^^^^
      = hint: add `pass` criteria

    slo.yaml:6:11: warning: `weight` is cut to 2: weights are whole numbers
      |
    6 |   weight: 2.5
      |           ^^^
      = hint: multiply all weights until they are whole
    "#);
}

#[test]
fn a_signed_percent_and_the_default_weight_need_no_warning() {
    let parsed = objective("weight: 1\npass:\n- criteria: [\"<=+10%\", \"<= - 5 %\", \"<600\"]");
    assert!(parsed.problems.is_empty(), "{:?}", parsed.problems);
}

#[test]
fn duplicate_keys_and_wrong_types_are_refused() {
    insta::assert_snapshot!(said(&with_objective("weight: \"2\"\nkey_sli: 'true'\nweight: 3")), @r#"
    slo.yaml:3:3: warning: `weight` has no effect: an objective without `pass` is informational: it is shown, and never counts
      |
    3 |   weight: "2"
      |   ^^^^^^
      = hint: add `pass` criteria

    slo.yaml:3:11: error: `weight` must be a whole number, not the quoted `2`
      |
    3 |   weight: "2"
      |           ^^^
      = hint: write it without quotes and tag: `weight: 2`

    slo.yaml:4:12: error: `key_sli` must be `true` or `false`, not the quoted `true`
      |
    4 |   key_sli: 'true'
      |            ^^^^^^
      = hint: write it without quotes and tag: `key_sli: true`

    slo.yaml:5:3: error: the key `weight` stands twice in the same mapping
      |
    5 |   weight: 3
      |   ^^^^^^
      = hint: remove one of them, or merge them into one
    "#);
}

#[test]
fn the_defaults_of_the_comparison_are_those_of_keptn() {
    let depth = |block: &str| {
        let text = format!("{block}\ntotal_score: {{pass: 1}}\n");
        let slo = parse_slo(&Source::new("slo.yaml", text)).value.unwrap();
        slo.comparison.depth.get()
    };
    assert_eq!(depth(""), 1);
    assert_eq!(depth("comparison:"), 1);
    assert_eq!(depth("comparison: {}"), 3);
    assert_eq!(depth("comparison: {compare_with: \"\"}"), 3);
    assert_eq!(
        depth("comparison: {compare_with: single_result, number_of_comparison_results: 5}"),
        1
    );
    assert_eq!(depth("comparison: {compare_with: several_results}"), 3);
    assert_eq!(
        depth("comparison: {compare_with: several_results, number_of_comparison_results: 0}"),
        3
    );
    assert_eq!(
        depth("comparison: {compare_with: several_results, number_of_comparison_results: 7}"),
        7
    );
    assert_eq!(depth("comparison: {number_of_comparison_results: 7}"), 3);
}

#[test]
fn a_number_of_results_that_is_ignored_is_warned_of() {
    insta::assert_snapshot!(said("comparison:\n  compare_with: single_result\n  number_of_comparison_results: 5\ntotal_score: {pass: 1}\n"), @r#"
    slo.yaml:3:33: warning: `number_of_comparison_results` is ignored: `compare_with: single_result` compares with one result
      |
    3 |   number_of_comparison_results: 5
      |                                 ^
      = hint: write `compare_with: several_results`, or remove the number
    "#);
}

#[test]
fn null_documents_empty_files_and_other_roots_are_refused() {
    insta::assert_snapshot!(said("---\n---\nobjectives: []\n"), @r#"
    slo.yaml:1:4: error: the document is null: there is no SLO in it
      |
    1 | ---
      |    ^
      = hint: only the first document of a file counts: remove a `---` too many
    "#);
    insta::assert_snapshot!(said("# nothing\n"), @r#"slo.yaml: error: the file is empty: there is no SLO in it"#);
    insta::assert_snapshot!(said("- sli: a\n"), @r#"
    slo.yaml:1:1: error: an SLO must be a mapping, not a list
      |
    1 | - sli: a
      | ^^^^^^^^
    "#);
}

#[test]
fn files_of_other_tools_are_named() {
    insta::assert_snapshot!(said("apiVersion: openslo/v1\nkind: SLO\nobjectives: 5\n"), @r#"
    slo.yaml:1:13: error: this is an OpenSLO file (apiVersion `openslo/v1`, kind `SLO`), not a Keptn SLO
      |
    1 | apiVersion: openslo/v1
      |             ^^^^^^^^^^
      = hint: tidegate judges one release by numbers, not by an error budget: write the objectives as in Keptn (`objectives`, `total_score`)
    "#);
    insta::assert_snapshot!(said("version: prometheus/v1\nservice: a\nslos: []\n"), @r#"
    slo.yaml:1:10: error: this is a Sloth file (version `prometheus/v1`), not a Keptn SLO
      |
    1 | version: prometheus/v1
      |          ^^^^^^^^^^^^^
      = hint: tidegate judges one release by numbers, not by an error budget: write the objectives as in Keptn (`objectives`, `total_score`)
    "#);
    insta::assert_snapshot!(said("spec_version: \"1.0\"\nindicators:\n  a: b\n"), @r#"
    slo.yaml:3:3: error: this is an SLI file, not a Keptn SLO
      |
    3 |   a: b
      |   ^^^^
      = hint: name the file with `objectives` as SLO, and this one as SLI file
    "#);
    for (text, name) in [
        (
            "apiVersion: sloth.slok.dev/v1\nkind: PrometheusServiceLevel\n",
            "Sloth",
        ),
        (
            "apiVersion: pyrra.dev/v1alpha1\nkind: ServiceLevelObjective\n",
            "Pyrra",
        ),
        ("- apiVersion: n9/v1alpha\n  kind: SLO\n", "Nobl9"),
        (
            "apiVersion: metrics.keptn.sh/v1beta1\nkind: AnalysisDefinition\n",
            "Lifecycle Toolkit",
        ),
        (
            "apiVersion: spec.keptn.sh/0.2.2\nkind: Shipyard\n",
            "shipyard",
        ),
        ("apiVersion: apps/v1\nkind: Deployment\n", "Kubernetes"),
        ("providers:\n  prometheus: {}\n", "tidegate configuration"),
    ] {
        let parsed = parse_slo(&Source::new("slo.yaml", text));
        assert_eq!(parsed.problems.len(), 1, "{text}");
        assert!(
            parsed.problems[0].message.contains(name),
            "{}",
            parsed.problems[0].message
        );
    }
}

#[test]
fn anchors_for_reuse_are_no_unknown_keys() {
    let text = "limits: &limits\n- criteria: [\"<5\"]\nx-note: 1\nobjectives:\n- {sli: a, pass: *limits}\n- {sli: b, pass: *limits}\ntotal_score: {pass: 90%}\n";
    let parsed = parse_slo(&Source::new("slo.yaml", text));
    assert!(parsed.problems.is_empty(), "{:?}", parsed.problems);
    assert_eq!(parsed.value.unwrap().objectives().len(), 2);
}

#[test]
fn a_problem_in_an_alias_is_told_once() {
    let text = "limits: &limits\n- criteria: [\"=<5\"]\nobjectives:\n- {sli: a, pass: *limits}\n- {sli: b, pass: *limits}\ntotal_score: {pass: 90%}\n";
    assert_eq!(parse_slo(&Source::new("slo.yaml", text)).problems.len(), 1);
}

#[test]
fn thousands_of_problems_are_cut_short() {
    let text = format!("objectives: [{}]", "{sli: 5, wieght: 1}, ".repeat(40_000));
    let parsed = parse_slo(&Source::new("slo.yaml", text));
    assert!(parsed.value.is_none());
    assert!(parsed.problems.len() < 110);
}

#[test]
fn an_objective_can_be_named_in_a_problem_later() {
    let source = Source::new(
        "slo.yaml",
        "objectives:\n- sli: a\ntotal_score: {pass: 1}\n",
    );
    let file = SloFile::parse(&source).value.unwrap();
    let name = IndicatorName::new("a").unwrap();
    let problem = file.problem(&name, ProblemKind::Malformed, "no query");
    assert_eq!(problem.place.unwrap().position.line, 2);
}
