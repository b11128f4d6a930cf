//! Services of vendors.

use super::{Vendor, body, has_secret, json};
use crate::net::test_server::Reply;

/// The vendors.
pub(super) static VENDORS: [Vendor; 6] = [
    Vendor {
        name: "newrelic",
        answer: |request| {
            json(if request.body.contains("percentile") {
                r#"{"data":{"actor":{"account":{"nrql":{"results":[{"d":{"95":0.0125}}]}}}}}"#
            } else {
                r#"{"data":{"actor":{"account":{"nrql":{"results":[{"p":1250}]}}}}}"#
            })
        },
        values: &[12.5, 12.5],
        check: |all| {
            assert_eq!(all[0].path, "/graphql");
            has_secret(&all[0], "api-key", "");
            let variables = body(&all[0])["variables"].clone();
            assert_eq!(variables["account"], 1_234_567);
            let nrql = variables["nrql"].as_str().unwrap();
            assert!(
                nrql.ends_with("appName = 'carts' SINCE 1704067200000 UNTIL 1704067800000"),
                "{nrql}"
            );
        },
        empty: r#"{"data":{"actor":{"account":{"nrql":{"results":[{"p":null}]}}}}}"#,
        error: (
            200,
            r#"{"data":{"actor":{"account":{"nrql":null}}},"errors":[{"message":"NRQL Syntax Error: Error at line 1 position 8"}]}"#,
        ),
        words: "NRQL Syntax Error",
    },
    Vendor {
        name: "cloudwatch",
        answer: |request| {
            json(if request.body.contains("NextToken") {
                r#"{"Messages":[],"MetricDataResults":[{"Id":"q","Label":"q","StatusCode":"Complete","Timestamps":[1.70406732E9],"Values":[12.5]}]}"#
            } else {
                r#"{"Messages":[],"MetricDataResults":[{"Id":"q","Label":"q","StatusCode":"PartialData","Timestamps":[1.70406726E9],"Values":[3.5]}],"NextToken":"page2"}"#
            })
        },
        values: &[12.5],
        check: |all| {
            assert_eq!(all.len(), 2);
            for request in all {
                assert_eq!(
                    request.header("x-amz-target"),
                    Some("GraniteServiceVersion20100801.GetMetricData")
                );
                assert_eq!(
                    request.header("content-type"),
                    Some("application/x-amz-json-1.0")
                );
                let signed = request.header("authorization").unwrap();
                assert!(
                    signed.starts_with("AWS4-HMAC-SHA256 Credential=")
                        && signed.contains("/eu-central-1/monitoring/aws4_request"),
                    "{signed}"
                );
                assert_eq!(body(request)["StartTime"], 1_704_067_200);
                assert_eq!(body(request)["MetricDataQueries"][0]["Period"], 60);
            }
            assert_eq!(body(&all[1])["NextToken"], "page2");
        },
        empty: r#"{"Messages":[],"MetricDataResults":[{"Id":"q","Label":"q","StatusCode":"Complete","Timestamps":[],"Values":[]}]}"#,
        error: (
            400,
            r#"{"__type":"com.amazonaws.cloudwatch#InvalidParameterValue","message":"Error in expression 'q': Unknown function"}"#,
        ),
        words: "Unknown function",
    },
    Vendor {
        name: "azure-monitor",
        answer: |request| {
            if request.path.ends_with("/oauth2/v2.0/token") {
                json(r#"{"token_type":"Bearer","expires_in":3599,"access_token":"eyJ0b2tlbg"}"#)
            } else {
                json(
                    r#"{"tables":[{"name":"PrimaryResult","columns":[{"name":"percentile_DurationMs_95","type":"real"}],"rows":[[12.5]]}]}"#,
                )
            }
        },
        values: &[12.5],
        check: |all| {
            assert_eq!(all[0].path, "/contoso.onmicrosoft.com/oauth2/v2.0/token");
            assert_eq!(
                all[0].form("scope").as_deref(),
                Some("https://api.loganalytics.io/.default")
            );
            assert_eq!(all[1].header("authorization"), Some("Bearer eyJ0b2tlbg"));
            assert_eq!(
                all[1].path,
                "/v1/workspaces/00000000-0000-0000-0000-000000000001/query"
            );
            assert_eq!(
                body(&all[1])["timespan"],
                "2024-01-01T00:00:00Z/2024-01-01T00:10:00Z"
            );
        },
        empty: r#"{"tables":[{"name":"PrimaryResult","columns":[],"rows":[]}]}"#,
        error: (
            400,
            r#"{"error":{"message":"The request had some invalid properties","code":"BadArgumentError","innererror":{"code":"SyntaxError","message":"A recognition error occurred in the query."}}}"#,
        ),
        words: "A recognition error occurred",
    },
    Vendor {
        name: "sonarqube",
        answer: |_| {
            json(
                r#"{"component":{"key":"sockshop:carts","qualifier":"TRK","measures":[{"metric":"coverage","value":"12.5","bestValue":false}]}}"#,
            )
        },
        values: &[12.5],
        check: |all| {
            assert_eq!(
                all[0].path,
                "/api/measures/component?component=sockshop%3Acarts&metricKeys=coverage"
            );
            has_secret(&all[0], "authorization", "Bearer ");
        },
        empty: r#"{"component":{"key":"sockshop:carts","measures":[]}}"#,
        error: (
            404,
            r#"{"errors":[{"msg":"Component key 'sockshop:carts' not found"}]}"#,
        ),
        words: "Component key 'sockshop:carts' not found",
    },
    Vendor {
        name: "sentry",
        answer: |_| json(r#"{"data":[{"count()":12.5}],"meta":{"fields":{"count()":"integer"}}}"#),
        values: &[12.5],
        check: |all| {
            assert!(
                all[0]
                    .path
                    .starts_with("/api/0/organizations/sockshop/events/?field=count%28%29"),
                "{}",
                all[0].path
            );
            assert_eq!(
                all[0].parameter("query").as_deref(),
                Some(r#"release:"1.2.3""#)
            );
            assert_eq!(all[0].parameter("project").as_deref(), Some("42"));
            assert_eq!(all[0].parameter("environment"), None);
            has_secret(&all[0], "authorization", "Bearer ");
        },
        empty: r#"{"data":[{"count()":null}],"meta":{}}"#,
        error: (
            400,
            r#"{"detail":"Invalid query. Error: Unknown function"}"#,
        ),
        words: "Invalid query",
    },
    Vendor {
        name: "honeycomb",
        answer: |request| match (request.method.as_str(), request.path.as_str()) {
            ("POST", "/1/queries/carts") => json(r#"{"id":"q1","calculations":[]}"#),
            ("POST", "/1/query_results/carts") => {
                Reply::json(201, r#"{"id":"r1","complete":false}"#)
            }
            ("GET", "/1/query_results/carts/r1") => json(
                r#"{"id":"r1","complete":true,"data":{"series":[],"results":[{"data":{"P95(duration_ms)":12.5}}]}}"#,
            ),
            _ => Reply::json(404, r#"{"error":"Dataset not found"}"#),
        },
        values: &[12.5],
        check: |all| {
            assert_eq!(all.len(), 3);
            for request in all {
                has_secret(request, "x-honeycomb-team", "");
            }
            let query = body(&all[0]);
            assert_eq!(query["calculations"][0]["column"], "duration_ms");
            assert_eq!(query["filters"][0]["value"], "/checkout");
            assert_eq!(query["start_time"], 1_704_067_200);
            assert_eq!(body(&all[1])["query_id"], "q1");
        },
        empty: r#"{"id":"r1","complete":true,"data":{"results":[]}}"#,
        error: (422, r#"{"error":"unknown column: duration"}"#),
        words: "unknown column",
    },
];
