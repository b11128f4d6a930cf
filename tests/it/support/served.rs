//! A `tidegate serve` of its own for a test, that can be killed and started again.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{Gate, Lines, Running};

/// The token that may do everything.
pub(crate) const TOKEN: &str = "a-token-for-tests-only";
/// How long a test waits for something.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server.
pub(crate) struct Served {
    /// Its folder, and how it is started.
    gate: Gate,
    /// Its process; `None` between two.
    process: Option<(Running, Lines)>,
    /// Where it listens: `127.0.0.1:43210`.
    address: String,
}

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Told {
    /// The status.
    pub(crate) status: u16,
    /// The headers.
    pub(crate) head: String,
    /// The body; `Null` where it is no JSON.
    pub(crate) body: Value,
    /// The body as it came.
    pub(crate) text: String,
}

impl Served {
    /// Starts a server with a `tidegate.yaml`.
    pub(crate) fn start(config: &str) -> Self {
        Self::start_with(&[("tidegate.yaml", config)])
    }

    /// Starts a server in a folder with files.
    pub(crate) fn start_with<T: AsRef<[u8]>>(files: &[(&str, T)]) -> Self {
        let gate = files
            .iter()
            .fold(Gate::new(), |gate, (path, text)| gate.file(path, text))
            .env("TIDEGATE_SERVE_TOKEN", TOKEN)
            .args(["serve", "--listen", "127.0.0.1:0"]);
        let mut server = Self {
            gate,
            process: None,
            address: String::new(),
        };
        server.resume();
        server
    }

    /// Starts the process.
    fn resume(&mut self) {
        let mut running = self.gate.start();
        let lines = running.stderr_lines();
        let line = lines.wait_for("listening on http://");
        let (_, address) = line.split_once("http://").unwrap();
        address
            .split('/')
            .next()
            .unwrap()
            .clone_into(&mut self.address);
        self.process = Some((running, lines));
    }

    /// Kills the process, and starts another.
    pub(crate) fn kill_and_restart(&mut self) {
        let (running, _lines) = self.process.take().unwrap();
        running.signal("KILL").reap();
        self.resume();
    }

    /// Asks it to stop, and returns the exit code and what it logged since.
    pub(crate) fn stop(mut self) -> (i32, Lines) {
        let (running, lines) = self.process.take().unwrap();
        let answer = running.signal("TERM").wait();
        (answer.exit_code(), lines)
    }

    /// Waits for a line of its log.
    #[track_caller]
    pub(crate) fn wait_for_log(&self, text: &str) -> String {
        let (_, lines) = self.process.as_ref().unwrap();
        lines.wait_for(text)
    }

    /// Returns its folder.
    pub(crate) fn files(&self) -> &Gate {
        &self.gate
    }

    /// Returns where it listens.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Sends a request with the token that may do everything.
    pub(crate) fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Told {
        self.call_as(TOKEN, method, path, body)
    }

    /// Sends a request with a token.
    pub(crate) fn call_as(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Told {
        let body = body.map_or_else(String::new, Value::to_string);
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: tidegate\r\nx-token: {token}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        self.send(format!("{head}{body}").as_bytes())
    }

    /// Sends bytes, and reads what comes until the end.
    pub(crate) fn send(&self, bytes: &[u8]) -> Told {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(bytes).unwrap();
        let mut text = Vec::new();
        stream.read_to_end(&mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        let (head, rest) = text.split_once("\r\n\r\n").unwrap();
        let is_chunked = head
            .to_ascii_lowercase()
            .contains("transfer-encoding: chunked");
        let text = if is_chunked {
            unchunked(rest)
        } else {
            rest.to_owned()
        };
        Told {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_owned(),
            body: serde_json::from_str(&text).unwrap_or_default(),
            text,
        }
    }

    /// Sends a request that has to succeed, and returns the body.
    #[track_caller]
    pub(crate) fn done(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let told = self.call(method, path, body);
        assert!(
            (200..300).contains(&told.status),
            "{method} {path}: {told:?}"
        );
        told.body
    }

    /// Asks again until an answer is as it is wanted.
    #[track_caller]
    pub(crate) fn wait_for<T>(&self, path: &str, wanted: impl Fn(&Value) -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            let answer = self.done("GET", path, None);
            if let Some(found) = wanted(&answer) {
                return found;
            }
            assert!(start.elapsed() < PATIENCE, "{path} stays {answer}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some((running, _lines)) = self.process.take() {
            running.signal("KILL").reap();
        }
    }
}

/// Puts the chunks of a body together.
fn unchunked(mut rest: &str) -> String {
    let mut whole = String::new();
    while let Some((length, behind)) = rest.split_once("\r\n") {
        let length = usize::from_str_radix(length, 16).unwrap();
        whole.push_str(&behind[..length]);
        rest = &behind[length + 2..];
        if length == 0 {
            break;
        }
    }
    whole
}
