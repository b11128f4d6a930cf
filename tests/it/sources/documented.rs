//! What the servers of vendors answer to the examples, in the form that they document.

/// What stands in a request, its beginning first, and what is answered to it.
pub(super) type Exchange = (&'static [&'static str], &'static str);

/// What the server of a vendor answers to the example.
pub(super) struct Vendor {
    /// The row.
    pub key: &'static str,
    /// What stands in the request, and what is answered to it.
    pub answers: &'static [Exchange],
    /// The number in it.
    pub value: f64,
}

/// A vector of Prometheus with one number.
const VECTOR: &str = r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1704067800,"12.5"]}]}}"#;
/// A count of documents.
const HITS: &str = r#"{"took":3,"timed_out":false,"_shards":{"total":1,"successful":1,"skipped":0,"failed":0},"hits":{"total":{"value":7,"relation":"eq"},"hits":[]}}"#;
/// Where PromQL is asked for the requests of the service.
const PROMQL: &str =
    "query=sum%28rate%28http_requests_total%7Bjob%3D%22carts%22%7D%5B600s%5D%29%29";
/// The token of a Dynatrace, which is known by its form.
pub(super) const TOKEN: &str = "dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX.ABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// What every other credential is.
pub(super) const SECRET: &str = "s3cret-of-the-vendor";

