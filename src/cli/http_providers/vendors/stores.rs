//! Databases that are asked directly.

use super::{Vendor, body, has_secret, json};
use crate::net::test_server::Reply;

/// The vendors.
pub(super) static VENDORS: [Vendor; 6] = [
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
            );
        },
        empty: r#"{"timed_out":false,"_shards":{"failed":0},"hits":{},"aggregations":{"p":{"values":{"95.0":null}}}}"#,
        error: (
            404,
            r#"{"error":{"root_cause":[{"type":"index_not_found_exception","reason":"no such index [logs]"}],"reason":"no such index [logs]"},"status":404}"#,
        ),
        words: "no such index",
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
];
