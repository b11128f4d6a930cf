//! Tests against a real `InfluxDB` 1 and a real Graphite; they are skipped where there are none.
#![expect(
    clippy::disallowed_methods,
    reason = "starts servers in folders of their own and waits for them by the clock"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use super::{SECRET, configured, failure, nothing, try_ask, value, world};
use crate::config::FileConfig;
use crate::gate::{Context, FailureKind, Reading};
use crate::provider::contract;
use crate::provider::{CheckOutcome, open};

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(60);
/// Set where a missing server must fail the tests and not skip them.
const REQUIRE: &str = "TIDEGATE_REQUIRE_SERVERS";

/// A server that ends when it is dropped.
struct Server {
    /// The process.
    process: Child,
    /// The port.
    port: u16,
    /// Its files.
    _folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Server {
    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Sends a POST, and returns the whole answer; `None` where nobody listens.
    fn post(&self, path: &str, form: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        let length = form.len();
        let head = format!(
            "POST {path} HTTP/1.0\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n"
        );
        stream.write_all((head + form).as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }

    /// Sends a POST that must work.
    fn must_post(&self, path: &str, form: &str) {
        let answer = self.post(path, form).unwrap_or_default();
        let status = answer.split(' ').nth(1).unwrap_or_default().to_owned();
        assert!(status.starts_with('2'), "{path}: {answer}");
    }
}

/// Says that a server is missing.
fn skip(name: &str) {
    assert!(
        std::env::var_os(REQUIRE).is_none(),
        "{name} is not installed, and {REQUIRE} is set"
    );
    eprintln!("SKIPPED: {name} is not installed");
}

/// Returns the present, in seconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    i64::try_from(since.unwrap().as_secs()).unwrap()
}

/// Returns an evaluation of the last ten minutes.
fn until(end: i64) -> Context {
    let mut context = world();
    let end = jiff::Timestamp::from_second(end).unwrap();
    context.window = contract::context_until(end).window;
    context
}

async fn ask(config: &FileConfig, sli: &str, context: &Context) -> Vec<Reading> {
    try_ask(config, sli, context).await.unwrap()
}

/// Checks that the doctor finds nothing wrong, or something.
async fn is_healthy(config: &FileConfig) -> bool {
    let (name, definition) = config.providers.iter().next().unwrap();
    let provider = open(name, definition.settings.as_ref().unwrap()).unwrap();
    let checks = provider.probe().await;
    !checks
        .iter()
        .any(|check| matches!(check.outcome, CheckOutcome::Bad { .. }))
}

/// Starts an `InfluxDB` that wants a name and a password, and writes three points.
fn influxdb(end: i64) -> Option<Server> {
    if Command::new("influxd").arg("version").output().is_err() {
        skip("influxd");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let free = || {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let (port, control) = (free(), free());
    let place = folder.path().display();
    let config = folder.path().join("influxdb.conf");
    let text = format!(
        "reporting-enabled = false\nbind-address = \"127.0.0.1:{control}\"\n[meta]\ndir = \"{place}/meta\"\n[data]\ndir = \"{place}/data\"\nwal-dir = \"{place}/wal\"\n[monitor]\nstore-enabled = false\n[http]\nbind-address = \"127.0.0.1:{port}\"\nauth-enabled = true\nlog-enabled = false\n"
    );
    std::fs::write(&config, text).unwrap();
    let process = Command::new("influxd")
        .arg("-config")
        .arg(&config)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let server = Server {
        process,
        port,
        _folder: folder,
    };
    let start = Instant::now();
    while server.post("/ping", "").is_none() {
        assert!(start.elapsed() < PATIENCE, "influxd does not start");
        std::thread::sleep(Duration::from_millis(50));
    }
    let encode =
        |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let user = format!("CREATE USER ann WITH PASSWORD '{SECRET}' WITH ALL PRIVILEGES");
    server.must_post("/query", &format!("q={}", encode(&user)));
    let login = format!("u=ann&p={}", encode(SECRET));
    server.must_post(&format!("/query?{login}"), "q=CREATE+DATABASE+shop");
    let point = |age: i64, service: &str, ms: u32| {
        format!("requests,service={service} ms={ms} {}\n", end - age)
    };
    let points = point(60, "carts", 10) + &point(120, "carts", 15) + &point(60, "orders", 99);
    let old = point(3600, "carts", 1000);
    server.must_post(
        &format!("/write?db=shop&precision=s&{login}"),
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
