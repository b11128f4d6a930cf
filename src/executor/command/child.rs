//! One run of a command.

use std::io::{self, ErrorKind};
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::ears::Ears;
use super::settings::CommandSettings;
use crate::process::Group;

/// How long a command may take to end after it was asked to.
const GRACE: Duration = Duration::from_secs(5);
/// How long is listened on after its end, where something that it left behind holds its outputs open.
const ECHO: Duration = Duration::from_secs(1);

/// A command to run.
pub(super) struct Run<'a> {
    /// The file of the program.
    pub(super) program: &'a Path,
    /// How to run it.
    pub(super) settings: &'a CommandSettings,
    /// What tells it of the task.
    pub(super) variables: Vec<(String, String)>,
    /// What it reads.
    pub(super) stdin: &'a [u8],
}

/// How a run ended.
#[derive(Debug)]
pub(super) enum End {
    /// By itself.
    Exited(ExitStatus),
    /// It took too long, and was ended.
    TimedOut,
    /// It could not be started.
    NotStarted(String),
}

impl Run<'_> {
    /// Runs the command to its end, or ends it. Dropping the future ends it at once.
    pub(super) async fn finish(self, stdout: &mut Ears<'_>, stderr: &mut Ears<'_>) -> End {
        let mut child = match self.start() {
            Ok(child) => child,
            Err(error) => return End::NotStarted(self.excuse(&error)),
        };
        let group = Group::of(&child);
        let limit = self.settings.timeout;
        let exchange = exchange(&mut child, self.stdin, stdout, stderr);
        tokio::pin!(exchange);
        match timeout(limit, &mut exchange).await {
            Ok(Ok(status)) => {
                // What it left running on purpose, such as a server that it deployed, stays.
                group.release();
                End::Exited(status)
            }
            Ok(Err(error)) => End::NotStarted(format!("it can't be waited for: {}", words(&error))),
            Err(_elapsed) => {
                group.terminate();
                drop(timeout(GRACE, exchange).await);
                End::TimedOut
            }
        }
    }

    /// Starts the command, in a group of processes of its own.
    fn start(&self) -> io::Result<Child> {
        let mut command = Command::new(self.program);
        command
            .args(self.settings.command.iter().skip(1))
            .current_dir(&self.settings.working_directory)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        for (name, value) in &self.settings.environment {
            command.env(name, value.expose());
        }
        for (name, value) in &self.variables {
            command.env(name, value);
        }
        #[cfg(unix)]
        command.process_group(0);
        command.spawn()
    }

    /// Says why the command did not start.
    fn excuse(&self, error: &io::Error) -> String {
        let program = self.program.display();
        let folder = &self.settings.working_directory;
        if error.kind() == ErrorKind::NotFound && !folder.is_dir() {
            return format!(
                "there is no folder `{}` to run it in; see `working_directory`",
                folder.display()
            );
        }
        if error.kind() == ErrorKind::NotFound {
            return format!("there is no program `{program}`{}", self.hint());
        }
        if error.kind() == ErrorKind::PermissionDenied {
            return format!("`{program}` may not be run: make it executable with `chmod +x`");
        }
        format!("`{program}` can't be started: {}", words(error))
    }

    /// Says where a program is looked for.
    fn hint(&self) -> &'static str {
        if self.program.file_name() == Some(self.program.as_os_str()) {
            " on PATH; install it, or write where it is"
        } else {
            "; a relative path starts at the folder of tidegate.yaml"
        }
    }
}

/// Feeds the command, listens to all it says, and waits for its end.
async fn exchange(
    child: &mut Child,
    stdin: &[u8],
    stdout: &mut Ears<'_>,
    stderr: &mut Ears<'_>,
) -> io::Result<ExitStatus> {
    let (input, output, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let feed = async {
        // It need not read what it is told.
        if let Some(mut input) = input
            && input.write_all(stdin).await.is_ok()
        {
            drop(input.shutdown().await);
        }
    };
    let talk = async { tokio::join!(stdout.listen(output), stderr.listen(errors), feed) };
    tokio::pin!(talk);
    let status = tokio::select! {
        _ = &mut talk => return child.wait().await,
        status = child.wait() => status,
    };
    drop(timeout(ECHO, talk).await);
    status
}

/// Returns the words of an error of the operating system, without its number.
fn words(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((words, _)) => words.to_lowercase(),
        None => text,
    }
}
