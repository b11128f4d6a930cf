//! What the servers of the vendors answer, as they document it.

use crate::net::test_server::{Received, Reply};

/// A vendor: what its server answers to the examples of our definition.
pub(super) struct Vendor {
    /// The name of the definition.
    pub name: &'static str,
    /// Answers every example.
    pub answer: fn(&Received) -> Reply,
    /// The values of the examples, in the order of their names.
    pub values: &'static [f64],
    /// Checks the requests that came.
    pub check: fn(&[Received]),
    /// An answer without data.
    pub empty: &'static str,
    /// What it answers to a wrong query: the status, and the body.
    pub error: (u16, &'static str),
    /// Which of its words must be passed on.
    pub words: &'static str,
}

/// An answer in JSON.
fn json(body: &str) -> Reply {
    Reply::json(200, body)
}

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

/// Checks a header with the secret.
fn has_secret(request: &Received, header: &str, prefix: &str) {
    let wanted = format!("{prefix}{}", super::SECRET);
    assert_eq!(request.header(header), Some(&*wanted), "{header}");
}

/// Returns the body as JSON.
fn body(request: &Received) -> serde_json::Value {
    serde_json::from_str(&request.body).unwrap()
}

/// Every vendor.
pub(super) const VENDORS: [Vendor; 20] = [
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
        name: "influxdb1",
        answer: |_| {
            json(
                r#"{"results":[{"statement_id":0,"series":[{"name":"requests","columns":["time","mean"],"values":[[1704067200000,12.5]]}]}]}"#,
            )
        },
        values: &[12.5],
        check: |all| {
            assert_eq!(all[0].parameter("db").as_deref(), Some("shop"));
            assert_eq!(all[0].parameter("rp"), None);
            let query = all[0].parameter("q").unwrap();
            assert!(
                query.ends_with(
                    "\"service\" = 'carts' AND time >= 1704067200000ms AND time < 1704067800000ms"
                ),
                "{query}"
            );
        },
        empty: r#"{"results":[{"statement_id":0}]}"#,
        error: (
            200,
            r#"{"results":[{"statement_id":0,"error":"database not found: shop"}]}"#,
        ),
        words: "database not found: shop",
    },
    Vendor {
        name: "influxdb2",
        answer: |_| {
            Reply::new(
                200,
                "text/csv",
                ",result,table,_start,_stop,_value,service\r\n,_result,0,2024-01-01T00:00:00Z,2024-01-01T00:10:00Z,12.5,carts\r\n\r\n",
            )
        },
        values: &[12.5],
        check: |all| {
            assert_eq!(all[0].path, "/api/v2/query?org=shop");
            has_secret(&all[0], "authorization", "Token ");
            let query = body(&all[0])["query"].as_str().unwrap().to_owned();
            assert!(
                query.contains("range(start: 2024-01-01T00:00:00Z, stop: 2024-01-01T00:10:00Z)"),
                "{query}"
            );
        },
        empty: "\r\n",
        error: (
            400,
            r#"{"code":"invalid","message":"error in building plan: undefined identifier meen"}"#,
        ),
        words: "undefined identifier meen",
    },
    Vendor {
        name: "graphite",
        answer: |_| {
            json(
                r#"[{"target":"stats.timers.carts.response.upper_95","tags":{},"datapoints":[[10.0,1704067260],[null,1704067320],[12.5,1704067380]]}]"#,
            )
        },
        values: &[12.5],
        check: |all| {
            assert_eq!(
                all[0].parameter("target").as_deref(),
                Some("stats.timers.carts.response.upper_95")
            );
            assert_eq!(all[0].parameter("from").as_deref(), Some("1704067200"));
            assert_eq!(all[0].parameter("until").as_deref(), Some("1704067800"));
            assert_eq!(all[0].parameter("format").as_deref(), Some("json"));
        },
        empty: "[]",
        error: (400, "Invalid target: Expected end of text"),
        words: "Invalid target",
    },
    Vendor {
        name: "elasticsearch",
        answer: |request| {
            json(if request.body.contains("aggs") {
                r#"{"took":3,"timed_out":false,"_shards":{"total":1,"successful":1,"skipped":0,"failed":0},"hits":{"total":{"value":100,"relation":"eq"},"hits":[]},"aggregations":{"p":{"values":{"95.0":12.5}}}}"#
            } else {
                r#"{"took":3,"timed_out":false,"_shards":{"total":1,"successful":1,"skipped":0,"failed":0},"hits":{"total":{"value":7,"relation":"eq"},"hits":[]}}"#
            })
        },
        values: &[7.0, 12.5],
        check: |all| {
            for request in all {
                assert!(
                    request.path.starts_with("/logs-%2A/_search?"),
                    "{}",
                    request.path
                );
                has_secret(request, "authorization", "ApiKey ");
                let range = &body(request)["query"]["bool"]["filter"][1]["range"]["@timestamp"];
                assert_eq!(range["gte"], 1_704_067_200_000_u64);
                assert_eq!(range["lt"], 1_704_067_800_000_u64);
            }
        },
        empty: r#"{"timed_out":false,"_shards":{"failed":0},"hits":{},"aggregations":{"p":{"values":{"95.0":null}}}}"#,
        error: (
            400,
            r#"{"error":{"root_cause":[{"type":"query_shard_exception","reason":"Failed to parse query [level:]"}],"type":"search_phase_execution_exception","reason":"all shards failed"},"status":400}"#,
        ),
        words: "Failed to parse query",
    },
    Vendor {
        name: "opensearch",
        answer: |request| {
            json(if request.body.contains("aggs") {
                r#"{"took":3,"timed_out":false,"_shards":{"total":1,"successful":1,"skipped":0,"failed":0},"hits":{"total":{"value":100,"relation":"eq"},"hits":[]},"aggregations":{"p":{"values":{"95.0":12.5}}}}"#
            } else {
                r#"{"took":3,"timed_out":false,"_shards":{"total":1,"successful":1,"skipped":0,"failed":0},"hits":{"total":{"value":0,"relation":"eq"},"hits":[]}}"#
            })
        },
        values: &[0.0, 12.5],
        check: |all| {
            assert!(
                all[0]
                    .header("authorization")
                    .unwrap()
                    .starts_with("Basic ")
            )
        },
        empty: r#"{"timed_out":false,"_shards":{"failed":0},"hits":{},"aggregations":{"p":{"values":{"95.0":null}}}}"#,
        error: (
            404,
            r#"{"error":{"root_cause":[{"type":"index_not_found_exception","reason":"no such index [logs]"}],"reason":"no such index [logs]"},"status":404}"#,
        ),
        words: "no such index",
    },
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
        name: "splunk",
        answer: |request| match request.path.split('?').next().unwrap() {
            "/services/search/v2/jobs" => Reply::json(201, r#"{"sid":"1704067800.42"}"#),
            "/services/search/v2/jobs/1704067800.42" => {
                json(r#"{"entry":[{"content":{"dispatchState":"DONE","messages":[]}}]}"#)
            }
            "/services/search/v2/jobs/1704067800.42/results" => json(
                r#"{"preview":false,"messages":[],"fields":[{"name":"count"}],"results":[{"count":"12.5"}]}"#,
            ),
            other => Reply::json(
                404,
                &format!(r#"{{"messages":[{{"type":"FATAL","text":"Not Found {other}"}}]}}"#),
            ),
        },
        values: &[12.5],
        check: |all| {
            has_secret(&all[0], "authorization", "Bearer ");
            let search = r#"search index=web service="carts" level=ERROR | stats count"#;
            assert_eq!(all[0].form("search").as_deref(), Some(search));
            assert_eq!(all[0].form("earliest_time").as_deref(), Some("1704067200"));
            assert_eq!(all.len(), 3);
        },
        empty: r#"{"preview":false,"messages":[],"results":[]}"#,
        error: (
            400,
            r#"{"messages":[{"type":"FATAL","text":"Unknown search command 'serch'."}]}"#,
        ),
        words: "Unknown search command",
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
