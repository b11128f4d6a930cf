//! A run: a sequence and all that follows from it, carried out by this process on an event log.
//!
//! The run's first event is its charter; from then on the log alone says how it stands. Whoever runs it may die at any
//! moment: the next one builds the state from the log, and begins only those tasks again that have no answer.

mod course;
mod find;
mod listening;
mod perform;

pub use course::{Course, SequenceCourse, TaskCourse, TaskState};
pub use find::{Unfinished, find_run, newest_unfinished};
pub use listening::Onlooker;
pub use perform::{Given, Patience, RunEnd, RunError, RunRequest, WaitingTask, run};
