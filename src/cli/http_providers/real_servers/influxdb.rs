//! Tests against a real `InfluxDB` 1.

use std::process::Command;

use super::super::{SECRET, configured, failure, nothing, value};
use super::{Server, ask, free_port, is_healthy, is_installed, now, until};
use crate::gate::FailureKind;

/// Starts an `InfluxDB` that wants a name and a password, and writes three points.
fn influxdb(end: i64) -> Option<Server> {
    if !is_installed("influxd", "version") {
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let (port, control) = (free_port(), free_port());
    let place = folder.path().display();
    let config = folder.path().join("influxdb.conf");
    let text = format!(
        "reporting-enabled = false\nbind-address = \"127.0.0.1:{control}\"\n[meta]\ndir = \"{place}/meta\"\n[data]\ndir = \"{place}/data\"\nwal-dir = \"{place}/wal\"\n[monitor]\nstore-enabled = false\n[http]\nbind-address = \"127.0.0.1:{port}\"\nauth-enabled = true\nlog-enabled = false\n"
    );
    std::fs::write(&config, text).unwrap();
    let mut command = Command::new("influxd");
    let server = Server::start(command.arg("-config").arg(&config), port, "/ping", folder);
    let form = ["Content-Type: application/x-www-form-urlencoded"];
    let encode =
        |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let user = format!("CREATE USER ann WITH PASSWORD '{SECRET}' WITH ALL PRIVILEGES");
    server.must_post("/query", &form, &format!("q={}", encode(&user)));
    let login = format!("u=ann&p={}", encode(SECRET));
    server.must_post(&format!("/query?{login}"), &form, "q=CREATE+DATABASE+shop");
    let point = |age: i64, service: &str, ms: u32| {
        format!("requests,service={service} ms={ms} {}\n", end - age)
    };
    let points = point(60, "carts", 10) + &point(120, "carts", 15) + &point(60, "orders", 99);
    let old = point(3600, "carts", 1000);
    server.must_post(
        &format!("/write?db=shop&precision=s&{login}"),
        &[],
        &(points + &old),
    );
    Some(server)
}

#[tokio::test]
async fn a_real_influxdb_answers() {
    let end = now();
    let Some(server) = influxdb(end) else {
        return;
    };
    let config = |password: &str| {
        configured(
            &format!(
                "providers:\n  influxdb1:\n    url: ${{INFLUXDB_URL}}\n    retry: {{ attempts: 1 }}\n    vars: {{ db: shop }}\n    auth: {{ basic: {{ user: ann, password: '{password}' }} }}\n"
            ),
            &server.url(),
        )
    };
    let context = until(end);
    let sli = r#"indicators:
  a_mean: SELECT mean("ms") FROM "requests" WHERE "service" = '$SERVICE' AND time >= ${START_MS}ms AND time < ${END_MS}ms
  b_rows: SELECT "ms" FROM "requests" WHERE "service" = '$SERVICE' AND time >= ${START_MS}ms AND time < ${END_MS}ms
  c_max:
    query: SELECT "ms" FROM "requests" WHERE "service" = '$SERVICE' AND time >= ${START_MS}ms AND time < ${END_MS}ms
    reduce: max
  d_none: SELECT mean("ms") FROM "requests" WHERE "service" = 'nobody'
  e_wrong: SELECT FROM WHERE
"#;
    let readings = ask(&config("${PASSWORD}"), sli, &context).await;
    assert_eq!(value(&readings[0]), 12.5);
    assert!(failure(&readings[1]).1.contains("multiple values"));
    assert_eq!(value(&readings[2]), 15.0);
    assert!(nothing(&readings[3]).contains("finds nothing"));
    let (kind, message) = failure(&readings[4]);
    assert_eq!(kind, FailureKind::BadQuery);
    assert!(message.contains("error parsing query"), "{message}");
    assert!(is_healthy(&config("${PASSWORD}")).await);

    let readings = ask(&config("wrong"), sli, &context).await;
    for reading in &readings {
        let (kind, message) = failure(reading);
        assert_eq!(kind, FailureKind::NotAuthorised, "{message}");
        assert!(message.contains("authorization failed"), "{message}");
    }
    assert!(!is_healthy(&config("wrong")).await);
}

#[tokio::test]
async fn a_quote_in_a_label_does_not_end_a_string_of_a_real_influxdb() {
    let end = now();
    let Some(server) = influxdb(end) else {
        return;
    };
    let config = configured(
        "providers:\n  influxdb1:\n    url: ${INFLUXDB_URL}\n    vars: { db: shop }\n    auth: { basic: { user: ann, password: '${PASSWORD}' } }\n",
        &server.url(),
    );
    let mut context = until(end);
    let evil = r"x' OR 'a' = 'a".to_owned();
    context.labels.insert("who".to_owned(), evil);
    let sli = r#"indicators: { a: "SELECT mean(\"ms\") FROM \"requests\" WHERE \"service\" = '$LABEL.who'" }"#;
    let readings = ask(&config, sli, &context).await;
    assert!(nothing(&readings[0]).contains("finds nothing"));
}
