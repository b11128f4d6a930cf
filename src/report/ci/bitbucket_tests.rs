//! What Bitbucket is sent.

use super::super::github::tests::said;
use super::*;
use crate::report::ci::{CiJob, CiSystem, job_of};
use crate::report::samples::{all, record};

/// A job of Bitbucket.
fn job(repository: &str, commit: &str) -> CiJob {
    job_of(CiSystem::Bitbucket, &|name| match name {
        "BITBUCKET_REPO_FULL_NAME" => Some(repository.to_owned()),
        "BITBUCKET_COMMIT" => Some(commit.to_owned()),
        "BITBUCKET_BUILD_NUMBER" => Some("17".to_owned()),
        _ => None,
    })
}

#[test]
#[expect(clippy::too_many_lines, reason = "the whole request is the point")]
fn a_failed_gate_is_a_report_with_annotations() {
    let record = record(all(700.0, 3.0), &[]);
    let said = said(&record, &job("acme/shop", "7fd1a60b"), 1);
    let shown: Vec<String> = said
        .requests
        .iter()
        .map(|request| {
            let Request { method, path, body } = request;
            let body = body
                .as_ref()
                .map_or_else(String::new, |body| format!("{body:#}"));
            format!("{method} {path}\n{body}")
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    DELETE /2.0/repositories/acme/shop/commit/7fd1a60b/reports/tidegate_sockshop_staging_carts_a58630e7ba8d55c9

    PUT /2.0/repositories/acme/shop/commit/7fd1a60b/reports/tidegate_sockshop_staging_carts_a58630e7ba8d55c9
    {
      "title": "Quality gate sockshop/staging/carts: fail, score 33.33",
      "details": "sockshop/staging/carts: fail, score 33.33 (1 of 3 objectives failed, 1 returned a warning)",
      "report_type": "TEST",
      "reporter": "tidegate",
      "result": "FAILED",
      "data": [
        {
          "title": "Score",
          "type": "TEXT",
          "value": "33.33"
        },
        {
          "title": "Response time p95",
          "type": "TEXT",
          "value": "700 (warning)"
        },
        {
          "title": "error_rate",
          "type": "TEXT",
          "value": "3 (fail)"
        },
        {
          "title": "throughput",
          "type": "TEXT",
          "value": "87.1235 req/s (info)"
        }
      ],
      "link": "https://bitbucket.org/acme/shop/pipelines/results/17"
    }
    POST /2.0/repositories/acme/shop/commit/7fd1a60b/reports/tidegate_sockshop_staging_carts_a58630e7ba8d55c9/annotations
    [
      {
        "external_id": "error_rate",
        "annotation_type": "BUG",
        "summary": "error_rate is 3 and misses <1",
        "severity": "CRITICAL",
        "result": "FAILED",
        "path": "carts/slo.yaml",
        "line": 11
      },
      {
        "external_id": "response_time_p95",
        "annotation_type": "BUG",
        "summary": "Response time p95 is 700 and misses <600; its warning criteria are met",
        "severity": "MEDIUM",
        "result": "FAILED",
        "path": "carts/slo.yaml",
        "line": 7
      }
    ]
    "#);
}

#[test]
fn a_warning_passes() {
    let record = record(all(700.0, 0.5), &[]);
    let said = said(&record, &job("acme/shop", "7fd1a60b"), 3);
    let body = said.requests[1].body.as_ref().unwrap();
    assert_eq!(body["result"], "PASSED");
    assert!(body["title"].as_str().unwrap().contains("warning"));
}

#[test]
fn nothing_is_sent_to_where_the_environment_should_not_lead() {
    let record = record(all(700.0, 3.0), &[]);
    for (repository, commit) in [
        ("acme/shop/../../x", "7fd1a60b"),
        ("acme", "7fd1a60b"),
        ("acme/shop?a", "7fd1a60b"),
        ("acme/shop", "../x"),
        ("../..", "7fd1a60b"),
        ("", ""),
    ] {
        let said = said(&record, &job(repository, commit), 1);
        assert_eq!(said.requests, [], "{repository} {commit}");
    }
}
