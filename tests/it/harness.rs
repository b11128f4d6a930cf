//! Runs the program in a folder of its own, with nothing of this process's environment but PATH.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::LazyLock;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use regex::Regex;
use serde_json::Value;
use tempfile::TempDir;

/// The formats of `--output` that programs read.
pub(crate) const MACHINE_FORMATS: [&str; 3] = ["json", "yaml", "keptn-event"];

/// An SLO with one objective: 500 passes, 700 is a warning, 900 fails.
pub(crate) const SLO: &str = r#"spec_version: "1.0"
objectives:
  - sli: response_time
    pass:
      - criteria: ["<600"]
    warning:
      - criteria: ["<800"]
total_score: { pass: "90%", warning: "50%" }
"#;

/// The query that goes with [`SLO`].
pub(crate) const SLI: &str = "indicators:\n  response_time: up\n";

/// A call of the program, being put together.
pub(crate) struct Gate {
    /// The folder that the program works in.
    folder: TempDir,
    /// Its path, without links.
    path: PathBuf,
    /// The environment.
    environment: Vec<(String, String)>,
    /// What is typed.
    args: Vec<OsString>,
    /// What stdin says.
    stdin: String,
}

impl Gate {
    /// Starts in an empty folder.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap();
        Self {
            folder,
            path,
            environment: Vec::new(),
            args: Vec::new(),
            stdin: String::new(),
        }
    }

    /// Starts with [`SLO`] and a value for it, evaluated in memory: `Gate::of_value(500.0)` passes.
    pub(crate) fn of_value(value: f64) -> Self {
        Self::new()
            .file("slo.yaml", SLO)
            .file(
                "values.json",
                serde_json::json!({"response_time": value}).to_string(),
            )
            .args(["evaluate", "--values", "values.json"])
            .args(["--event-log", "memory:"])
    }

    /// Starts with [`SLO`], [`SLI`] and a Prometheus at a URL, which is asked once only.
    pub(crate) fn of_server(url: &str) -> Self {
        let config =
            format!("providers: {{prometheus: {{url: '{url}', retry: {{attempts: 1}}}}}}\n");
        Self::new()
            .file("slo.yaml", SLO)
            .file("sli.yaml", SLI)
            .file("tidegate.yaml", config)
            .args(["evaluate", "--event-log", "memory:"])
    }

    /// Writes a file, and the folders above it.
    pub(crate) fn file(self, path: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.path.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    /// Sets a variable.
    pub(crate) fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    /// Adds words to the command line.
    pub(crate) fn args<T: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = T>) -> Self {
        self.args
            .extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// Says something on stdin.
    pub(crate) fn stdin(mut self, text: impl Into<String>) -> Self {
        self.stdin = text.into();
        self
    }

    /// Returns a path in the folder.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.path.join(path)
    }

    /// Tells whether a file is in the folder.
    pub(crate) fn exists(&self, path: &str) -> bool {
        self.path.join(path).exists()
    }

    /// Reads a file of the folder.
    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap()
    }

    /// Waits until a file of the folder holds a text.
    #[track_caller]
    pub(crate) fn wait_for(&self, path: &str, text: &str) {
        let start = Instant::now();
        loop {
            let now = std::fs::read_to_string(self.path(path)).unwrap_or_default();
            if now == text {
                return;
            }
            assert!(start.elapsed() < Duration::from_secs(60), "{path}: {now}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self) -> Answer {
        self.run_with::<&str>([])
    }

    /// Runs the program to its end, with more words on the command line.
    pub(crate) fn run_with<T: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = T>) -> Answer {
        let mut command = self.command(Path::new(env!("CARGO_BIN_EXE_tidegate")));
        command.args(&self.args).args(args);
        Running::start(command, &self.stdin, &self.path).wait()
    }

    /// Runs a line of shell in which `"$@"` stands for the call.
    pub(crate) fn run_in_shell(&self, script: &str) -> Answer {
        let mut command = self.command(Path::new("sh"));
        command
            .args(["-c", script, "sh", env!("CARGO_BIN_EXE_tidegate")])
            .args(&self.args);
        Running::start(command, &self.stdin, &self.path).wait()
    }

    /// Starts the program.
    pub(crate) fn start(&self) -> Running {
        self.start_with::<&str>([])
    }

    /// Starts the program, with more words on the command line.
    pub(crate) fn start_with<T: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = T>) -> Running {
        let mut command = self.command(Path::new(env!("CARGO_BIN_EXE_tidegate")));
        command.args(&self.args).args(args);
        Running::start(command, &self.stdin, &self.path)
    }

    /// Runs the program in every format, checks that there is no verdict but this code, which machine formats say on
    /// stdout too, and returns what a person reads.
    #[track_caller]
    pub(crate) fn refused(&self, code: i32) -> Answer {
        for format in MACHINE_FORMATS {
            self.run_with(["--output", format])
                .code(code)
                .says_its_code(format);
        }
        self.run().code(code).says_nothing()
    }

    /// Prepares a command in the folder.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.folder.path())
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }
}

/// The program while it runs.
pub(crate) struct Running {
    /// The process.
    child: Child,
    /// The folder that it works in.
    folder: PathBuf,
}

