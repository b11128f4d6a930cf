//! Tests against a real `VictoriaMetrics`.

use std::fmt::Write as _;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::{SECRET, configured, failure, nothing, value};
use super::{Server, ask, free_port, is_healthy, is_installed, now, until};
use crate::config::FileConfig;
use crate::gate::FailureKind;

/// What runs it.
const PROGRAM: &str = "victoria-metrics";

/// Starts one that wants a name and a password, and writes a few samples.
fn victoriametrics(end: i64) -> Option<Server> {
    if !is_installed(PROGRAM, "-version") {
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let mut command = Command::new(PROGRAM);
    command
        .arg(format!("-httpListenAddr=127.0.0.1:{port}"))
        .arg(format!("-storageDataPath={}", folder.path().display()))
        .args(["-httpAuth.username=ann", "-retentionPeriod=1d"])
        .arg(format!("-httpAuth.password={SECRET}"))
        .arg("-memory.allowedBytes=64MiB");
    let server = Server::start(&mut command, port, "/health", folder);
    let login = STANDARD.encode(format!("ann:{SECRET}"));
    let login = format!("Authorization: Basic {login}");
    let mut samples = String::new();
    let mut write = |series: &str, value: f64, age: i64| {
        let time = (end - age) * 1000;
        writeln!(samples, "{series} {value} {time}").unwrap();
    };
    // Two counters, of 1 and of 11.5 a second.
    for minute in 0..=11_u8 {
        let seconds = f64::from(minute) * 60.0;
        let age = 660 - i64::from(minute) * 60;
        write(
            r#"http_requests_total{job="carts",instance="a"}"#,
            seconds,
            age,
        );
        write(
            r#"http_requests_total{job="carts",instance="b"}"#,
            seconds * 11.5,
            age,
        );
    }
    write(r#"queue{job="carts"}"#, 3.0, 90);
    write(r#"queue{job="carts"}"#, 7.0, 5);
    write(r#"old{job="carts"}"#, 4.0, 400);
    server.must_post("/api/v1/import/prometheus", &[&login], &samples);
    server.must_post("/internal/force_flush", &[&login], "");
    Some(server)
}

/// Returns a configuration that asks a server, with a password.
fn config(server: &Server, password: &str) -> FileConfig {
    configured(
        &format!(
            "providers:\n  victoriametrics:\n    url: ${{VICTORIAMETRICS_URL}}\n    retry: {{ attempts: 1 }}\n    auth: {{ basic: {{ user: ann, password: '{password}' }} }}\n"
        ),
        &server.url(),
    )
}

#[tokio::test]
async fn a_real_victoriametrics_answers() {
    let end = now();
    let Some(server) = victoriametrics(end) else {
        return;
    };
    let context = until(end);
    let sli = r#"indicators:
  a_example: sum(rate(http_requests_total{job="$SERVICE"}[$DURATION_SECONDS]))
  b_newest: queue{job="$SERVICE"}
  c_several: rate(http_requests_total{job="$SERVICE"}[$DURATION_SECONDS])
  d_reduced:
    query: rate(http_requests_total{job="$SERVICE"}[$DURATION_SECONDS])
    reduce: max
  e_none: sum(rate(http_requests_total{job="nobody"}[$DURATION_SECONDS]))
  f_too_old: old
  g_old: { query: old, params: { step: 10m } }
  h_wrong: sum(rate(
  i_unknown: no_such_function(queue)
  j_range: queue[5m]
  k_infinite: 1 / 0
  l_nan: 0 / 0
"#;
    let readings = ask(&config(&server, "${PASSWORD}"), sli, &context).await;
    assert_eq!(value(&readings[0]), 12.5);
    // The server hides the last 30 seconds from whoever does not ask for them.
    assert_eq!(value(&readings[1]), 7.0);
    let (_, message) = failure(&readings[2]);
    assert!(message.contains("multiple values (2): "), "{message}");
    assert_eq!(value(&readings[3]), 11.5);
    assert!(nothing(&readings[4]).contains("finds nothing"));
    assert!(nothing(&readings[5]).contains("finds nothing"));
    assert_eq!(value(&readings[6]), 4.0);
    for (reading, words) in [
        (&readings[7], "sum(rate("),
        (&readings[8], "no_such_function"),
    ] {
        let (kind, message) = failure(reading);
        assert_eq!(kind, FailureKind::BadQuery, "{message}");
        assert!(message.contains(words), "{message}");
    }
    let (_, message) = failure(&readings[9]);
    assert!(message.contains("matrix"), "{message}");
    assert!(nothing(&readings[10]).contains("+Inf"));
    assert!(nothing(&readings[11]).contains("finds nothing"));
    assert!(is_healthy(&config(&server, "${PASSWORD}")).await);
}

#[tokio::test]
async fn a_real_victoriametrics_refuses_a_wrong_password() {
    let end = now();
    let Some(server) = victoriametrics(end) else {
        return;
    };
    let config = config(&server, "wrong");
    let sli = "indicators: { a: queue }";
    let readings = ask(&config, sli, &until(end)).await;
    let (kind, message) = failure(&readings[0]);
    assert_eq!(kind, FailureKind::NotAuthorised, "{message}");
    assert!(!is_healthy(&config).await);
}

#[tokio::test]
async fn a_quote_in_a_label_does_not_end_a_string_of_a_real_victoriametrics() {
    let end = now();
    let Some(server) = victoriametrics(end) else {
        return;
    };
    let mut context = until(end);
    let evil = r#"x" or job="carts"#.to_owned();
    context.labels.insert("who".to_owned(), evil);
    let sli = r#"indicators: { a: 'queue{job="$LABEL.who"}' }"#;
    let readings = ask(&config(&server, "${PASSWORD}"), sli, &context).await;
    assert!(nothing(&readings[0]).contains("finds nothing"));
}