/// The vendors.
pub(super) const ALL: [Vendor; 24] = [
    Vendor {
        key: "victoriametrics",
        answers: &[(&["POST /api/v1/query ", PROMQL], VECTOR)],
        value: 12.5,
    },
    Vendor {
        key: "thanos",
        answers: &[(
            &["POST /api/v1/query ", PROMQL, "partial_response=false"],
            VECTOR,
        )],
        value: 12.5,
    },
    Vendor {
        key: "mimir",
        answers: &[(&["POST /prometheus/api/v1/query ", PROMQL], VECTOR)],
        value: 12.5,
    },
    Vendor {
        key: "grafana",
        answers: &[(
            &[
                "GET /api/datasources/proxy/uid/42/api/v1/query?",
                PROMQL,
                SECRET,
            ],
            VECTOR,
        )],
        value: 12.5,
    },
    Vendor {
        key: "google-cloud-monitoring",
        answers: &[(
            &[
                "POST /v1/projects/42/location/global/prometheus/api/v1/query ",
                SECRET,
            ],
            VECTOR,
        )],
        value: 12.5,
    },
    Vendor {
        key: "loki",
        answers: &[(
            &["GET /loki/api/v1/query?", "ERROR", "carts", "600s"],
            VECTOR,
        )],
        value: 12.5,
    },
    Vendor {
        key: "tempo",
        answers: &[(
            &[
                "GET /api/metrics/query?",
                "quantile_over_time",
                "carts",
                "start=1704067200",
            ],
            r#"{"series":[{"labels":[],"value":0.25,"promLabels":"{}"}],"metrics":{"inspectedBytes":"9"},"status":"COMPLETE"}"#,
        )],
        value: 0.25,
    },
    Vendor {
        key: "signoz",
        answers: &[(
            &[
                "POST /api/v5/query_range ",
                SECRET,
                "signoz_calls_total",
                "carts",
            ],
            r#"{"status":"success","data":{"type":"time_series","data":{"results":[{"queryName":"A","aggregations":[{"index":0,"series":[{"labels":[],"values":[{"timestamp":1704067200000,"value":10},{"timestamp":1704067260000,"value":15}]}]}]}]}}}"#,
        )],
        value: 12.5,
    },
    Vendor {
        key: "influxdb1",
        answers: &[(
            &["GET /query?db=42", "carts", "1704067200000ms"],
            r#"{"results":[{"statement_id":0,"series":[{"name":"requests","columns":["time","mean"],"values":[[1704067200000,12.5]]}]}]}"#,
        )],
        value: 12.5,
    },
    Vendor {
        key: "influxdb2",
        answers: &[(
            &[
                "POST /api/v2/query?org=42 ",
                SECRET,
                "range(start: 2024-01-01T00:00:00Z, stop: 2024-01-01T00:10:00Z)",
            ],
            ",result,table,_start,_stop,_value,service\r\n,_result,0,2024-01-01T00:00:00Z,2024-01-01T00:10:00Z,12.5,carts\r\n\r\n",
        )],
        value: 12.5,
    },
    Vendor {
        key: "graphite",
        answers: &[(
            &[
                "GET /render?target=stats.timers.carts.response.upper_95",
                "from=1704067200",
            ],
            r#"[{"target":"stats.timers.carts.response.upper_95","tags":{},"datapoints":[[10.0,1704067260],[null,1704067320],[12.5,1704067380]]}]"#,
        )],
        value: 12.5,
    },
    Vendor {
        key: "elasticsearch",
        answers: &[(
            &[
                "POST /logs-%2A/_search?",
                SECRET,
                "level:ERROR AND service:",
                "1704067200000",
            ],
            HITS,
        )],
        value: 7.0,
    },
    Vendor {
        key: "opensearch",
        answers: &[(
            &[
                "POST /logs-%2A/_search?",
                "Basic ",
                "level:ERROR AND service:",
                "1704067200000",
            ],
            HITS,
        )],
        value: 7.0,
    },
    Vendor {
        key: "splunk",
        answers: &[
            (
                &["GET /services/search/v2/jobs/1704067800.42/results?"],
                r#"{"preview":false,"messages":[],"fields":[{"name":"count"}],"results":[{"count":"12"}]}"#,
            ),
            (
                &["GET /services/search/v2/jobs/1704067800.42?"],
                r#"{"entry":[{"content":{"dispatchState":"DONE","messages":[]}}]}"#,
            ),
            (
                &[
                    "POST /services/search/v2/jobs ",
                    SECRET,
                    "search=search+index%3Dweb",
                ],
                r#"{"sid":"1704067800.42"}"#,
            ),
        ],
        value: 12.0,
    },
    Vendor {
        key: "newrelic",
        answers: &[(
            &[
                "POST /graphql ",
                SECRET,
                "appName = 'carts' SINCE 1704067200000 UNTIL 1704067800000",
                "\"account\":42",
            ],
            r#"{"data":{"actor":{"account":{"nrql":{"results":[{"p":12.5}]}}}}}"#,
        )],
        value: 12.5,
    },
    Vendor {
        key: "cloudwatch",
        answers: &[(
            &[
                "POST / ",
                "GraniteServiceVersion20100801.GetMetricData",
                "AWS4-HMAC-SHA256 Credential=",
                "Service = 'carts'",
            ],
            r#"{"Messages":[],"MetricDataResults":[{"Id":"q","Label":"q","StatusCode":"Complete","Timestamps":[1.70406726E9,1.70406732E9],"Values":[3.5,12.5]}]}"#,
        )],
        value: 12.5,
    },
    Vendor {
        key: "azure-monitor",
        answers: &[
            (
                &["POST /42/oauth2/v2.0/token ", SECRET],
                r#"{"token_type":"Bearer","expires_in":3599,"access_token":"eyJ0b2tlbg"}"#,
            ),
            (
                &[
                    "POST /v1/workspaces/42/query ",
                    "Bearer eyJ0b2tlbg",
                    "2024-01-01T00:00:00Z/2024-01-01T00:10:00Z",
                ],
                r#"{"tables":[{"name":"PrimaryResult","columns":[{"name":"percentile_DurationMs_95","type":"real"}],"rows":[[12.5]]}]}"#,
            ),
        ],
        value: 12.5,
    },
    Vendor {
        key: "sonarqube",
        answers: &[(
            &[
                "GET /api/measures/component?component=sockshop%3Acarts&metricKeys=coverage ",
                SECRET,
            ],
            r#"{"component":{"key":"sockshop:carts","qualifier":"TRK","measures":[{"metric":"coverage","value":"12.5","bestValue":false}]}}"#,
        )],
        value: 12.5,
    },
    Vendor {
        key: "sentry",
        answers: &[(
            &[
                "GET /api/0/organizations/42/events/?field=count%28%29",
                SECRET,
                "carts",
            ],
            r#"{"data":[{"count()":12}],"meta":{"fields":{"count()":"integer"}}}"#,
        )],
        value: 12.0,
    },
    Vendor {
        key: "honeycomb",
        answers: &[
            (
                &["POST /1/queries/carts ", SECRET, "duration_ms"],
                r#"{"id":"q1","calculations":[]}"#,
            ),
            (
                &["POST /1/query_results/carts ", "q1"],
                r#"{"id":"r1","complete":false}"#,
            ),
            (
                &["GET /1/query_results/carts/r1 "],
                r#"{"id":"r1","complete":true,"data":{"series":[],"results":[{"data":{"P95(duration_ms)":12.5}}]}}"#,
            ),
        ],
        value: 12.5,
    },
    Vendor {
        key: "dynatrace",
        answers: &[(
            &[
                "GET /api/v2/metrics/query?from=1704067200000&to=1704067800000",
                TOKEN,
                "percentile",
                "carts",
            ],
            r#"{"totalCount":1,"nextPageKey":null,"resolution":"Inf","result":[{"metricId":"m","data":[{"dimensions":[],"dimensionMap":{},"timestamps":[1704067800000],"values":[120000]}]}]}"#,
        )],
        value: 120_000.0,
    },
    Vendor {
        key: "dynatrace dql",
        answers: &[(
            &[
                "POST /platform/storage/query/v1/query:execute",
                SECRET,
                "percentile(dt.service.request.response_time, 95)",
                "carts",
            ],
            r#"{"state":"SUCCEEDED","progress":100,"result":{"records":[{"p95":[120000.0],"timeframe":{"start":"2024-01-01T00:00:00Z","end":"2024-01-01T00:10:00Z"},"interval":"600000000000"}],"types":[],"metadata":{}}}"#,
        )],
        value: 120_000.0,
    },
    Vendor {
        key: "datadog",
        answers: &[(
            &[
                "GET /api/v1/query?from=1704067200&to=1704067800",
                SECRET,
                "carts",
                "rollup%28sum%2C%20600%29",
            ],
            r#"{"status":"ok","res_type":"time_series","series":[{"metric":"trace.http.request.hits","scope":"service:carts","interval":600,"pointlist":[[1704067200000,350.0]]}]}"#,
        )],
        value: 350.0,
    },
    Vendor {
        key: "datadog v2",
        answers: &[(
            &[
                "POST /api/v2/query/scalar ",
                SECRET,
                "service:carts",
                "\"aggregator\":\"sum\"",
            ],
            r#"{"data":{"id":"0","type":"scalar_response","attributes":{"columns":[{"name":"a","type":"number","values":[350.0],"meta":{"unit":[null,null]}}]}}}"#,
        )],
        value: 350.0,
    },
];

/// Returns the rows that are expected.
pub(super) fn keys() -> Vec<&'static str> {
    ALL.iter().map(|vendor| vendor.key).collect()
}