impl Running {
    /// Starts a command, and tells it on stdin what it is to hear.
    fn start(mut command: Command, stdin: &str, folder: &Path) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that does not listen is fine.
        drop(child.stdin.take().unwrap().write_all(stdin.as_bytes()));
        Self {
            child,
            folder: folder.to_owned(),
        }
    }

    /// Sends a signal, such as `INT`.
    pub(crate) fn signal(self, name: &str) -> Self {
        let line = format!("kill -{name} {}", self.child.id());
        let status = Command::new("sh").args(["-c", &line]).status().unwrap();
        assert!(status.success(), "{line}");
        self
    }

    /// Returns the lines of stdout as they come.
    pub(crate) fn stdout_lines(&mut self) -> Lines {
        Lines::of(self.child.stdout.take().unwrap())
    }

    /// Returns the lines of stderr as they come.
    pub(crate) fn stderr_lines(&mut self) -> Lines {
        Lines::of(self.child.stderr.take().unwrap())
    }

    /// Waits for the end of a process that was killed.
    pub(crate) fn reap(mut self) {
        self.child.wait().unwrap();
    }

    /// Waits for the end.
    pub(crate) fn wait(self) -> Answer {
        let output = self.child.wait_with_output().unwrap();
        Answer {
            output,
            folder: self.folder,
        }
    }
}

/// The lines of a stream as they come.
pub(crate) struct Lines(Receiver<String>);

impl Lines {
    /// Reads a stream until it ends.
    fn of(stream: impl Read + Send + 'static) -> Self {
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self(receiver)
    }

    /// Waits for a line that holds a text.
    #[track_caller]
    pub(crate) fn wait_for(&self, text: &str) -> String {
        let patience = Duration::from_secs(60);
        let mut seen = String::new();
        loop {
            match self.0.recv_timeout(patience) {
                Ok(line) if line.contains(text) => return line,
                Ok(line) => seen.extend([line.as_str(), "\n"]),
                Err(error) => panic!("no `{text}` ({error}) in:\n{seen}"),
            }
        }
    }
}

/// What the program said, and how it ended.
pub(crate) struct Answer {
    /// What came.
    output: Output,
    /// The folder that it worked in.
    folder: PathBuf,
}

impl Answer {
    /// Returns the exit code.
    pub(crate) fn exit_code(&self) -> i32 {
        self.output.status.code().unwrap()
    }

    /// Checks the exit code.
    #[track_caller]
    pub(crate) fn code(self, code: i32) -> Self {
        let Output { status, .. } = &self.output;
        assert_eq!(
            status.code(),
            Some(code),
            "{status}\nstdout: {}\nstderr: {}",
            self.raw_stdout(),
            self.raw_stderr()
        );
        self
    }

    /// Checks that stdout is empty.
    #[track_caller]
    pub(crate) fn says_nothing(self) -> Self {
        assert_eq!(self.raw_stdout(), "");
        self
    }

    /// Checks that stdout is one document of a machine format, with an error that has the exit code and a message.
    #[track_caller]
    pub(crate) fn says_its_code(&self, format: &str) {
        let document = self.document(format);
        let code = i64::from(self.output.status.code().unwrap());
        let error = &document["error"];
        assert_eq!(error["code"], code, "{document}");
        assert_ne!(error["message"].as_str(), Some(""), "{document}");
        assert!(error["message"].is_string(), "{document}");
        assert!(error["name"].is_string(), "{document}");
        assert!(error["problems"].is_array(), "{document}");
    }

    /// Parses stdout, which must be exactly one document of a machine format.
    #[track_caller]
    pub(crate) fn document(&self, format: &str) -> Value {
        let text = self.raw_stdout();
        let parsed = match format {
            "yaml" => serde_saphyr::from_str(&text).map_err(|error| error.to_string()),
            _ => serde_json::from_str(&text).map_err(|error| error.to_string()),
        };
        parsed.unwrap_or_else(|error| panic!("{error} in {format}:\n{text}\n{}", self.raw_stderr()))
    }

    /// Parses stdout as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        self.document("json")
    }

    /// Returns stdout as it came.
    pub(crate) fn raw_stdout(&self) -> String {
        String::from_utf8(self.output.stdout.clone()).unwrap()
    }

    /// Returns stderr as it came.
    pub(crate) fn raw_stderr(&self) -> String {
        String::from_utf8(self.output.stderr.clone()).unwrap()
    }

    /// Returns stdout without what differs from run to run.
    pub(crate) fn stdout(&self) -> String {
        steady(&self.raw_stdout(), &self.folder)
    }

    /// Returns stderr without what differs from run to run.
    pub(crate) fn stderr(&self) -> String {
        steady(&self.raw_stderr(), &self.folder)
    }
}

/// What differs from run to run, and what is shown instead.
static UNSTEADY: LazyLock<[(Regex, &str); 4]> = LazyLock::new(|| {
    let pattern = |pattern| Regex::new(pattern).unwrap();
    [
        (
            pattern(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
            "[id]",
        ),
        (
            pattern(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z"),
            "[time]",
        ),
        (pattern(r"(127\.0\.0\.1|localhost):\d+"), "$1:[port]"),
        (pattern(r"\d+(\.\d+)? ?ms\b"), "[ms]"),
    ]
});

/// Replaces what differs from run to run.
fn steady(text: &str, folder: &Path) -> String {
    let text = text.replace(&folder.display().to_string(), "[folder]");
    let name = folder.file_name().unwrap().to_string_lossy().into_owned();
    UNSTEADY
        .iter()
        .fold(text.replace(&name, "[name]"), |text, (pattern, shown)| {
            pattern.replace_all(&text, *shown).into_owned()
        })
}
