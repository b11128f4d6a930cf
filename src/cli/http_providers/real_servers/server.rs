//! A server of a test, and what every test of one needs.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use tempfile::TempDir;

use super::super::{try_ask, world};
use crate::config::FileConfig;
use crate::gate::{Context, Reading};
use crate::provider::contract;
use crate::provider::{CheckOutcome, open};

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(60);
/// Set where a missing server must fail the tests and not skip them.
const REQUIRE: &str = "TIDEGATE_REQUIRE_SERVERS";

/// A server that ends when it is dropped.
pub(super) struct Server {
    /// The process.
    pub process: Child,
    /// The port.
    pub port: u16,
    /// Its files.
    pub _folder: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Server {
    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Starts a program that listens on a port, and waits until it answers a POST to a path.
    pub(super) fn start(command: &mut Command, port: u16, path: &str, folder: TempDir) -> Self {
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let server = Self {
            process: process.unwrap(),
            port,
            _folder: folder,
        };
        server.wait_until(|| server.post(path, &[], "").is_some());
        server
    }

    /// Waits until something holds.
    pub(super) fn wait_until(&self, holds: impl Fn() -> bool) {
        let start = Instant::now();
        while !holds() {
            let process = &self.process;
            assert!(start.elapsed() < PATIENCE, "{process:?} is not ready");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Sends a POST, and returns the whole answer; `None` where nobody listens.
    pub(super) fn post(&self, path: &str, headers: &[&str], body: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        let length = body.len();
        let mut head = format!("POST {path} HTTP/1.0\r\nContent-Length: {length}\r\n");
        for header in headers {
            head = head + header + "\r\n";
        }
        stream.write_all((head + "\r\n" + body).as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }

    /// Sends a POST that must work, and returns the whole answer.
    pub(super) fn must_post(&self, path: &str, headers: &[&str], body: &str) -> String {
        let answer = self.post(path, headers, body).unwrap_or_default();
        let status = answer.split(' ').nth(1).unwrap_or_default();
        assert!(status.starts_with('2'), "{path}: {answer}");
        answer
    }
}

/// Returns a port of this machine that nobody uses.
pub(super) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Returns whether a program is installed, and says so where it is not.
pub(super) fn is_installed(program: &str, argument: &str) -> bool {
    let mut command = Command::new(program);
    let command = command.arg(argument).stdin(Stdio::null());
    let output = command.output();
    let is_installed = output.is_ok_and(|output| output.status.success());
    if !is_installed {
        skip(program);
    }
    is_installed
}

/// Says that a server is missing.
pub(super) fn skip(name: &str) {
    assert!(
        std::env::var_os(REQUIRE).is_none(),
        "{name} is not installed, and {REQUIRE} is set"
    );
    eprintln!("SKIPPED: {name} is not installed");
}

/// Returns the present, in seconds since 1970.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    i64::try_from(since.unwrap().as_secs()).unwrap()
}

/// Returns an evaluation of the last ten minutes.
pub(super) fn until(end: i64) -> Context {
    let mut context = world();
    let end = jiff::Timestamp::from_second(end).unwrap();
    context.window = contract::context_until(end).window;
    context
}

pub(super) async fn ask(config: &FileConfig, sli: &str, context: &Context) -> Vec<Reading> {
    try_ask(config, sli, context).await.unwrap()
}

/// Checks that the doctor finds nothing wrong, or something.
pub(super) async fn is_healthy(config: &FileConfig) -> bool {
    let (name, definition) = config.providers.iter().next().unwrap();
    let provider = open(name, definition.settings.as_ref().unwrap()).unwrap();
    let checks = provider.probe().await;
    !checks
        .iter()
        .any(|check| matches!(check.outcome, CheckOutcome::Bad { .. }))
}
