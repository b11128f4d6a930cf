//! A run on a terminal: a line that turns for each task under way, and what is done above them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::plain;
use crate::app::{Course, Onlooker, TaskState};
use crate::cli::console::{Console, Volume};
use crate::executor::Assignment;
use crate::gate::event::CloudEvent;
use crate::report::{Charset, printable};
use crate::sequence::{EventKind, EventName, OutcomeWord};

/// What a line shows.
const LINE: &str = "{spinner} {prefix}  {elapsed}  {wide_msg}";

/// Draws on stderr.
pub struct Live {
    /// All lines.
    lines: MultiProgress,
    /// Those of tasks under way, by the id of their `.triggered`.
    tasks: Mutex<BTreeMap<String, ProgressBar>>,
    /// How to speak.
    console: Console,
}

impl Live {
    /// Starts with nothing drawn.
    pub fn new(console: Console) -> Self {
        let target = ProgressDrawTarget::stderr_with_hz(10);
        Self {
            lines: MultiProgress::with_draw_target(target),
            tasks: Mutex::default(),
            console,
        }
    }

    /// Writes a line above those that turn.
    fn say(&self, text: &str) {
        // Where the terminal is gone nobody reads it.
        drop(self.lines.println(text));
    }

    /// Takes all lines away, to ask somebody something.
    pub fn pause<T>(&self, question: impl FnOnce() -> T) -> T {
        self.lines.suspend(question)
    }

    /// Starts the line of a task.
    fn begin(&self, id: &str, place: &str) {
        let bar = self.lines.add(ProgressBar::new_spinner());
        let turning = match self.console.stderr.charset {
            Charset::Unicode => "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ ",
            Charset::Ascii => "|/-\\ ",
        };
        if let Ok(style) = ProgressStyle::with_template(LINE) {
            bar.set_style(style.tick_chars(turning));
        }
        bar.set_prefix(printable(place));
        bar.enable_steady_tick(Duration::from_millis(120));
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.insert(id.to_owned(), bar);
    }

    /// Ends the line of a task.
    fn end(&self, id: &str) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bar) = tasks.remove(id) {
            bar.finish_and_clear();
            self.lines.remove(&bar);
        }
    }

    /// Returns the sign of what an event says.
    fn sign(&self, event: &CloudEvent) -> &'static str {
        let word = OutcomeWord::of_event(&event.data_text("status"), &event.data_text("result"));
        match (word, self.console.stderr.charset) {
            (OutcomeWord::Pass, Charset::Unicode) => "✔",
            (OutcomeWord::Warning, Charset::Unicode) => "!",
            (_, Charset::Unicode) => "✘",
            (OutcomeWord::Pass, Charset::Ascii) => "+",
            (OutcomeWord::Warning, Charset::Ascii) => "!",
            (_, Charset::Ascii) => "x",
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        drop(self.lines.clear());
    }
}

impl Onlooker for Live {
    fn stands(&self, course: &Course) {
        for sequence in course.sequences() {
            let stage = &sequence.execution.scope.stage;
            for task in &sequence.tasks {
                let is_running = task.state == TaskState::Running;
                if let Some(id) = task.triggered_id.as_deref().filter(|_| is_running) {
                    self.begin(id, &format!("{stage} {}", task.name));
                }
            }
        }
    }

    fn event(&self, event: &CloudEvent, course: &Course) {
        let Some(EventName::Task { task, kind }) = EventName::parse(&event.event_type) else {
            if let Some(text) = plain::line(event, course) {
                self.say(&text);
            }
            return;
        };
        match kind {
            EventKind::Triggered => {
                let place = format!("{} {task}", event.data_text("stage"));
                self.begin(&event.id, &place);
            }
            EventKind::Finished => {
                if let Some(id) = &event.triggeredid {
                    self.end(id);
                }
                if let Some(text) = plain::line(event, course) {
                    self.say(&format!("{} {text}", self.sign(event)));
                }
            }
            EventKind::Started
            | EventKind::StatusChanged
            | EventKind::Invalidated
            | EventKind::Other(_) => {}
        }
    }

    fn line(&self, assignment: &Assignment, text: &str) {
        let text = printable(text);
        if self.console.volume == Volume::Verbose {
            self.say(&format!("  {} | {text}", printable(&assignment.task)));
        }
        let tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bar) = tasks.get(&assignment.event.id) {
            bar.set_message(text);
        }
    }
}
