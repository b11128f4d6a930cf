//! A real PostgreSQL for tests.
//!
//! This file names nothing of the crate: unit tests and integration tests include it alike.
#![expect(
    clippy::disallowed_methods,
    reason = "starts a server in a folder of its own and waits for it by the clock"
)]

use std::ffi::OsStr;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose};

/// How long anything here may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Set where a missing server must fail the tests and not skip them.
const REQUIRE: &str = "TIDEGATE_REQUIRE_SERVERS";
/// The user that the server knows, who owns everything.
pub(crate) const USER: &str = "ann";
/// The user's password.
pub(crate) const PASSWORD: &str = "s3cret p@ss/+";
/// The password, as it stands in a URL.
pub(crate) const PASSWORD_IN_URL: &str = "s3cret%20p%40ss%2F%2B";

/// A certificate and its key, in PEM.
pub(crate) struct Certificate {
    /// The certificate.
    pub certificate: String,
    /// The key.
    pub key: String,
}

impl Certificate {
    /// Makes an authority, in PEM, and a certificate of it for a name.
    pub(crate) fn of(name: &str) -> (String, Self) {
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let issuer =
            CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let parameters = CertificateParams::new([name.to_owned()]).unwrap();
        let certificate = parameters.signed_by(&key, &issuer).unwrap();
        let pair = Self {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        };
        (issuer.pem(), pair)
    }
}

/// A PostgreSQL on a free port of this machine, and on a Unix socket.
pub(crate) struct Postgres {
    /// The server.
    process: Child,
    /// Where it listens.
    port: u16,
    /// Where its programs are.
    programs: PathBuf,
    /// Its data, its socket.
    folder: tempfile::TempDir,
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // A server that is gone already is fine.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Postgres {
    /// Starts a server and waits until it is ready. `None`, and a line on stderr, where there is none to start.
    pub(crate) fn start(tls: Option<&Certificate>) -> Option<Self> {
        Self::start_in(&std::env::temp_dir(), tls)
    }

    /// Starts a server whose data lie below a folder.
    pub(crate) fn start_in(parent: &Path, tls: Option<&Certificate>) -> Option<Self> {
        let Some(programs) = programs() else {
            assert!(
                std::env::var_os(REQUIRE).is_none(),
                "there is no PostgreSQL below /usr/lib/postgresql, and {REQUIRE} is set"
            );
            eprintln!("SKIPPED: no PostgreSQL below /usr/lib/postgresql");
            return None;
        };
        let folder = tempfile::tempdir_in(parent).unwrap();
        std::fs::write(folder.path().join("password"), PASSWORD).unwrap();
        if let Some(Certificate { certificate, key }) = tls {
            write_private(&folder.path().join("server.crt"), certificate);
            write_private(&folder.path().join("server.key"), key);
        }
        give_away(folder.path());
        let data = folder.path().join("data");
        let made = as_nobody_special(&programs.join("initdb"))
            .arg("-D")
            .arg(&data)
            .args([
                "-N",
                "-E",
                "UTF8",
                "--locale=C",
                "-A",
                "scram-sha-256",
                "-U",
                USER,
                "--pwfile",
            ])
            .arg(folder.path().join("password"))
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        let port = free_port();
        let server = Self {
            process: launch(&programs, folder.path(), port),
            port,
            programs,
            folder,
        };
        server.wait();
        Some(server)
    }

    /// Returns the URL for the user.
    pub(crate) fn url(&self) -> String {
        self.url_of(USER, PASSWORD_IN_URL)
    }

    /// Returns the URL for a user.
    pub(crate) fn url_of(&self, user: &str, password: &str) -> String {
        format!(
            "postgres://{user}:{password}@127.0.0.1:{}/postgres",
            self.port
        )
    }

    /// Returns the port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Returns the folder of the socket.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Kills the server, and waits until it is gone.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Starts the server again after it was killed, as often as its remains are in the way.
    pub(crate) fn restart(&mut self) {
        let start = Instant::now();
        loop {
            self.process = launch(&self.programs, self.folder.path(), self.port);
            while self.process.try_wait().unwrap().is_none() {
                if self.is_ready() {
                    return;
                }
                assert!(start.elapsed() < PATIENCE, "the server does not come back");
                std::thread::sleep(Duration::from_millis(50));
            }
            assert!(start.elapsed() < PATIENCE, "the server does not come back");
        }
    }

    /// Runs statements as the user, and returns what they print.
    pub(crate) fn execute(&self, statements: &str) -> String {
        let mut child = Command::new(self.programs.join("psql"))
            .args([
                "-q",
                "-X",
                "-A",
                "-t",
                "-v",
                "ON_ERROR_STOP=1",
                "-h",
                "127.0.0.1",
                "-U",
                USER,
                "-d",
                "postgres",
                "-p",
            ])
            .arg(self.port.to_string())
            .env("PGPASSWORD", PASSWORD)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(statements.as_bytes()).unwrap();
        drop(stdin);
        let Output {
            status,
            stdout,
            stderr,
        } = child.wait_with_output().unwrap();
        assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).unwrap()
    }

    /// Tells whether the server answers.
    fn is_ready(&self) -> bool {
        let ready = Command::new(self.programs.join("pg_isready"))
            .args(["-q", "-h", "127.0.0.1", "-p"])
            .arg(self.port.to_string())
            .status()
            .unwrap();
        ready.success()
    }

    /// Waits until the server answers.
    fn wait(&self) {
        let start = Instant::now();
        loop {
            if self.is_ready() {
                return;
            }
            let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(start.elapsed() < PATIENCE, "the server is not ready: {log}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Returns a port that nobody uses at the moment.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Starts the server on a port that was free a moment ago.
fn launch(programs: &Path, folder: &Path, port: u16) -> Child {
    let log = std::fs::File::create(folder.join("log")).unwrap();
    let mut command = as_nobody_special(&programs.join("postgres"));
    command
        .arg("-D")
        .arg(folder.join("data"))
        .args([
            "-h",
            "127.0.0.1",
            "-c",
            "fsync=off",
            "-c",
            "max_connections=20",
            "-p",
        ])
        .arg(port.to_string())
        .arg("-k")
        .arg(folder)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log);
    if folder.join("server.key").exists() {
        let setting = |name: &str, file: &str| format!("{name}={}", folder.join(file).display());
        command.args([
            "-c",
            "ssl=on",
            "-c",
            &setting("ssl_cert_file", "server.crt"),
        ]);
        command.args(["-c", &setting("ssl_key_file", "server.key")]);
    }
    command.spawn().unwrap()
}

/// Returns the folder with the server's programs.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<PathBuf> = versions
        .flatten()
        .map(|version| version.path().join("bin"))
        .filter(|programs| programs.join("initdb").exists())
        .collect();
    found.sort();
    found.pop()
}

/// Tells whether root runs the tests; the server refuses to be root.
fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout == b"0\n"
}

/// Starts a command as a user who is not root.
fn as_nobody_special(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    let words: [&OsStr; 4] = [
        "--reuid=postgres".as_ref(),
        "--regid=postgres".as_ref(),
        "--clear-groups".as_ref(),
        program.as_os_str(),
    ];
    command.args(words);
    command
}

/// Gives a folder to the user of the server, where that is not the user of the tests.
fn give_away(folder: &Path) {
    if is_root() {
        let status = Command::new("chown")
            .args(["-R", "postgres:postgres"])
            .arg(folder)
            .status()
            .unwrap();
        assert!(status.success());
    }
}

/// Writes a file that only its owner may read.
fn write_private(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}
