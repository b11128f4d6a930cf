//! Real object stores for tests: versitygw and s3s-fs for S3, azurite for Azure; and a proxy between them and a client.
//!
//! This file names nothing of the crate: unit tests and integration tests include it alike.
#![expect(
    clippy::disallowed_methods,
    reason = "starts servers in folders of their own and waits for them by the clock"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

/// How long anything here may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Set where a missing server must fail the tests and not skip them.
const REQUIRE: &str = "TIDEGATE_REQUIRE_SERVERS";
/// The name of the key that the stores know.
pub(crate) const KEY_ID: &str = "AKTIDEGATE";
/// The key.
pub(crate) const SECRET: &str = "s3cret-of-the-store";
/// The bucket that every store has, and that is empty.
pub(crate) const BUCKET: &str = "history";
/// Azurite's only account.
pub(crate) const ACCOUNT: &str = "devstoreaccount1";
/// The key of that account, which is public.
pub(crate) const ACCOUNT_KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// S3 whose conditional writes are atomic.
    Versitygw,
    /// S3 whose conditional writes are not.
    S3sFs,
    /// Azure Blob Storage.
    Azurite,
    /// S3 that checks no signature, so that it takes what is meant for Google's XML API, too.
    Moto,
}

/// A store on a free port of this machine.
pub(crate) struct ObjectStore {
    /// Which server.
    kind: Kind,
    /// The server.
    process: Child,
    /// Where it listens.
    port: u16,
    /// Its objects.
    folder: tempfile::TempDir,
}

