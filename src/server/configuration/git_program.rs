//! The program `git`, run so that nothing of the repository or the machine runs along: no shell, no hooks, no prompts,
//! no configuration of others, only the protocols that are allowed, and never longer than it may take.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};

use super::git_key::KeyFile;
use super::repository::RepositoryError;
use super::upstream::Upstream;

/// The most bytes of an answer.
const MOST_OUTPUT: u64 = 64 * 1024 * 1024;
/// The most bytes of what it says on the side.
const MOST_TALK: u64 = 64 * 1024;
/// The most characters of it that are told.
const MOST_REASON: usize = 500;

/// Variables of others that would change what git does.
const FOREIGN: [&str; 24] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_COUNT",
    "GIT_TEMPLATE_DIR",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_ASKPASS",
    "SSH_ASKPASS",
    "GIT_PROXY_COMMAND",
    "GIT_EXTERNAL_DIFF",
    "GIT_TRACE",
    "GIT_TRACE_CURL",
    "GIT_TRACE_PACKET",
    "GIT_TRACE_SETUP",
    "GIT_TRACE2",
    "GIT_TRACE2_EVENT",
    "GIT_CURL_VERBOSE",
];

/// Settings that hold for every call.
const SETTINGS: [(&str, &str); 12] = [
    ("core.hooksPath", "/dev/null"),
    ("core.fsync", "all"),
    ("core.symlinks", "false"),
    ("core.askPass", ""),
    ("credential.helper", ""),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("fetch.recurseSubmodules", "false"),
    ("transfer.fsckObjects", "true"),
    ("http.followRedirects", "false"),
    ("http.lowSpeedLimit", "100"),
    ("http.lowSpeedTime", "20"),
];

/// The program and its limits.
#[derive(Clone, Debug)]
pub struct GitProgram {
    /// The program: `git`, or a path.
    pub program: String,
    /// How long one call may take.
    pub patience: Duration,
    /// The protocols that may be spoken, divided by colons: `https:http:ssh`.
    pub protocols: String,
}

/// One call.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// The repository.
    pub folder: &'a Path,
    /// The arguments; none of them is a secret.
    pub arguments: Vec<&'a str>,
    /// What it reads.
    pub input: &'a [u8],
    /// Where it goes to.
    pub upstream: Option<&'a Upstream>,
}

/// What came of a call.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Whether it ended well.
    pub is_ok: bool,
    /// What it answered.
    pub output: Vec<u8>,
    /// What it said on the side, without secrets.
    pub talk: String,
}

impl Default for GitProgram {
    fn default() -> Self {
        Self {
            program: "git".to_owned(),
            patience: Duration::from_secs(60),
            protocols: "https:http:ssh".to_owned(),
        }
    }
}

impl GitProgram {
    /// Makes a call; one that ends badly is no error here.
    pub async fn call(&self, call: &Call<'_>) -> Result<Outcome, RepositoryError> {
        let key = KeyFile::of(call.upstream, call.folder)?;
        let mut command = self.command(call, key.as_ref());
        let child = command
            .spawn()
            .map_err(|_absent| RepositoryError::NoGit(self.program.clone()))?;
        let conversation = tokio::time::timeout(self.patience, converse(child, call.input));
        let name = call.arguments.first().copied().unwrap_or_default();
        let failure = |reason: String| RepositoryError::Git {
            command: name.to_owned(),
            reason,
        };
        let spoken = conversation.await.map_err(|_elapsed| {
            failure(format!("it took longer than {} s", self.patience.as_secs()))
        })?;
        let (is_ok, output, talk) = spoken.map_err(|error| failure(error.to_string()))?;
        let talk = String::from_utf8_lossy(&talk);
        let talk = call.upstream.map_or_else(
            || talk.clone().into_owned(),
            |upstream| upstream.redact(&talk),
        );
        Ok(Outcome {
            is_ok,
            output,
            talk: plain(&talk),
        })
    }

    /// Makes a call that has to end well; returns what it answers.
    pub async fn ask(&self, call: &Call<'_>) -> Result<Vec<u8>, RepositoryError> {
        let outcome = self.call(call).await?;
        if outcome.is_ok {
            return Ok(outcome.output);
        }
        Err(RepositoryError::Git {
            command: call
                .arguments
                .first()
                .copied()
                .unwrap_or_default()
                .to_owned(),
            reason: outcome.talk,
        })
    }

    /// Builds the command.
    fn command(&self, call: &Call<'_>, key: Option<&KeyFile>) -> Command {
        let mut command = Command::new(&self.program);
        for name in FOREIGN {
            command.env_remove(name);
        }
        let certificate = certificate(call);
        let own = call.upstream.map(Upstream::settings).unwrap_or_default();
        let fixed = SETTINGS.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let settings: Vec<_> = fixed.into_iter().chain(own).chain(certificate).collect();
        command.env("GIT_CONFIG_COUNT", settings.len().to_string());
        for (index, (name, value)) in settings.iter().enumerate() {
            command.env(format!("GIT_CONFIG_KEY_{index}"), name);
            command.env(format!("GIT_CONFIG_VALUE_{index}"), value);
        }
        if let Some(key) = key {
            command.env("GIT_SSH_COMMAND", key.ssh_command());
        }
        command
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ALLOW_PROTOCOL", &self.protocols)
            .env("GIT_LITERAL_PATHSPECS", "1")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("LC_ALL", "C")
            .current_dir(call.folder)
            .arg("--git-dir=.")
            .args(&call.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }
}

/// The file with the certificate of an upstream's authority, in the folder of the repository.
pub const CERTIFICATE: &str = "upstream.pem";

/// Returns the setting that names the certificate of the upstream's authority.
fn certificate(call: &Call<'_>) -> Option<(String, String)> {
    call.upstream?.place.certificate.as_ref()?;
    let path: PathBuf = call.folder.join(CERTIFICATE);
    Some(("http.sslCAInfo".to_owned(), path.display().to_string()))
}

/// Writes, reads, and waits for the end.
async fn converse(mut child: Child, input: &[u8]) -> std::io::Result<(bool, Vec<u8>, Vec<u8>)> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let write = async {
        if let Some(mut stdin) = stdin {
            // Whoever ends early does not read to the end; what it says tells why.
            drop(stdin.write_all(input).await);
            drop(stdin.shutdown().await);
        }
    };
    let ((), output, talk) =
        tokio::join!(write, read(stdout, MOST_OUTPUT), read(stderr, MOST_TALK));
    let (output, talk) = (output?, talk?);
    let status = child.wait().await?;
    Ok((status.success(), output, talk))
}

/// Reads to the end. What is more than may be is an error for an answer.
async fn read(from: Option<impl AsyncRead + Unpin>, most: u64) -> std::io::Result<Vec<u8>> {
    let mut content = Vec::new();
    if let Some(mut from) = from {
        (&mut from).take(most).read_to_end(&mut content).await?;
        let more = tokio::io::copy(&mut from, &mut tokio::io::sink()).await?;
        if more > 0 && most == MOST_OUTPUT {
            return Err(std::io::Error::other("it answers too much"));
        }
    }
    Ok(content)
}

/// Makes a text fit for one line of a message.
fn plain(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let joined = lines.collect::<Vec<_>>().join("; ");
    let shown = joined.chars().filter(|character| !character.is_control());
    shown.take(MOST_REASON).collect()
}
