//! Tests against a real `OpenSearch`, which speaks the search API of `Elasticsearch`, too.

use std::process::Command;

use super::super::{configured, failure, nothing, value};
use super::{Server, ask, free_port, is_healthy, is_installed, now, until};
use crate::gate::FailureKind;

/// Runs Java with the classes of the server.
const PROGRAM: &str = "opensearch-java";

/// Starts one, and writes a few documents.
fn opensearch(end: i64) -> Option<Server> {
    if !is_installed(PROGRAM, "--version") {
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("OpenSearch.java");
    std::fs::write(&source, include_str!("OpenSearch.java")).unwrap();
    let port = free_port();
    let mut command = Command::new(PROGRAM);
    command
        .arg("-Xmx512m")
        .arg(&source)
        .arg(folder.path())
        .arg(port.to_string());
    let server = Server::start(&mut command, port, "/", folder);
    let headers = ["Content-Type: application/json"];
    for (age, ms, level) in [
        (60, 10.0, "ERROR"),
        (120, 12.5, "INFO"),
        (3600, 99.0, "ERROR"),
    ] {
        let document = serde_json::json!({
            "@timestamp": (end - age) * 1000,
            "ms": ms,
            "level": level,
            "service": "carts",
        });
        let path = "/logs-1/_doc?refresh=true";
        server.must_post(path, &headers, &document.to_string());
    }
    Some(server)
}

#[tokio::test]
async fn a_real_opensearch_answers() {
    let end = now();
    let Some(server) = opensearch(end) else {
        return;
    };
    let sli = r#"indicators:
  a_count: { query: 'level:ERROR AND service:"$SERVICE"', params: { index: "logs-*" } }
  b_percentile:
    query: service:"$SERVICE"
    params:
      index: "logs-*"
      aggs: '{"p": {"percentiles": {"field": "ms", "percents": [95]}}}'
      at: $.aggregations.p.values['95.0']
  c_none:
    query: service:nobody
    params:
      index: "logs-*"
      aggs: '{"p": {"percentiles": {"field": "ms", "percents": [95]}}}'
      at: $.aggregations.p.values['95.0']
  d_zero: { query: service:nobody, params: { index: "logs-*" } }
  e_pattern: { query: "*", params: { index: "metrics-*" } }
  f_index: { query: "*", params: { index: metrics } }
  g_wrong: { query: "level:(", params: { index: "logs-*" } }
  h_aggs: { query: "*", params: { index: "logs-*", aggs: '{"p": {"median": {}}}' } }
"#;
    for name in ["opensearch", "elasticsearch"] {
        let config = configured(
            &format!(
                "providers: {{ {name}: {{ url: '${{SERVER_URL}}', retry: {{ attempts: 1 }} }} }}"
            ),
            &server.url(),
        );
        let readings = ask(&config, sli, &until(end)).await;
        assert_eq!(value(&readings[0]), 1.0);
        let percentile = value(&readings[1]);
        assert!((10.0..=12.5).contains(&percentile), "{percentile}");
        assert!(nothing(&readings[2]).contains("null"), "{:?}", readings[2]);
        assert_eq!(value(&readings[3]), 0.0);
        let words = [
            "no such index",
            "no such index",
            "Failed to parse query",
            "Unknown aggregation",
        ];
        for (reading, words) in readings[4..].iter().zip(words) {
            let (kind, message) = failure(reading);
            assert_eq!(kind, FailureKind::BadQuery, "{message}");
            assert!(message.contains(words), "{message}");
        }
        assert!(is_healthy(&config).await);
    }
}
