//! Snapshots of what programs read. Read a difference like code.

use super::samples::{PLAIN, all, earlier, record};
use super::{Account, Detail, Format, write};

#[test]
#[expect(clippy::too_many_lines, reason = "the whole document is the point")]
fn our_own_document() {
    let record = record(all(640.0, 0.5), &[earlier(0, 520.0)]);
    insta::assert_snapshot!(write(Format::Json, &Account::of(&record), Detail::Brief, PLAIN), @r#"
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
        "end": "2024-02-01T10:05:00.000Z",
        "exact": null
      },
      "slo": "slo.yaml",
      "slo_content": "\ncomparison: {compare_with: several_results, number_of_comparison_results: 2, include_result_with_score: pass}\nobjectives:\n  - sli: response_time_p95\n    displayName: Response time p95\n    weight: 2\n    pass: [{criteria: [\"<=+10%\", \"<600\"]}]\n    warning: [{criteria: [\"<=800\"]}]\n  - sli: error_rate\n    key_sli: true\n    pass: [{criteria: [\"<1\"]}]\n  - sli: throughput\ntotal_score: {pass: \"90%\", warning: \"50%\"}\n",
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
        "left_out": [],
        "left_out_more": 0,
        "reference": {
          "kind": "newest"
        }
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
              "target_value": 572,
              "violated": true
            },
            {
              "criteria": "<600",
              "target": 600,
              "target_value": 600,
              "violated": true
            }
          ],
          "warning": [
            {
              "criteria": "<=800",
              "target": 800,
              "target_value": 800,
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
            "reduced": null,
            "unit": null,
            "attempts": 0,
            "elapsed_ms": null,
            "warnings": []
          },
          "fetched": {
            "value": 640,
            "compared_value": 520,
            "success": true
          },
          "has_warning": true
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
              "target_value": 1,
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
            "reduced": null,
            "unit": null,
            "attempts": 0,
            "elapsed_ms": null,
            "warnings": []
          },
          "fetched": {
            "value": 0.5,
            "compared_value": 0,
            "success": true
          },
          "has_warning": false
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
            "reduced": null,
            "unit": "req/s",
            "attempts": 0,
            "elapsed_ms": null,
            "warnings": []
          },
          "fetched": {
            "value": 87.123456789,
            "compared_value": 0,
            "success": true
          },
          "has_warning": true
        }
      ],
      "unused": [],
      "warnings": [],
      "producer": "tidegate 0.0.0",
      "conclusion": {
        "kind": "scored",
        "reason": null,
        "verdict": "warning",
        "scored": "warning",
        "judged": true
      },
      "triggered_id": "t-1",
      "context_id": "c-1",
      "readings": [
        {
          "outcome": "value",
          "provider": null,
          "query": null,
          "endpoint": null,
          "samples": null,
          "reduced": null,
          "unit": null,
          "attempts": 0,
          "elapsed_ms": null,
          "warnings": [],
          "sli": "response_time_p95",
          "value": 640,
          "failure": null,
          "reason": null,
          "reported": null
        },
        {
          "outcome": "value",
          "provider": null,
          "query": null,
          "endpoint": null,
          "samples": null,
          "reduced": null,
          "unit": null,
          "attempts": 0,
          "elapsed_ms": null,
          "warnings": [],
          "sli": "error_rate",
          "value": 0.5,
          "failure": null,
          "reason": null,
          "reported": null
        },
        {
          "outcome": "value",
          "provider": null,
          "query": null,
          "endpoint": null,
          "samples": null,
          "reduced": null,
          "unit": "req/s",
          "attempts": 0,
          "elapsed_ms": null,
          "warnings": [],
          "sli": "throughput",
          "value": 87.123456789,
          "failure": null,
          "reason": null,
          "reported": null
        }
      ]
    }
    "#);
}

#[test]
fn yaml_says_the_same_as_json() {
    let record = record(all(640.0, 0.5), &[earlier(0, 520.0)]);
    let yaml = write(Format::Yaml, &Account::of(&record), Detail::Brief, PLAIN);
    let json = write(Format::Json, &Account::of(&record), Detail::Brief, PLAIN);
    let from_yaml: serde_json::Value = serde_saphyr::from_str(&yaml).unwrap();
    let from_json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(from_yaml, from_json);
}

#[test]
#[expect(clippy::too_many_lines, reason = "the whole event is the point")]
fn keptns_event() {
    let record = record(all(640.0, 0.5), &[earlier(0, 520.0)]);
    let event = write(
        Format::KeptnEvent,
        &Account::of(&record),
        Detail::Brief,
        PLAIN,
    );
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
            "compared": [
              {
                "time": "2024-01-30T10:00:00Z",
                "result": "pass"
              }
            ]
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
              "maxPoints": 1
            },
            {
              "sli": "throughput",
              "maxPoints": 0,
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
          ]
        }
      },
      "contenttype": "application/json",
      "datacontenttype": "application/json",
      "shkeptnspecversion": "0.2.4"
    }
    "#);
}
