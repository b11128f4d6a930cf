//! A checkout with a service to judge, and a place from which tidegate is downloaded.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::script::{Script, System};
use super::tools::succeed;
use crate::harness::SLO;

/// The version that the recipes name.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A checkout, and a server with a release.
pub(super) struct Workshop {
    /// Both are in here.
    folder: TempDir,
    /// Where releases are.
    url: String,
    /// The checksum of the archive.
    sha256: String,
}

/// How a script ended.
pub(super) struct Ended {
    /// The exit code.
    pub(super) code: Option<i32>,
    /// What stdout and stderr say.
    pub(super) said: String,
}

impl Workshop {
    /// Sets all up; the service's only value is this one.
    pub(super) fn of_value(value: f64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let checkout = folder.path().join("checkout");
        std::fs::create_dir_all(checkout.join("carts")).unwrap();
        std::fs::create_dir_all(checkout.join("home")).unwrap();
        std::fs::write(checkout.join("carts/slo.yaml"), SLO).unwrap();
        let archive = release(folder.path());
        let workshop = Self {
            sha256: checksum(&archive),
            url: serve(std::fs::read(archive).unwrap()),
            folder,
        };
        workshop.measure(value);
        workshop
    }

    /// Measures another value.
    pub(super) fn measure(&self, value: f64) {
        let values = serde_json::json!({"response_time": value}).to_string();
        std::fs::write(self.path("values.json"), values).unwrap();
    }

    /// Returns a path in the checkout.
    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join("checkout").join(path)
    }

    /// Returns where releases are.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Returns the archive's checksum.
    pub(super) fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Runs the script of a recipe: with the pinned release, the service's values, and then what is given.
    pub(super) fn run(&self, system: System, given: &[(&str, &str)]) -> Ended {
        let script = system.script();
        let mut all = vec![
            ("TIDEGATE_SHA256", self.sha256.as_str()),
            ("TIDEGATE_DOWNLOAD_URL", self.url.as_str()),
            ("GATE_FOLDER", "carts"),
            ("GATE_VALUES", "values.json"),
        ];
        all.extend(given);
        self.run_script(&script, &all)
    }

    /// Runs a script in the checkout, with nothing of this process's environment but PATH.
    fn run_script(&self, script: &Script, given: &[(&str, &str)]) -> Ended {
        let file = self.folder.path().join("script");
        std::fs::write(&file, &script.text).unwrap();
        let [shell, options @ ..] = script.shell else {
            panic!("no shell")
        };
        let output = Command::new(shell)
            .args(options)
            .arg(file)
            .current_dir(self.path(""))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.path("home"))
            .env("TMPDIR", self.folder.path())
            .envs(script.environment(given))
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        Ended {
            code: output.status.code(),
            said: said.concat(),
        }
    }
}

/// Packs a release as the real ones are packed; its tidegate starts the one under test.
fn release(folder: &Path) -> PathBuf {
    let target = match std::env::consts::ARCH {
        "x86_64" => "x86_64-unknown-linux-musl",
        "aarch64" => "aarch64-unknown-linux-musl",
        other => panic!("no release for {other}"),
    };
    let name = format!("tidegate-{VERSION}-{target}");
    let program = folder.join(&name).join("tidegate");
    std::fs::create_dir_all(program.parent().unwrap()).unwrap();
    let text = format!(
        "#!/bin/sh\nexec '{}' \"$@\"\n",
        env!("CARGO_BIN_EXE_tidegate")
    );
    std::fs::write(&program, text).unwrap();
    succeed(Command::new("chmod").arg("+x").arg(&program));
    let archive = folder.join(format!("{name}.tar.gz"));
    succeed(
        Command::new("tar")
            .arg("-czf")
            .arg(&archive)
            .arg("-C")
            .arg(folder)
            .arg(&name),
    );
    archive
}

/// Returns the SHA-256 of a file, as a release's `.sha256` says it.
fn checksum(path: &Path) -> String {
    let output = succeed(Command::new("sha256sum").arg(path));
    let text = String::from_utf8(output.stdout).unwrap();
    text.split(' ').next().unwrap().to_owned()
}

/// Serves an archive of [`VERSION`] on this machine, and nothing else; returns where releases are.
fn serve(archive: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let request = lines.next().unwrap().unwrap();
            while lines
                .next()
                .is_some_and(|line| line.is_ok_and(|line| !line.is_empty()))
            {}
            let prefix = format!("GET /releases/v{VERSION}/tidegate-{VERSION}-");
            let (status, body): (_, &[u8]) = if request.starts_with(&prefix) {
                ("200 OK", &archive)
            } else {
                ("404 Not Found", b"no such release")
            };
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
            );
            // Who hangs up does not want it.
            drop(stream.write_all(head.as_bytes()));
            drop(stream.write_all(body));
        }
    });
    format!("http://{address}/releases")
}
