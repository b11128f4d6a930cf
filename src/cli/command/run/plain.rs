//! A run as a log: one line for each event of interest, and one for each line of a task.

use std::time::Duration;

use jiff::Timestamp;

use super::span::span;
use crate::app::{Course, Onlooker};
use crate::cli::console::{Console, complain};
use crate::cli::heartbeat::Heartbeat;
use crate::executor::Assignment;
use crate::gate::event::CloudEvent;
use crate::report::printable;
use crate::sequence::{EventKind, EventName};

/// How long a job may be silent: CI systems end one after ten minutes or so.
pub const BEAT: Duration = Duration::from_secs(60);

/// Writes lines to stderr.
pub struct Plain {
    /// Where to write, and how much.
    console: Console,
    /// Shows in a CI log that work goes on.
    _heartbeat: Option<Heartbeat>,
}

impl Plain {
    /// Writes to a console.
    pub fn new(console: Console, heartbeat: Option<Heartbeat>) -> Self {
        Self {
            console,
            _heartbeat: heartbeat,
        }
    }
}

impl Onlooker for Plain {
    fn stands(&self, _course: &Course) {}

    fn event(&self, event: &CloudEvent, course: &Course) {
        if let Some(text) = line(event, course) {
            let time = event.time.map(clock).unwrap_or_default();
            self.console.say(&format!("{time} {text}"));
        }
    }

    fn line(&self, assignment: &Assignment, text: &str) {
        let stage = assignment.event.data_text("stage");
        let place = printable(&format!("{stage} {}", assignment.task));
        self.console
            .say(&format!("         {place} | {}", printable(text)));
    }
}

/// Returns the time of day in UTC.
fn clock(time: Timestamp) -> String {
    time.strftime("%H:%M:%SZ").to_string()
}

/// Says what an event means; `None` for those that nobody wants to read.
pub fn line(event: &CloudEvent, course: &Course) -> Option<String> {
    let stage = event.data_text("stage");
    let text = match EventName::parse(&event.event_type)? {
        EventName::Sequence {
            stage,
            sequence,
            kind: EventKind::Triggered,
        } => format!("{stage} {sequence}: begins"),
        EventName::Sequence {
            stage,
            sequence,
            kind: EventKind::Finished,
        } => format!("{stage} {sequence}: {}", outcome(event)),
        EventName::Task {
            task,
            kind: EventKind::Triggered,
        } => format!("{stage} {task}: begins"),
        EventName::Task {
            task,
            kind: EventKind::Finished,
        } => {
            let took = took(event, course).map_or_else(String::new, |took| format!(" ({took})"));
            let message = event.data_text("message");
            let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
            let said = if message.is_empty() {
                String::new()
            } else {
                format!(": {}", message.chars().take(500).collect::<String>())
            };
            format!("{stage} {task}: {}{took}{said}", outcome(event))
        }
        EventName::Sequence { .. } | EventName::Task { .. } => return None,
    };
    Some(printable(&text))
}

/// Returns the word for what an event says.
fn outcome(event: &CloudEvent) -> String {
    let status = event.data_text("status");
    let result = event.data_text("result");
    crate::sequence::OutcomeWord::of_event(&status, &result).to_string()
}

/// Returns how long a task took.
fn took(event: &CloudEvent, course: &Course) -> Option<String> {
    let id = event.triggeredid.as_deref()?;
    let sequences = course.sequences();
    let mut tasks = sequences.iter().flat_map(|one| &one.tasks);
    let task = tasks.find(|task| task.triggered_id.as_deref() == Some(id))?;
    Some(span(task.began?, event.time?))
}

/// Starts a heartbeat for a job that would be silent.
pub fn heartbeat() -> Heartbeat {
    Heartbeat::of_run(BEAT, complain)
}
