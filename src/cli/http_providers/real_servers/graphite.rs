//! Tests against a real Graphite.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use super::super::{configured, failure, nothing, value};
use super::{Server, ask, is_healthy, now, skip, until};

/// Starts a Graphite with a few metrics.
fn graphite(end: i64) -> Option<Server> {
    const PYTHON: &str = "/usr/bin/python3";
    let modules = "import sys; sys.path.insert(0, '/usr/lib/python3/dist-packages'); import whisper, django, graphite";
    let found = Command::new(PYTHON)
        .args(["-c", modules])
        .stderr(Stdio::null())
        .status();
    if !found.is_ok_and(|status| status.success()) {
        skip("graphite-web");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("serve.py");
    std::fs::write(&script, include_str!("graphite.py")).unwrap();
    let mut process = Command::new(PYTHON)
        .arg(&script)
        .arg(folder.path())
        .arg(end.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stdout = process.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    let port = line.trim().parse().expect("graphite does not start");
    Some(Server {
        process,
        port,
        _folder: folder,
    })
}

#[tokio::test]
async fn a_real_graphite_answers() {
    let end = now();
    let Some(server) = graphite(end) else {
        return;
    };
    let config = configured(
        "providers: { graphite: { url: '${GRAPHITE_URL}', retry: { attempts: 1 } } }",
        &server.url(),
    );
    let sli = "indicators:
  a_max: { query: stats.timers.$SERVICE.response.upper_95, reduce: max }
  b_last: { query: stats.timers.$SERVICE.response.upper_95, reduce: last }
  c_single: stats.timers.orders.response.upper_95
  d_several: stats.timers.$SERVICE.response.upper_95
  e_nulls: stats.timers.old.response.upper_95
  f_none: no.such.metric
  g_wrong: 'noSuchFunction(stats.timers.*)'
  h_sum: { query: 'summarize(stats.timers.orders.response.upper_95, \"1h\", \"sum\", true)', reduce: sum }
";
    let readings = ask(&config, sli, &until(end)).await;
    assert_eq!(value(&readings[0]), 12.5);
    assert_eq!(value(&readings[1]), 11.0);
    assert_eq!(value(&readings[2]), 99.0);
    let (_, message) = failure(&readings[3]);
    assert!(message.contains("multiple values (3): "), "{message}");
    assert!(nothing(&readings[4]).contains("are null"));
    assert!(nothing(&readings[5]).contains("finds nothing"));
    // Graphite answers an unknown function with an empty list, or with an error: never with a number.
    assert!(!matches!(
        readings[6].outcome,
        crate::gate::Outcome::Value(_)
    ));
    assert_eq!(value(&readings[7]), 99.0);
    assert!(is_healthy(&config).await);
}
