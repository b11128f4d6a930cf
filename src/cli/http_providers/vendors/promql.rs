//! Backends that speak PromQL, or something like it.

use super::{Vendor, body, has_secret, json};
use crate::net::test_server::Received;

/// A vector of Prometheus with one number.
const VECTOR: &str = r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1704067800,"12.5"]}]}}"#;
/// A vector of Prometheus without any.
const NO_VECTOR: &str = r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#;
/// An error of Prometheus.
const PROM_ERROR: (u16, &str) = (
    400,
    r#"{"status":"error","errorType":"bad_data","error":"1:5: parse error"}"#,
);

/// Checks a query of PromQL that came in a form.
fn is_prometheus_form(request: &Received, path: &str) {
    assert_eq!((request.method.as_str(), &*request.path), ("POST", path));
    let query = r#"sum(rate(http_requests_total{job="carts"}[600s]))"#;
    assert_eq!(request.form("query").as_deref(), Some(query));
    assert_eq!(request.form("time").as_deref(), Some("1704067800"));
}

/// The vendors.
pub(super) static VENDORS: [Vendor; 8] = [
    Vendor {
        name: "loki",
        answer: |_| json(VECTOR),
        values: &[12.5],
        check: |all| {
            assert!(all[0].path.starts_with("/loki/api/v1/query?"));
            let query = r#"sum(count_over_time({app="carts"} |= "ERROR" [600s]))"#;
            assert_eq!(all[0].parameter("query").as_deref(), Some(query));
            let time = all[0].parameter("time");
            assert_eq!(time.as_deref(), Some("1704067800000000000"));
            assert_eq!(all[0].header("x-scope-orgid"), Some("shop"));
        },
        empty: NO_VECTOR,
        error: (400, "parse error at line 1, col 5: syntax error"),
        words: "parse error at line 1, col 5",
    },
    Vendor {
        name: "tempo",
        answer: |_| {
            json(
                r#"{"series":[{"labels":[],"value":0.25,"promLabels":"{}"}],"metrics":{"inspectedBytes":"9"},"status":"COMPLETE"}"#,
            )
        },
        values: &[250.0],
        check: |all| {
            assert!(all[0].path.starts_with("/api/metrics/query?"));
            assert_eq!(all[0].parameter("start").as_deref(), Some("1704067200"));
            let query = all[0].parameter("q").unwrap();
            assert!(
                query.contains(r#"resource.service.name = "carts""#),
                "{query}"
            );
            assert_eq!(all[0].header("x-scope-orgid"), None);
        },
        empty: r#"{"series":[],"metrics":{}}"#,
        error: (400, "invalid TraceQL query: parse error at line 1"),
        words: "invalid TraceQL query",
    },
    Vendor {
        name: "google-cloud-monitoring",
        answer: |_| json(VECTOR),
        values: &[12.5],
        check: |all| {
            assert_eq!(
                all[0].path,
                "/v1/projects/sockshop-prod/location/global/prometheus/api/v1/query"
            );
            has_secret(&all[0], "authorization", "Bearer ");
            assert_eq!(all[0].form("time").as_deref(), Some("2024-01-01T00:10:00Z"));
        },
        empty: NO_VECTOR,
        error: (
            400,
            r#"{"error":{"code":400,"message":"invalid argument: parse error","status":"INVALID_ARGUMENT"}}"#,
        ),
        words: "invalid argument: parse error",
    },
    Vendor {
        name: "victoriametrics",
        answer: |_| {
            json(
                r#"{"status":"success","isPartial":false,"data":{"resultType":"vector","result":[{"metric":{},"value":[1704067800,"12.5"]}]},"stats":{"seriesFetched":"1"}}"#,
            )
        },
        values: &[12.5],
        check: |all| is_prometheus_form(&all[0], "/api/v1/query"),
        empty: NO_VECTOR,
        error: (
            422,
            r#"{"status":"error","errorType":"422","error":"error when executing query"}"#,
        ),
        words: "error when executing query",
    },
    Vendor {
        name: "thanos",
        answer: |_| json(VECTOR),
        values: &[12.5],
        check: |all| {
            is_prometheus_form(&all[0], "/api/v1/query");
            assert_eq!(all[0].form("partial_response").as_deref(), Some("false"));
            assert_eq!(all[0].form("max_source_resolution").as_deref(), Some("0s"));
        },
        empty: NO_VECTOR,
        error: PROM_ERROR,
        words: "parse error",
    },
    Vendor {
        name: "mimir",
        answer: |_| json(VECTOR),
        values: &[12.5],
        check: |all| {
            is_prometheus_form(&all[0], "/prometheus/api/v1/query");
            assert_eq!(all[0].header("x-scope-orgid"), Some("shop"));
        },
        empty: NO_VECTOR,
        error: PROM_ERROR,
        words: "parse error",
    },
    Vendor {
        name: "grafana",
        answer: |_| json(VECTOR),
        values: &[12.5],
        check: |all| {
            assert!(
                all[0]
                    .path
                    .starts_with("/api/datasources/proxy/uid/PBFA97CFB590B2093/api/v1/query?")
            );
            has_secret(&all[0], "authorization", "Bearer ");
        },
        empty: NO_VECTOR,
        error: (
            404,
            r#"{"message":"Data source not found","messageId":"datasource.notFound","statusCode":404}"#,
        ),
        words: "Data source not found",
    },
    Vendor {
        name: "signoz",
        answer: |_| {
            json(
                r#"{"status":"success","data":{"type":"time_series","data":{"results":[{"queryName":"A","aggregations":[{"index":0,"series":[{"labels":[],"values":[{"timestamp":1704067200000,"value":10},{"timestamp":1704067260000,"value":15}]}]}]}]}}}"#,
            )
        },
        values: &[12.5],
        check: |all| {
            assert_eq!(all[0].path, "/api/v5/query_range");
            has_secret(&all[0], "signoz-api-key", "");
            assert_eq!(body(&all[0])["start"], 1_704_067_200_000_u64);
            assert_eq!(
                body(&all[0])["compositeQuery"]["queries"][0]["spec"]["step"],
                60
            );
        },
        empty: r#"{"status":"success","data":{"type":"time_series","data":{"results":[{"queryName":"A","aggregations":null}]}}}"#,
        error: (
            400,
            r#"{"status":"error","error":{"code":"invalid_input","message":"invalid promql query"}}"#,
        ),
        words: "invalid promql query",
    },
];
