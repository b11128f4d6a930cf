//! The table of a run: its sequences, their tasks, and what became of them.

use jiff::Timestamp;
use unicode_width::UnicodeWidthStr as _;

use super::span::span;
use crate::app::{Course, SequenceCourse, TaskCourse, TaskState};
use crate::report::{TextStyle, printable};
use crate::sequence::{Execution, Outcome, TaskStatus};

/// How much of a message fits into a line.
const MESSAGE: usize = 200;

/// Returns the table of a run.
pub fn table(course: &Course, context: &str, style: TextStyle) -> String {
    let mut rows = vec![
        ["STAGE", "SEQUENCE", "TASK", "RESULT", "TIME"]
            .map(str::to_owned)
            .to_vec(),
    ];
    let mut notes: Vec<String> = vec![String::new()];
    for SequenceCourse { execution, tasks } in course.sequences() {
        for task in &tasks {
            rows.push(row(&execution, task));
            notes.push(note(task.state.message(), style));
        }
        rows.push(end(&execution));
        let says = execution.ended.as_ref().map(|ended| ended.message.as_str());
        let is_told = tasks.iter().any(|task| Some(task.state.message()) == says);
        notes.push(note(says.filter(|_| !is_told).unwrap_or_default(), style));
    }
    let widths: Vec<usize> = (0..5)
        .map(|at| {
            rows.iter()
                .filter_map(|row| row.get(at))
                .map(|cell| cell.width())
                .max()
        })
        .map(Option::unwrap_or_default)
        .collect();
    let lines = rows
        .iter()
        .zip(&notes)
        .map(|(row, note)| line(row, &widths, note));
    let lines: Vec<String> = lines.collect();
    let first = course.executions().first();
    let head = first.map_or_else(String::new, |first| {
        let scope = &first.scope;
        let worst = Outcome::of(course.executions()).worst;
        let is_over = course.executions().iter().all(|one| one.ended.is_some());
        let word = match worst {
            Some(word) if is_over => word.as_str(),
            Some(_) | None => "not over yet",
        };
        printable(&format!(
            "{} of {} in {}: {word}  ({context})",
            first.sequence.name, scope.service, scope.project
        ))
    });
    format!("{head}\n\n{}\n", lines.join("\n"))
}

/// Returns the row of a task.
fn row(execution: &Execution, task: &TaskCourse) -> Vec<String> {
    let cells = [
        execution.scope.stage.as_str(),
        execution.sequence.name.as_str(),
        task.name.as_str(),
        word(&task.state),
        &took(task.began, task.ended),
    ];
    cells.map(printable).to_vec()
}

/// Returns the row of a sequence.
fn end(execution: &Execution) -> Vec<String> {
    let outcome = Outcome::of([execution]);
    let ended = execution.ended.as_ref().map(|ended| ended.time);
    let result = outcome
        .worst
        .map_or(execution.state.as_str(), |word| word.as_str());
    let cells = [
        execution.scope.stage.as_str(),
        execution.sequence.name.as_str(),
        "=",
        result,
        &took(execution.started_at, ended),
    ];
    cells.map(printable).to_vec()
}

/// Returns how long something took; "" where it has not ended.
fn took(began: Option<Timestamp>, ended: Option<Timestamp>) -> String {
    match (began, ended) {
        (Some(began), Some(ended)) => span(began, ended),
        (_, None) | (None, _) => String::new(),
    }
}

/// Returns the word for what became of a task.
pub fn word(state: &TaskState) -> &'static str {
    match (state, state.status(), state.result()) {
        (TaskState::Planned, ..) => "-",
        (TaskState::Skipped, ..) => "not begun",
        (TaskState::Running, ..) => "under way",
        (TaskState::CutShort, ..) => "cut short",
        (_, Some(TaskStatus::Errored), _) => "errored",
        (_, Some(TaskStatus::Aborted), _) => "aborted",
        (_, _, Some(result)) => result.as_str(),
        (TaskState::Done(_), _, None) => "-",
    }
}

/// Returns the beginning of a message as one safe line.
fn note(message: &str, _style: TextStyle) -> String {
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = printable(&line);
    if line.chars().count() <= MESSAGE {
        return line;
    }
    let cut: String = line.chars().take(MESSAGE).collect();
    format!("{cut}…")
}

/// Returns a line of cells side by side.
fn line(row: &[String], widths: &[usize], note: &str) -> String {
    let cells = row.iter().zip(widths).map(|(cell, width)| {
        let gap = width.saturating_sub(cell.width());
        format!("{cell}{}", " ".repeat(gap))
    });
    let text = format!("{}  {note}", cells.collect::<Vec<_>>().join("  "));
    text.trim_end().to_owned()
}
