//! Snapshots of everything that is printed of an evaluation. Read a difference like code.

use std::collections::BTreeMap;

use super::{Charset, Colour, Detail, Format, TextStyle, write};
use crate::gate::event::CloudEvent;
use crate::gate::{
    Baseline, IndicatorName, Outcome, Policies, Reading, Readings, Record, RecordIds, Series,
    ServiceName, Slo, SloFile, StageName, TimeWindow, evaluate,
};
use crate::gate::{ProjectName, Retrieval};
use crate::spec::{Source, parse_slo};

/// An SLO with every kind of objective.
const SLO: &str = r#"
comparison: {compare_with: several_results, number_of_comparison_results: 2, include_result_with_score: pass}
objectives:
  - sli: response_time_p95
    displayName: Response time p95
    weight: 2
    pass: [{criteria: ["<=+10%", "<600"]}]
    warning: [{criteria: ["<=800"]}]
  - sli: error_rate
    key_sli: true
    pass: [{criteria: ["<1"]}]
  - sli: throughput
total_score: {pass: "90%", warning: "50%"}
"#;

/// How text is drawn here: wide, without colour.
const PLAIN: TextStyle = TextStyle {
    colour: Colour::Off,
    charset: Charset::Unicode,
    width: 100,
};

/// Returns an earlier evaluation, as stored.
fn earlier(number: u32, value: f64) -> CloudEvent {
    serde_json::from_value(serde_json::json!({
        "id": format!("earlier-{number}"), "type": "sh.keptn.event.evaluation.finished",
        "time": format!("2024-01-3{number}T10:00:00Z"),
        "data": {"status": "succeeded", "result": "pass", "evaluation": {"indicatorResults": [
            {"value": {"metric": "response_time_p95", "value": value, "success": true}},
        ]}},
    }))
    .unwrap()
}

/// Returns the record of an evaluation of these readings.
fn record(readings: Readings, history: &[CloudEvent]) -> Record {
    let slo: Slo = parse_slo(&Source::new("slo.yaml", SLO)).value.unwrap();
    let baseline = Baseline::from_events(&slo.comparison, history);
    let evaluation = evaluate(&slo, &readings, &baseline);
    Record {
        ids: RecordIds {
            finished: "f-1".to_owned(),
            triggered: "t-1".to_owned(),
            context: "c-1".to_owned(),
        },
        time: "2024-02-01T10:05:01.5Z".parse().unwrap(),
        producer: "tidegate 0.0.0".to_owned(),
        series: Series {
            project: ProjectName::new("sockshop").unwrap(),
            stage: StageName::new("staging").unwrap(),
            service: ServiceName::new("carts").unwrap(),
        },
        deployment: None,
        labels: BTreeMap::from([("build".to_owned(), "17".to_owned())]),
        window: TimeWindow::new(
            "2024-02-01T10:00:00Z".parse().unwrap(),
            "2024-02-01T10:05:00Z".parse().unwrap(),
        )
        .unwrap(),
        slo_file: SloFile {
            path: "slo.yaml".to_owned(),
            content: SLO.to_owned(),
        },
        evaluation,
        readings: readings.readings,
        warnings: Vec::new(),
    }
}

/// Returns a reading with a value.
fn value(name: &str, value: f64) -> Reading {
    Reading {
        unit: (name == "throughput").then(|| "req/s".to_owned()),
        ..Reading::of(IndicatorName::new(name).unwrap(), value)
    }
}

/// Returns readings of all three indicators.
fn all(response_time: f64, error_rate: f64) -> Readings {
    Readings::new(vec![
        value("response_time_p95", response_time),
        value("error_rate", error_rate),
        value("throughput", 87.123_456_789),
    ])
}

/// Writes the table.
fn table(record: &Record, detail: Detail, style: TextStyle) -> String {
    write(Format::Table, record, detail, style)
}