impl Drop for ObjectStore {
    fn drop(&mut self) {
        // A server that is gone already is fine.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl ObjectStore {
    /// Starts a store with an empty bucket. `None`, and a line on stderr, where it is not installed.
    pub(crate) fn start(kind: Kind) -> Option<Self> {
        Self::start_in(&std::env::temp_dir(), kind)
    }

    /// Starts a store whose objects lie below a folder.
    pub(crate) fn start_in(parent: &Path, kind: Kind) -> Option<Self> {
        let name = match kind {
            Kind::Versitygw => "versitygw",
            Kind::S3sFs => "s3s-fs",
            Kind::Azurite => "azurite-blob",
            Kind::Moto => "moto_server",
        };
        let Some(program) = find(name) else {
            assert!(
                std::env::var_os(REQUIRE).is_none(),
                "there is no {name}, and {REQUIRE} is set"
            );
            eprintln!("SKIPPED: no {name}");
            return None;
        };
        let folder = tempfile::tempdir_in(parent).unwrap();
        if matches!(kind, Kind::Versitygw | Kind::S3sFs) {
            std::fs::create_dir(folder.path().join(BUCKET)).unwrap();
        }
        let (process, port) = launch(kind, &program, folder.path(), 0);
        let store = Self {
            kind,
            process,
            port,
            folder,
        };
        store.wait();
        match kind {
            Kind::Versitygw | Kind::S3sFs => {}
            Kind::Azurite => store.make_container(),
            Kind::Moto => store.ask("PUT", &format!("/{BUCKET}"), "", "HTTP/1.1 200"),
        }
        Some(store)
    }

    /// Returns where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    /// Returns the folder of the bucket's objects.
    pub(crate) fn objects(&self) -> PathBuf {
        self.folder.path().join(BUCKET)
    }

    /// Kills the server without a chance to tidy up.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Starts it again on the same port, with the same objects.
    pub(crate) fn restart(&mut self) {
        let program = find("versitygw").unwrap();
        let (process, _) = launch(self.kind, &program, self.folder.path(), self.port);
        self.process = process;
        self.wait();
    }

    /// Waits until the server answers.
    fn wait(&self) {
        let start = Instant::now();
        while TcpStream::connect(self.address()).is_err() {
            assert!(start.elapsed() < PATIENCE, "the server is not ready");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Makes the container, as Azure calls a bucket.
    fn make_container(&self) {
        let date = "Thu, 01 Feb 2024 10:00:00 GMT";
        let signed = format!(
            "PUT\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:{date}\nx-ms-version:2021-08-06\n/{ACCOUNT}/{ACCOUNT}/{BUCKET}\nrestype:container"
        );
        let key = hmac::Key::new(hmac::HMAC_SHA256, &STANDARD.decode(ACCOUNT_KEY).unwrap());
        let signature = STANDARD.encode(hmac::sign(&key, signed.as_bytes()));
        let headers = format!(
            "x-ms-date: {date}\r\nx-ms-version: 2021-08-06\r\nAuthorization: SharedKey {ACCOUNT}:{signature}\r\n"
        );
        let path = format!("/{ACCOUNT}/{BUCKET}?restype=container");
        self.ask("PUT", &path, &headers, "HTTP/1.1 201");
    }

    /// Sends a request without a body.
    fn ask(&self, method: &str, path: &str, headers: &str, expected: &str) {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n",
            self.address()
        );
        let mut stream = TcpStream::connect(self.address()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with(expected), "{answer}");
    }
}

/// Starts a server. Those that can choose a port say which.
fn launch(kind: Kind, program: &Path, folder: &Path, port: u16) -> (Child, u16) {
    let mut command = Command::new(program);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    match kind {
        Kind::Versitygw => {
            let port = if port == 0 { free_port() } else { port };
            command
                .args(["--access", KEY_ID, "--secret", SECRET, "--quiet", "--port"])
                .arg(format!("127.0.0.1:{port}"))
                .arg("posix")
                .arg(folder)
                .stdout(Stdio::null());
            (command.spawn().unwrap(), port)
        }
        Kind::Moto => {
            let port = free_port();
            command
                .args(["-H", "127.0.0.1", "-p", &port.to_string()])
                .stdout(Stdio::null());
            (command.spawn().unwrap(), port)
        }
        Kind::S3sFs => {
            command
                .args([
                    "--host",
                    "127.0.0.1",
                    "--port",
                    "0",
                    "--access-key",
                    KEY_ID,
                    "--secret-key",
                    SECRET,
                ])
                .arg(folder)
                .env("RUST_LOG", "s3s_fs=info");
            announced(command)
        }
        Kind::Azurite => {
            command
                .args([
                    "--blobPort",
                    "0",
                    "--skipApiVersionCheck",
                    "--disableTelemetry",
                    "--silent",
                    "--location",
                ])
                .arg(folder);
            announced(command)
        }
    }
}

/// Starts a server that says where it listens.
fn announced(mut command: Command) -> (Child, u16) {
    let mut process = command.spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let port = loop {
        let line = lines.next().expect("a line with the address").unwrap();
        let Some((_, rest)) = line.split_once("http://127.0.0.1:") else {
            continue;
        };
        let digits = rest.chars().take_while(char::is_ascii_digit);
        break digits.collect::<String>().parse().unwrap();
    };
    // Nobody may be stopped by a full pipe.
    std::thread::spawn(move || lines.for_each(drop));
    (process, port)
}

/// Returns a port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Finds a program on PATH.
fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

/// What a proxy does with the next answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Passes on so many bytes of it, and cuts the connection.
    Cut(usize),
    /// Passes it on after this time.
    Delay(Duration),
}

/// A proxy that counts connections. versitygw closes each after one answer, so that they are the requests.
pub(crate) struct Proxy {
    /// Where it listens.
    address: SocketAddr,
    /// How many connections there were.
    count: Arc<AtomicUsize>,
    /// What to do with the next answers; the last first.
    faults: Arc<Mutex<Vec<Fault>>>,
}

impl Proxy {
    /// Starts a proxy in front of a server.
    pub(crate) fn start(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (count, faults) = (
            Arc::<AtomicUsize>::default(),
            Arc::<Mutex<Vec<Fault>>>::default(),
        );
        let (counted, planned) = (Arc::clone(&count), Arc::clone(&faults));
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let client = client?;
                counted.fetch_add(1, Ordering::SeqCst);
                let fault = planned.lock().unwrap_or_else(PoisonError::into_inner).pop();
                std::thread::spawn(move || drop(pass_on(client, server, fault)));
            }
            Ok::<(), std::io::Error>(())
        });
        Self {
            address,
            count,
            faults,
        }
    }

    /// Returns where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns how many requests there were since this was asked last.
    pub(crate) fn count(&self) -> usize {
        self.count.swap(0, Ordering::SeqCst)
    }

    /// Plans what to do with the next answers, in this order.
    pub(crate) fn plan(&self, faults: impl IntoIterator<Item = Fault>) {
        let mut planned: Vec<Fault> = faults.into_iter().collect();
        planned.reverse();
        *self.faults.lock().unwrap_or_else(PoisonError::into_inner) = planned;
    }
}

/// Passes on one connection.
fn pass_on(client: TcpStream, server: SocketAddr, fault: Option<Fault>) -> std::io::Result<()> {
    let upstream = TcpStream::connect(server)?;
    let (mut from_client, mut to_server) = (client.try_clone()?, upstream.try_clone()?);
    std::thread::spawn(move || {
        // Either side may end first.
        drop(std::io::copy(&mut from_client, &mut to_server));
    });
    let (mut from_server, mut to_client) = (upstream, client);
    match fault {
        None => {
            std::io::copy(&mut from_server, &mut to_client)?;
        }
        Some(Fault::Cut(most)) => {
            let mut answer = Vec::new();
            from_server.read_to_end(&mut answer)?;
            answer.truncate(most);
            to_client.write_all(&answer)?;
        }
        Some(Fault::Delay(time)) => {
            std::thread::sleep(time);
            std::io::copy(&mut from_server, &mut to_client)?;
        }
    }
    to_client.shutdown(std::net::Shutdown::Both)
}
