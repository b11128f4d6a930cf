//! A real Prometheus for tests, with an exporter for it to scrape.
//!
//! This file names nothing of the crate: unit tests and integration tests include it alike.
#![expect(
    clippy::disallowed_methods,
    reason = "starts a server in a folder of its own and waits for it by the clock"
)]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use base64::Engine as _;

/// How long anything here may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Set where a missing server must fail the tests and not skip them.
const REQUIRE: &str = "TIDEGATE_REQUIRE_SERVERS";
/// The name that a protected server knows.
pub(crate) const USER: &str = "ann";
/// The password that a protected server knows.
pub(crate) const PASSWORD: &str = "s3cret pass";
/// The password as the server keeps it.
const PASSWORD_HASH: &str = "$2y$04$NGhIBgy9lkdV2FjOQsGule784sJE4joeHmgdTInCZ2AjAaq3a/0jS";

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Everybody.
    Open,
    /// Only [`USER`] with [`PASSWORD`].
    Protected,
}

/// A Prometheus on a free port of this machine. It scrapes, five times a second, as job `carts-sockshop-dev-canary`, an
/// exporter whose `http_requests_total` grows by 9 for status 200 and by 1 for status 500 with every scrape, and
/// whose `http_response_time_milliseconds` lie below 100.
pub(crate) struct Prometheus {
    /// The server.
    process: Child,
    /// Where it listens.
    address: SocketAddr,
    /// Who may ask.
    access: Access,
    /// Its data and configuration.
    _folder: tempfile::TempDir,
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        // A server that is gone already is fine.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Prometheus {
    /// Starts a server and waits until it is ready. `None`, and a line on stderr, where there is none to start.
    pub(crate) fn start(access: Access) -> Option<Self> {
        let found = Command::new("prometheus")
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if found.is_err() {
            assert!(
                std::env::var_os(REQUIRE).is_none(),
                "prometheus is not on PATH, and {REQUIRE} is set"
            );
            eprintln!("SKIPPED: prometheus not on PATH");
            return None;
        }
        let server = Self::launch(access, serve_exporter());
        server.wait_for("the server", "/-/ready", |answer| {
            answer.starts_with("HTTP/1.0 200")
        });
        Some(server)
    }

    /// Waits until the server has scraped often enough for a rate. That takes some seconds: it looks for what to scrape
    /// in intervals of five.
    pub(crate) fn wait_for_samples(&self) {
        let samples = "/api/v1/query?query=count_over_time(http_requests_total%5B1m%5D)%3E3";
        self.wait_for("samples", samples, |answer| answer.contains("\"value\""));
    }

    /// Returns the URL of the server.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the seconds since 1970: windows that hold the samples end here.
    pub(crate) fn now() -> i64 {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        i64::try_from(since.unwrap().as_secs()).unwrap()
    }

    fn launch(access: Access, exporter: SocketAddr) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let configuration = format!(
            "scrape_configs:\n- job_name: carts-sockshop-dev-canary\n  scrape_interval: 200ms\n  scrape_timeout: 200ms\n  static_configs:\n  - targets: ['{exporter}']\n"
        );
        std::fs::write(path("prometheus.yml"), configuration).unwrap();
        let users = match access {
            Access::Open => String::new(),
            Access::Protected => format!("basic_auth_users:\n  {USER}: {PASSWORD_HASH}\n"),
        };
        std::fs::write(path("web.yml"), users).unwrap();
        let address = free_address();
        let option = |name: &str, value: String| format!("--{name}={value}");
        let process = Command::new("prometheus")
            .arg(option(
                "config.file",
                path("prometheus.yml").display().to_string(),
            ))
            .arg(option(
                "web.config.file",
                path("web.yml").display().to_string(),
            ))
            .arg(option(
                "storage.tsdb.path",
                path("data").display().to_string(),
            ))
            .arg(option("web.listen-address", address.to_string()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            process,
            address,
            access,
            _folder: folder,
        }
    }

    /// Asks for a path until the answer is as it should be.
    fn wait_for(&self, what: &str, path: &str, is_there: impl Fn(&str) -> bool) {
        let start = Instant::now();
        while !self.get(path).is_some_and(|answer| is_there(&answer)) {
            assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Returns the answer to a GET, head and body.
    fn get(&self, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect(self.address).ok()?;
        let pair = base64::engine::general_purpose::STANDARD.encode(format!("{USER}:{PASSWORD}"));
        let authorization = match self.access {
            Access::Open => String::new(),
            Access::Protected => format!("Authorization: Basic {pair}\r\n"),
        };
        let request = format!("GET {path} HTTP/1.0\r\n{authorization}\r\n");
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }
}

/// Returns an address of this machine where nobody listens.
fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

/// Serves metrics until the program ends; returns where.
fn serve_exporter() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let scrapes = AtomicU64::new(0);
        for stream in listener.incoming().flatten() {
            // A scraper that goes away is no concern of the exporter.
            drop(answer_scrape(
                stream,
                scrapes.fetch_add(1, Ordering::Relaxed),
            ));
        }
    });
    address
}

/// Answers one scrape, and closes the connection.
fn answer_scrape(mut stream: TcpStream, scrapes: u64) -> std::io::Result<()> {
    let mut head = [0; 4096];
    let _length = stream.read(&mut head)?;
    let (good, bad) = (scrapes * 9, scrapes);
    let all = good + bad;
    let metrics = format!(
        "# TYPE http_requests_total counter\n\
         http_requests_total{{status=\"200\"}} {good}\n\
         http_requests_total{{status=\"500\"}} {bad}\n\
         # TYPE http_response_time_milliseconds histogram\n\
         http_response_time_milliseconds_bucket{{le=\"100\"}} {all}\n\
         http_response_time_milliseconds_bucket{{le=\"200\"}} {all}\n\
         http_response_time_milliseconds_bucket{{le=\"+Inf\"}} {all}\n\
         http_response_time_milliseconds_sum {all}\n\
         http_response_time_milliseconds_count {all}\n"
    );
    let length = metrics.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(metrics.as_bytes())
}
