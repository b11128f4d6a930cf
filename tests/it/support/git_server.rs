//! A git server on this machine: repositories that a token opens over HTTP, by git's own `http-backend`.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use tempfile::TempDir;

/// A server with one repository, `shop.git`. Its threads end with the process.
pub(crate) struct GitServer {
    /// Its repositories, and the folders of people who work with them.
    folder: TempDir,
    /// Where it listens.
    address: SocketAddr,
}

impl GitServer {
    /// Tells whether git can serve repositories here; it has to where everything that tests need is installed.
    pub(crate) fn is_possible() -> bool {
        let asked = Command::new("git").arg("--exec-path").output();
        let folder = asked
            .ok()
            .and_then(|output| String::from_utf8(output.stdout).ok());
        let program = folder.map(|folder| Path::new(folder.trim()).join("git-http-backend"));
        let is_there = program.is_some_and(|program| program.exists());
        assert!(
            is_there || std::env::var_os("TIDEGATE_REQUIRE_SERVERS").is_none(),
            "git http-backend is not installed"
        );
        if !is_there {
            eprintln!("skipped: git http-backend is not installed");
        }
        is_there
    }

    /// Starts a server that a user with a token may use.
    pub(crate) fn start(user: &str, token: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let wanted = format!(
            "authorization: basic {}",
            BASE64_STANDARD.encode(format!("{user}:{token}"))
        );
        let wanted: Arc<str> = wanted.into();
        let root = folder.path().to_owned();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (root, wanted) = (root.clone(), Arc::clone(&wanted));
                std::thread::spawn(move || answer(&stream, &root, &wanted));
            }
        });
        let server = Self { folder, address };
        server.git("", &["init", "-q", "--bare", "-b", "main", "shop.git"]);
        server
    }

    /// Returns the URL of the repository.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/shop.git", self.address)
    }

    /// Runs git in a folder of somebody.
    pub(crate) fn git(&self, folder: &str, words: &[&str]) -> String {
        let who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"];
        let mut command = Command::new("git");
        isolated(&mut command);
        command.current_dir(self.path(folder)).args(who).args(words);
        let output = command.output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {words:?}: {told}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Returns a path in its folder.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }
}

/// Lets git see nothing of whoever runs the tests.
fn isolated(command: &mut Command) {
    let variables = std::env::vars_os();
    for (name, _) in variables.filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
        command.env_remove(name);
    }
    command
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null");
}

/// A request.
struct Request {
    /// The method, the path and the query.
    target: [String; 3],
    /// The headers, each with its name in small letters.
    headers: Vec<String>,
    /// The body.
    body: Vec<u8>,
}

impl Request {
    /// Reads a request; `None` where nothing comes.
    fn read(stream: &TcpStream) -> Option<Self> {
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        let mut words = line.split_whitespace();
        let (method, path) = (words.next()?.to_owned(), words.next()?);
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let target = [method, path.to_owned(), query.to_owned()];
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(':') else {
                break;
            };
            headers.push(format!("{}:{value}", name.to_ascii_lowercase()));
        }
        let mut request = Self {
            target,
            headers,
            body: Vec::new(),
        };
        let length = request.header("content-length").parse().unwrap_or(0);
        request.body.resize(length, 0);
        stream.read_exact(&mut request.body).ok()?;
        Some(request)
    }

    /// Returns a header; "" where there is none.
    fn header(&self, name: &str) -> &str {
        let mut values = self.headers.iter().filter_map(|header| {
            let (found, value) = header.split_once(':')?;
            (found == name).then_some(value.trim())
        });
        values.next().unwrap_or_default()
    }
}

/// Answers one request, and closes the connection.
fn answer(mut stream: &TcpStream, root: &Path, wanted: &str) {
    let Some(request) = Request::read(stream) else {
        return;
    };
    // The token is compared as it is; the word before it may be written anyhow.
    let given = request.header("authorization");
    let given = given.split_once(' ').map_or("", |(_, token)| token);
    let is_known = wanted.rsplit(' ').next() == Some(given);
    let answer = if is_known {
        backend(&request, root)
    } else {
        b"Status: 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"git\"\r\n\r\n".to_vec()
    };
    let text = String::from_utf8_lossy(&answer);
    let status = text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("Status: "));
    let status = status.unwrap_or("200 OK");
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\n");
    // Whoever asked may have gone.
    drop(stream.write_all(&[head.as_bytes(), &answer].concat()));
}

/// Lets git answer.
fn backend(request: &Request, root: &Path) -> Vec<u8> {
    let [method, path, query] = &request.target;
    let mut command = Command::new("git");
    isolated(&mut command);
    let mut child = command
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("REMOTE_USER", "somebody")
        .env("REQUEST_METHOD", method)
        .env("PATH_INFO", path)
        .env("QUERY_STRING", query)
        .env("CONTENT_TYPE", request.header("content-type"))
        .env("CONTENT_LENGTH", request.body.len().to_string())
        .env("HTTP_CONTENT_ENCODING", request.header("content-encoding"))
        .env("GIT_PROTOCOL", request.header("git-protocol"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let body = request.body.clone();
    let writing = std::thread::spawn(move || input.write_all(&body));
    let output = child.wait_with_output().unwrap();
    // It need not read everything.
    drop(writing.join());
    output.stdout
}
