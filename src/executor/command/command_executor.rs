//! The executor that runs a program.

use std::path::PathBuf;
use std::sync::Mutex;

use async_trait::async_trait;

use super::answer::{MOST, Said};
use super::child::Run;
use super::ears::Ears;
use super::event_file::EventFile;
use super::settings::CommandSettings;
use super::variables;
use crate::executor::{Answer, Assignment, Executor, Finish, Voice};
use crate::net::{Redactor, Secret};
use crate::process::{absolute, locate};

/// How many of the last lines of stderr a message repeats.
const LAST_LINES: usize = 5;

/// Carries out tasks by running a program.
pub struct CommandExecutor {
    /// How to run it.
    settings: CommandSettings,
    /// The file of the program.
    program: PathBuf,
    /// The command as the user wrote it.
    command: String,
    /// Where the file with the event goes.
    scratch: PathBuf,
    /// Takes secrets out of what the program says.
    redactor: Redactor,
}

impl CommandExecutor {
    /// The name of every command as an executor.
    pub const NAME: &'static str = "tidegate-command";

    /// Makes a command ready; the file with the event goes below `scratch`. Nothing is run yet.
    #[must_use]
    pub fn new(settings: CommandSettings, scratch: PathBuf) -> Self {
        let redactor = Redactor::new(&settings.secrets);
        let path = settings.environment.get("PATH");
        let name = settings.command.first().map_or("", String::as_str);
        Self {
            program: locate(name, &settings.folder, path.map(Secret::expose)),
            command: redactor.redact(&settings.command.join(" ")),
            settings: CommandSettings {
                working_directory: absolute(&settings.working_directory),
                ..settings
            },
            scratch,
            redactor,
        }
    }

    /// Runs the command.
    async fn run(&self, assignment: &Assignment, voice: &dyn Voice) -> Result<Finish, String> {
        let event = serde_json::to_vec(&assignment.event)
            .map_err(|error| format!("the event can't be written as JSON: {error}"))?;
        let file = EventFile::write(&self.scratch, &event).map_err(|error| {
            format!(
                "the event can't be written to `{}`: {error}",
                self.scratch.display()
            )
        })?;
        let variables =
            variables::of(assignment, file.path()).map_err(|error| error.to_string())?;
        let last = LastLines::new(voice);
        let mut stdout = Ears::new(voice, &self.redactor, MOST);
        let mut stderr = Ears::talk(&last, &self.redactor);
        let run = Run {
            program: &self.program,
            settings: &self.settings,
            variables,
            stdin: &event,
        };
        let end = run.finish(&mut stdout, &mut stderr).await;
        let said = Said {
            task: &assignment.task,
            command: &self.command,
            end,
            stdout: stdout.into_heard(),
            stderr: last.joined(),
        };
        Ok(said.finish(&self.redactor))
    }
}

#[async_trait]
impl Executor for CommandExecutor {
    fn name(&self) -> &str {
        Self::NAME
    }

    async fn execute(&self, assignment: &Assignment, voice: &dyn Voice) -> Answer {
        let finish = self.run(assignment, voice).await;
        Answer::Finished(finish.unwrap_or_else(|why| {
            Finish::errored(self.redactor.redact(&format!("`{}`: {why}", self.command)))
        }))
    }
}

/// Passes lines on, and remembers the last of them.
struct LastLines<'a> {
    /// Hears them all.
    voice: &'a dyn Voice,
    /// The last.
    lines: Mutex<Vec<String>>,
}

impl<'a> LastLines<'a> {
    /// Passes lines on.
    fn new(voice: &'a dyn Voice) -> Self {
        Self {
            voice,
            lines: Mutex::default(),
        }
    }

    /// Returns the last lines as one.
    fn joined(&self) -> String {
        let lines = self.lines.lock();
        lines.map(|lines| lines.join(" ")).unwrap_or_default()
    }
}

impl Voice for LastLines<'_> {
    fn line(&self, text: &str) {
        self.voice.line(text);
        if let Ok(mut lines) = self.lines.lock() {
            lines.push(text.to_owned());
            let surplus = lines.len().saturating_sub(LAST_LINES);
            lines.drain(..surplus);
        }
    }
}
