//! A real nats-server for tests.
//!
//! This file names nothing of the crate: unit tests and integration tests include it alike.
#![expect(
    clippy::disallowed_methods,
    reason = "starts a server in a folder of its own and waits for what it writes there"
)]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Set where a missing server must fail the tests and not skip them.
const REQUIRE: &str = "TIDEGATE_REQUIRE_SERVERS";

/// Settings that take the largest event there is.
pub(crate) const LARGE: &str = "max_payload: 20000000\nmax_pending: 100000000\n";

/// A nats-server on a port of this machine.
pub(crate) struct Nats {
    /// The server.
    process: Child,
    /// Where it listens.
    port: u16,
    /// Its program.
    program: PathBuf,
    /// Its settings, its store.
    folder: tempfile::TempDir,
}

impl Drop for Nats {
    fn drop(&mut self) {
        // A server that is gone already is fine.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Nats {
    /// Starts a server with JetStream and these settings, and waits until it is ready. `None`, and a line on stderr, where
    /// there is none to start.
    pub(crate) fn start(settings: &str) -> Option<Self> {
        Self::start_in(&std::env::temp_dir(), settings)
    }

    /// Starts such a server whose store lies below a folder.
    pub(crate) fn start_in(parent: &Path, settings: &str) -> Option<Self> {
        let store = "jetstream { store_dir: \"store\", max_file_store: 4000000000 }";
        Self::start_with(parent, &format!("{store}\n{settings}"))
    }

    /// Starts a server with these settings alone.
    pub(crate) fn start_without_store(settings: &str) -> Option<Self> {
        Self::start_with(&std::env::temp_dir(), settings)
    }

    /// Starts a server with these settings, which lie below a folder.
    fn start_with(parent: &Path, settings: &str) -> Option<Self> {
        let Some(program) = program() else {
            assert!(
                std::env::var_os(REQUIRE).is_none(),
                "there is no nats-server on the PATH, and {REQUIRE} is set"
            );
            eprintln!("SKIPPED: no nats-server on the PATH");
            return None;
        };
        let folder = tempfile::tempdir_in(parent).unwrap();
        std::fs::write(folder.path().join("server.conf"), settings).unwrap();
        let (process, port) = launch(&program, folder.path(), None);
        Some(Self {
            process,
            port,
            program,
            folder,
        })
    }

    /// Returns the port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Returns the URL of a stream.
    pub(crate) fn url(&self, stream: &str) -> String {
        format!("nats://127.0.0.1:{}/{stream}", self.port)
    }

    /// Ends the server from one moment to the next.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Starts the server again, on the same port and store.
    pub(crate) fn restart(&mut self) {
        let (process, _port) = launch(&self.program, self.folder.path(), Some(self.port));
        self.process = process;
    }
}

/// Starts the server; returns when it is ready, with its port.
fn launch(program: &Path, folder: &Path, port: Option<u16>) -> (Child, u16) {
    let port = port.map_or_else(|| "-1".to_owned(), |port| port.to_string());
    let mut process = Command::new(program)
        .args(["-a", "127.0.0.1", "-c", "server.conf", "-p", &port])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
    let mut said = String::new();
    let mut found = None;
    for line in lines.by_ref() {
        let line = line.unwrap();
        if let Some((_, address)) = line.split_once("Listening for client connections on ") {
            found = address
                .rsplit(':')
                .next()
                .and_then(|port| port.trim().parse().ok());
        }
        said.push_str(&line);
        said.push('\n');
        if line.contains("Server is ready") {
            break;
        }
    }
    // The server writes on; nobody may stop reading.
    std::thread::spawn(move || lines.for_each(drop));
    let port = found.unwrap_or_else(|| panic!("the server is not ready: {said}"));
    (process, port)
}

/// Returns the server's program.
fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin")])
        .map(|folder| folder.join("nats-server"))
        .find(|program| program.exists())
}