#[test]
fn a_pass_without_history() {
    insta::assert_snapshot!(table(&record(all(540.25, 0.0), &[]), Detail::Brief, PLAIN), @"
    sockshop/staging/carts  2024-02-01 10:00:00Z to 2024-02-01 10:05:00Z
    labels: build=17

              SLI                         Value   Baseline   Change   Passes if      Points
    ────────────────────────────────────────────────────────────────────────────────────────
     ✓ pass   Response time p95          540.25                       <=+10%, <600      2/2
     ✓ pass   error_rate (key)                0                       <1                1/1
     i info   throughput          87.1235 req/s

    Compared with no earlier evaluation; relative criteria are met.

    ✓ PASS  score 100 of 100 (90 to pass, 50 for a warning)
    ");
}

#[test]
fn a_warning_against_two_evaluations_explained() {
    let history = [earlier(1, 500.0), earlier(0, 520.0)];
    let record = record(all(640.0, 0.5), &history);
    insta::assert_snapshot!(table(&record, Detail::Explained, PLAIN), @"
    sockshop/staging/carts  2024-02-01 10:00:00Z to 2024-02-01 10:05:00Z
    labels: build=17

                 SLI                         Value   Baseline    Change   Passes if            Points
    ──────────────────────────────────────────────────────────────────────────────────────────────────
     ! warning   Response time p95             640        510   +25.5 %   <=+10% (561), <600      1/2
     ✓ pass      error_rate (key)              0.5                        <1                      1/1
     i info      throughput          87.1235 req/s

    ! warning Response time p95 is 640 and misses <=+10% (which is <= 561 here, with a baseline of 510) and <600; its warning criteria are met

    Compared with the avg of 2 earlier evaluations:
      earlier-1 of 2024-01-31 10:00:00Z
      earlier-0 of 2024-01-30 10:00:00Z

    How the score came about:
      Response time p95: is 640 and misses <=+10% (which is <= 561 here, with a baseline of 510) and <600; its warning criteria are met, 1 of 2 points, half of its weight.
      error_rate: all pass criteria are met, 1 of 1 points.
      throughput: informational, 0 of 0 points.
      2 of 3 points: 100 x 2 / 3 = 66.66.
      No key SLI failed.
      66.66 is below the 90 needed to pass.
      It reaches the 50 needed for a warning.

    ! WARNING  score 66.66 of 100 (90 to pass, 50 for a warning)
    Evaluation returned a warning: the calculated score of 66.66666666666666 is close to the warning target value of 50
    ");
}

#[test]
fn a_fail_of_a_key_objective_on_a_narrow_terminal_without_unicode() {
    let style = TextStyle {
        charset: Charset::Ascii,
        width: 60,
        ..PLAIN
    };
    let record = record(all(540.0, 3.0), &[earlier(0, 540.1)]);
    insta::assert_snapshot!(table(&record, Detail::Brief, style), @"
    sockshop/staging/carts  2024-02-01 10:00:00Z to 2024-02-01 10:05:00Z
    labels: build=17

            SLI                    Value   Passes if     Points
    ------------------------------------------------------------
     pass   Response                 540   <=+10%           2/2
            time p95                       (594.11),
                                           <600
     fail   error_rate                 3   <1               0/1
            (key)
     info   throughput     87.1235 req/s

    fail error_rate is 3 and misses <1

    Compared with 1 earlier evaluation: earlier-0 of 2024-01-30 10:00:00Z

    FAIL  score 66.66 of 100 (90 to pass, 50 for a warning)
    Evaluation failed due to key_sli objective 'error_rate': 3 violates <1
    ");
}

#[test]
fn missing_values_and_what_policies_made_of_them() {
    let name = |name: &str| IndicatorName::new(name).unwrap();
    let no_data = Reading::new(
        name("response_time_p95"),
        Outcome::NoData("the query found nothing".to_owned()),
    );
    let mut readings = Readings::new(vec![no_data, value("error_rate", 0.0)]);
    let policies = Policies {
        on_no_data: "ignore".parse().unwrap(),
        ..Policies::default()
    };
    readings
        .policies
        .insert(name("response_time_p95"), policies);
    insta::assert_snapshot!(table(&record(readings.clone(), &[]), Detail::Brief, PLAIN), @"
    sockshop/staging/carts  2024-02-01 10:00:00Z to 2024-02-01 10:05:00Z
    labels: build=17

              SLI                    Value   Baseline   Change   Passes if      Points
    ───────────────────────────────────────────────────────────────────────────────────
     i info   Response time p95   no value                       <=+10%, <600
     ✓ pass   error_rate (key)           0                       <1                1/1
     i info   throughput          no value

    Compared with no earlier evaluation; relative criteria are met.

    Policy: Response time p95 is left out of the score (on_no_data: ignore), because the query found nothing.

    ✓ PASS  score 100 of 100 (90 to pass, 50 for a warning), by policy: not every objective had a value
    Without a value, decided by policy: 'Response time p95' (on_no_data: ignore)
    ");
    let policies = Policies {
        on_no_data: "inconclusive".parse().unwrap(),
        ..Policies::default()
    };
    readings
        .policies
        .insert(name("response_time_p95"), policies);
    insta::assert_snapshot!(table(&record(readings, &[]), Detail::Brief, PLAIN), @"
    sockshop/staging/carts  2024-02-01 10:00:00Z to 2024-02-01 10:05:00Z
    labels: build=17

              SLI                    Value   Baseline   Change   Passes if      Points
    ───────────────────────────────────────────────────────────────────────────────────
     ✗ fail   Response time p95   no value                       <=+10%, <600      0/2
     ✓ pass   error_rate (key)           0                       <1                1/1
     i info   throughput          no value

    ✗ fail Response time p95 has no value: the query found nothing

    Compared with no earlier evaluation; relative criteria are met.

    Policy: Response time p95 allows no verdict (on_no_data: inconclusive), because the query found nothing.

    ? INCONCLUSIVE  no verdict
    Evaluation is inconclusive: 'Response time p95' has no value: the query found nothing. Without a value, decided by policy: 'Response time p95' (on_no_data: inconclusive)
    ");
}

#[test]
fn values_that_were_handed_over_as_failed() {
    let readings = Readings {
        retrieval: Retrieval::Errored("no credentials".to_owned()),
        ..all(1.0, 0.0)
    };
    insta::assert_snapshot!(table(&record(readings, &[]), Detail::Brief, PLAIN), @"
    sockshop/staging/carts  2024-02-01 10:00:00Z to 2024-02-01 10:05:00Z
    labels: build=17

    ✗ FAIL  score 0 of 100 (90 to pass, 50 for a warning)
    Nothing was evaluated: fetching the SLIs ended in an error: no credentials
    ");
}

#[test]
fn colours_add_nothing_but_colours() {
    let record = record(all(640.0, 0.5), &[]);
    let coloured = table(
        &record,
        Detail::Brief,
        TextStyle {
            colour: Colour::On,
            ..PLAIN
        },
    );
    let stripped = anstream::adapter::strip_str(&coloured).to_string();
    assert_ne!(coloured, stripped);
    assert_eq!(stripped, table(&record, Detail::Brief, PLAIN));
}

#[test]
fn nothing_from_outside_can_steer_the_terminal() {
    let mut record = record(all(640.0, 0.5), &[]);
    record
        .labels
        .insert("evil".to_owned(), "\u{1b}[2J\u{202e}".to_owned());
    record.evaluation.message = "a\rb\u{1b}]0;x\u{7}".to_owned();
    let text = table(&record, Detail::Explained, PLAIN);
    assert!(!text.contains(['\u{1b}', '\r', '\u{7}', '\u{202e}']));
}

#[test]
#[expect(clippy::too_many_lines, reason = "the whole document is the point")]
fn our_own_document() {
    let record = record(all(640.0, 0.5), &[earlier(0, 520.0)]);
    insta::assert_snapshot!(write(Format::Json, &record, Detail::Brief, PLAIN), @r#"
    {
      "version": 1,
      "result": "warning",
      "score": 66.66666666666666,
      "points": 2,
      "max_points": 3,
      "total_score": {
        "pass": 90,
        "warning": 50
      },
      "message": "Evaluation returned a warning: the calculated score of 66.66666666666666 is close to the warning target value of 50",
      "id": "f-1",
      "time": "2024-02-01T10:05:01.5Z",
      "project": "sockshop",
      "stage": "staging",
      "service": "carts",
      "deployment": null,
      "labels": {
        "build": "17"
      },
      "window": {
        "start": "2024-02-01T10:00:00.000Z",
        "end": "2024-02-01T10:05:00.000Z"
      },
      "slo": "slo.yaml",
      "comparison": {
        "results": 2,
        "include": "pass",
        "aggregate": "avg",
        "compared": [
          {
            "id": "earlier-0",
            "time": "2024-01-30T10:00:00Z",
            "result": "pass"
          }
        ],
        "left_out": []
      },
      "objectives": [
        {
          "sli": "response_time_p95",
          "display_name": "Response time p95",
          "status": "warning",
          "points": 1,
          "max_points": 2,
          "key_sli": false,
          "value": 640,
          "unit": null,
          "baseline": 520,
          "message": null,
          "pass": [
            {
              "criteria": "<=+10%",
              "target": 572,
              "violated": true
            },
            {
              "criteria": "<600",
              "target": 600,
              "violated": true
            }
          ],
          "warning": [
            {
              "criteria": "<=800",
              "target": 800,
              "violated": false
            }
          ],
          "policy": null,
          "reading": {
            "outcome": "value",
            "provider": null,
            "query": null,
            "endpoint": null,
            "samples": null,
            "attempts": 0,
            "elapsed_ms": null,
            "warnings": []
          }
        },
        {
          "sli": "error_rate",
          "display_name": "",
          "status": "pass",
          "points": 1,
          "max_points": 1,
          "key_sli": true,
          "value": 0.5,
          "unit": null,
          "baseline": null,
          "message": null,
          "pass": [
            {
              "criteria": "<1",
              "target": 1,
              "violated": false
            }
          ],
          "warning": [],
          "policy": null,
          "reading": {
            "outcome": "value",
            "provider": null,
            "query": null,
            "endpoint": null,
            "samples": null,
            "attempts": 0,
            "elapsed_ms": null,
            "warnings": []
          }
        },
        {
          "sli": "throughput",
          "display_name": "",
          "status": "info",
          "points": 0,
          "max_points": 0,
          "key_sli": false,
          "value": 87.123456789,
          "unit": "req/s",
          "baseline": null,
          "message": null,
          "pass": [],
          "warning": [],
          "policy": null,
          "reading": {
            "outcome": "value",
            "provider": null,
            "query": null,
            "endpoint": null,
            "samples": null,
            "attempts": 0,
            "elapsed_ms": null,
            "warnings": []
          }
        }
      ],
      "unused": [],
      "warnings": [],
      "producer": "tidegate 0.0.0"
    }
    "#);
}

#[test]
fn yaml_says_the_same_as_json() {
    let record = record(all(640.0, 0.5), &[earlier(0, 520.0)]);
    let yaml = write(Format::Yaml, &record, Detail::Brief, PLAIN);
    let json = write(Format::Json, &record, Detail::Brief, PLAIN);
    let from_yaml: serde_json::Value = serde_saphyr::from_str(&yaml).unwrap();
    let from_json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(from_yaml, from_json);
}

#[test]
#[expect(clippy::too_many_lines, reason = "the whole event is the point")]
fn keptns_event() {
    let record = record(all(640.0, 0.5), &[earlier(0, 520.0)]);
    let event = write(Format::KeptnEvent, &record, Detail::Brief, PLAIN);
    assert_eq!(event.lines().count(), 1);
    let event: serde_json::Value = serde_json::from_str(&event).unwrap();
    insta::assert_json_snapshot!(event, {".data.evaluation.sloFileContent" => "(base64)"}, @r#"
    {
      "id": "f-1",
      "source": "tidegate",
      "specversion": "1.0",
      "type": "sh.keptn.event.evaluation.finished",
      "time": "2024-02-01T10:05:01.5Z",
      "shkeptncontext": "c-1",
      "triggeredid": "t-1",
      "data": {
        "project": "sockshop",
        "stage": "staging",
        "service": "carts",
        "labels": {
          "build": "17"
        },
        "status": "succeeded",
        "result": "warning",
        "message": "Evaluation returned a warning: the calculated score of 66.66666666666666 is close to the warning target value of 50",
        "evaluation": {
          "timeStart": "2024-02-01T10:00:00.000Z",
          "timeEnd": "2024-02-01T10:05:00.000Z",
          "result": "warning",
          "score": 66.66666666666666,
          "sloFileContent": "(base64)",
          "indicatorResults": [
            {
              "score": 1,
              "value": {
                "metric": "response_time_p95",
                "value": 640,
                "comparedValue": 520,
                "success": true
              },
              "displayName": "Response time p95",
              "passTargets": [
                {
                  "criteria": "<=+10%",
                  "targetValue": 572,
                  "violated": true
                },
                {
                  "criteria": "<600",
                  "targetValue": 600,
                  "violated": true
                }
              ],
              "warningTargets": [
                {
                  "criteria": "<=800",
                  "targetValue": 800,
                  "violated": false
                }
              ],
              "keySli": false,
              "status": "warning"
            },
            {
              "score": 1,
              "value": {
                "metric": "error_rate",
                "value": 0.5,
                "comparedValue": 0,
                "success": true
              },
              "displayName": "",
              "passTargets": [
                {
                  "criteria": "<1",
                  "targetValue": 1,
                  "violated": false
                }
              ],
              "warningTargets": null,
              "keySli": true,
              "status": "pass"
            },
            {
              "score": 0,
              "value": {
                "metric": "throughput",
                "value": 87.123456789,
                "comparedValue": 0,
                "success": true
              },
              "displayName": "",
              "passTargets": [],
              "warningTargets": [],
              "keySli": false,
              "status": "info"
            }
          ],
          "comparedEvents": [
            "earlier-0"
          ]
        },
        "tidegate": {
          "version": 1,
          "producer": "tidegate 0.0.0",
          "conclusion": "scored",
          "points": 2,
          "maxPoints": 3,
          "totalScore": {
            "pass": 90,
            "warning": 50
          },
          "comparison": {
            "results": 2,
            "include": "pass",
            "aggregate": "avg",
            "leftOut": []
          },
          "slo": "slo.yaml",
          "objectives": [
            {
              "sli": "response_time_p95",
              "maxPoints": 2,
              "baseline": 520
            },
            {
              "sli": "error_rate",
              "maxPoints": 1,
              "baseline": null
            },
            {
              "sli": "throughput",
              "maxPoints": 0,
              "baseline": null,
              "unit": "req/s"
            }
          ],
          "readings": [
            {
              "sli": "response_time_p95",
              "outcome": "value",
              "attempts": 0
            },
            {
              "sli": "error_rate",
              "outcome": "value",
              "attempts": 0
            },
            {
              "sli": "throughput",
              "outcome": "value",
              "unit": "req/s",
              "attempts": 0
            }
          ],
          "unused": [],
          "warnings": []
        }
      },
      "contenttype": "application/json",
      "datacontenttype": "application/json",
      "shkeptnspecversion": "0.2.4"
    }
    "#);
}
