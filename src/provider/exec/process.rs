//! One run of a program: what it reads, what it prints, how it ends. Whatever it does, time and memory are bounded, and
//! nothing that it started outlives the run.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::timeout;

use crate::net::Secret;
use crate::process::{Group, Tail};

/// How long a program may take to end after it was asked to.
const GRACE: Duration = Duration::from_secs(5);

/// What to run.
pub(super) struct Run<'a> {
    /// The file of the program.
    pub program: &'a Path,
    /// Its arguments.
    pub arguments: Vec<&'a str>,
    /// The folder that it runs in.
    pub folder: &'a Path,
    /// Its environment.
    pub environment: &'a BTreeMap<String, Secret>,
    /// The query, for programs that are asked for one only.
    pub query: Option<&'a str>,
    /// What it reads.
    pub stdin: Vec<u8>,
    /// How long it may take.
    pub limit: Duration,
    /// How much it may print.
    pub max_output: usize,
}

/// A program that ended by itself.
#[derive(Debug)]
pub(super) struct Ended {
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed.
    pub stdout: Vec<u8>,
    /// The end of what it said on stderr.
    pub stderr: Tail,
}

/// A program that could not be run to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum RunError {
    /// There is no such program.
    #[error("there is no program `{}`", .program.display())]
    Missing {
        /// The program.
        program: PathBuf,
    },
    /// It may not be run.
    #[error("`{}` may not be run: make it executable with `chmod +x`", .program.display())]
    NotExecutable {
        /// The program.
        program: PathBuf,
    },
    /// It can't be started.
    #[error("`{}` can't be started: {cause}", .program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// What the operating system says.
        cause: String,
    },
    /// It took too long, and was stopped.
    #[error("it did not end within {limit:?}, and was stopped")]
    TimedOut {
        /// How long it was given.
        limit: Duration,
        /// What it had said on stderr.
        stderr: Tail,
    },
    /// It printed too much, and was stopped.
    #[error("it printed more than {limit} bytes, and was stopped")]
    TooMuch {
        /// How much it may print.
        limit: usize,
    },
    /// What it printed can't be read.
    #[error("its output can't be read: {cause}")]
    Broken {
        /// What the operating system says.
        cause: String,
    },
}

impl Run<'_> {
    /// Runs the program to its end, or ends it.
    pub(super) async fn finish(self) -> Result<Ended, RunError> {
        let (limit, max_output) = (self.limit, self.max_output);
        let mut child = self.start()?;
        let group = Group::of(&child);
        let mut stderr = Tail::default();
        let outcome = {
            let exchange = exchange(&mut child, self.stdin, max_output, &mut stderr);
            tokio::pin!(exchange);
            match timeout(limit, &mut exchange).await {
                Ok(outcome) => Some(outcome),
                Err(_elapsed) => {
                    group.terminate();
                    // What it still prints counts no more; reading on lets it end in order.
                    drop(timeout(GRACE, exchange).await);
                    None
                }
            }
        };
        drop(group);
        match outcome {
            Some(Ok((status, stdout))) => Ok(Ended {
                status,
                stdout,
                stderr,
            }),
            Some(Err(error)) => Err(error),
            None => Err(RunError::TimedOut { limit, stderr }),
        }
    }

    /// Starts the program, in a group of processes of its own.
    fn start(&self) -> Result<Child, RunError> {
        let mut command = Command::new(self.program);
        command
            .args(&self.arguments)
            .current_dir(self.folder)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        for (name, value) in self.environment {
            command.env(name, value.expose());
        }
        if let Some(query) = self.query {
            command.env("TIDEGATE_QUERY", query);
        }
        #[cfg(unix)]
        command.process_group(0);
        command.spawn().map_err(|error| self.excuse(&error))
    }

    /// Says why the program did not start.
    fn excuse(&self, error: &io::Error) -> RunError {
        let program = self.program.to_owned();
        if error.kind() == ErrorKind::NotFound {
            return RunError::Missing { program };
        }
        if error.kind() == ErrorKind::PermissionDenied {
            return RunError::NotExecutable { program };
        }
        RunError::Start {
            program,
            cause: words(error),
        }
    }
}

/// Feeds the program, reads all it says, and waits for its end.
async fn exchange(
    child: &mut Child,
    stdin: Vec<u8>,
    max_output: usize,
    stderr: &mut Tail,
) -> Result<(ExitStatus, Vec<u8>), RunError> {
    let (input, output, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let read = read_capped(output, max_output);
    let drain = async {
        stderr.drain(errors).await;
        Ok(())
    };
    let feed = async {
        feed(input, &stdin).await;
        Ok(())
    };
    let (stdout, (), ()) = tokio::try_join!(read, drain, feed)?;
    let status = child.wait().await.map_err(|error| broken(&error))?;
    Ok((status, stdout))
}

/// Writes what the program is to read. It need not read it.
async fn feed(input: Option<ChildStdin>, bytes: &[u8]) {
    if let Some(mut input) = input
        && input.write_all(bytes).await.is_ok()
    {
        drop(input.shutdown().await);
    }
}

/// Reads to the end, or until it is too much.
async fn read_capped(
    pipe: Option<impl AsyncRead + Unpin>,
    limit: usize,
) -> Result<Vec<u8>, RunError> {
    let mut bytes = Vec::new();
    let Some(pipe) = pipe else {
        return Ok(bytes);
    };
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let read = pipe.take(most).read_to_end(&mut bytes).await;
    read.map_err(|error| broken(&error))?;
    if bytes.len() > limit {
        return Err(RunError::TooMuch { limit });
    }
    Ok(bytes)
}

/// Says that the output can't be read.
fn broken(error: &io::Error) -> RunError {
    RunError::Broken {
        cause: words(error),
    }
}

/// Returns the words of an error of the operating system, without its number.
fn words(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((words, _)) => words.to_lowercase(),
        None => text,
    }
}
