//! A test against a real Thanos that has lost its only store. It takes minutes to build, so CI goes without it.

use std::process::Command;

use super::super::{configured, failure, value};
use super::{Server, ask, free_port, is_healthy, now, until};
use crate::gate::FailureKind;

/// Starts a querier whose store is down.
fn thanos() -> Option<Server> {
    if Command::new("thanos").arg("--version").output().is_err() {
        eprintln!("SKIPPED: thanos is not installed");
        return None;
    }
    let (port, own, gone) = (free_port(), free_port(), free_port());
    let mut command = Command::new("thanos");
    command
        .arg("query")
        .arg(format!("--http-address=127.0.0.1:{port}"))
        .arg(format!("--grpc-address=127.0.0.1:{own}"))
        .arg(format!("--endpoint-strict=127.0.0.1:{gone}"));
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&mut command, port, "/-/ready", folder);
    // Until it has tried to reach the store, it knows of none.
    server.wait_until(|| {
        let form = ["Content-Type: application/x-www-form-urlencoded"];
        let answer = server.post("/api/v1/query", &form, "query=up");
        answer.is_some_and(|answer| answer.contains("fetch series for"))
    });
    Some(server)
}

#[tokio::test]
async fn a_real_thanos_that_lost_its_store_has_no_value_for_a_series() {
    let Some(server) = thanos() else {
        return;
    };
    let config = configured(
        "providers: { thanos: { url: '${THANOS_URL}', retry: { attempts: 1 } } }",
        &server.url(),
    );
    let sli = r#"indicators:
  a_number: vector(12.5)
  b_series: sum(rate(http_requests_total{job="$SERVICE"}[$DURATION_SECONDS]))
  c_wrong: sum(rate(
  d_scalar: "1"
"#;
    let readings = ask(&config, sli, &until(now())).await;
    assert_eq!(value(&readings[0]), 12.5);
    let (_, message) = failure(&readings[1]);
    assert!(message.contains("fetch series for"), "{message}");
    let (kind, message) = failure(&readings[2]);
    assert_eq!(kind, FailureKind::BadQuery, "{message}");
    assert!(message.contains("parse error"), "{message}");
    failure(&readings[3]);
    assert!(is_healthy(&config).await);
}
