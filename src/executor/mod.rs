//! The executor port: whoever carries out the tasks of sequences inside this process.
//!
//! The contract, the same for every executor:
//! - `execute` gets one task, does the work, and says how it ended. The `.started` event stands in the log before it is
//!   called, and the conductor sends `.finished` with what it returns; the executor sends neither.
//! - It is called again for a task whose answer was lost with the process ([`Attempt::Again`]); it has to bear that.
//! - It may be dropped at any time: the sequence was aborted, or took too long. A child process dies with it.
//! - It never fails: what went wrong is an [`Answer`] with the status `errored`, and a message that says what to do.
//!   Text of the task's data is never interpreted as a command; secrets never appear in what is returned.

mod approval;
mod by_stage;
mod command;
#[cfg(test)]
pub(crate) mod contract;
mod folder_reader;
mod reader;
mod remediation;
mod task_settings;
mod webhook;

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::{Map, Value};

pub use approval::{ApprovalExecutor, ApprovalQuestion, Decider, Decision, Questioner};
pub use by_stage::ByStage;
pub use command::{CommandExecutor, CommandSettings};
pub use folder_reader::FolderReader;
pub use reader::{ResourcePlace, ResourceReader, SecretReader, UnreadableResource};
pub use remediation::RemediationExecutor;
pub use task_settings::{ApprovalPolicy, ApprovalUse, Approving, TaskSettings, TaskUse};
pub use webhook::{Selection, WebhookExecutor, WebhookSettings};

use crate::gate::Verdict;
use crate::gate::event::CloudEvent;
use crate::sequence::TaskStatus;

/// Carries out tasks.
#[async_trait]
pub trait Executor: Send + Sync {
    /// Returns its name: the source of its events, such as `lighthouse-service` or `approval-service`.
    fn name(&self) -> &str;

    /// Tells whether it takes a task, by its `.triggered` event; a task that nobody here takes waits for somebody outside.
    fn takes(&self, _triggered: &CloudEvent) -> bool {
        true
    }

    /// Tells whether it says itself, with [`Voice::share`], how many answers there will be, before it does anything that
    /// others see. For all others the conductor sends one `.started` before it calls them.
    fn announces_itself(&self) -> bool {
        false
    }

    /// Carries out a task.
    async fn execute(&self, assignment: &Assignment, voice: &dyn Voice) -> Answer;
}

/// One task to carry out.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// The name of the task.
    pub task: String,
    /// Its `.triggered` event, with everything that earlier tasks said in its data.
    pub event: CloudEvent,
    /// When it has to be done.
    pub deadline: Option<Timestamp>,
    /// Whether it may have been begun before.
    pub attempt: Attempt,
}

/// Whether a task may have been begun before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// It was not.
    First,
    /// The process died over it, or was ended.
    Again,
}

/// How a task ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// It is done.
    Finished(Finish),
    /// Somebody else sends `.finished`: a person who approves, or the system behind a webhook.
    Elsewhere,
    /// Of the answers that [`Voice::share`] announced these are given here; somebody else sends the others.
    Shared(Vec<Finish>),
}

/// What a `.finished` event says.
#[derive(Clone, Debug, PartialEq)]
pub struct Finish {
    /// Whether the work was done.
    pub status: TaskStatus,
    /// What came of it.
    pub result: Verdict,
    /// Why, for people; "" where there is nothing to say.
    pub message: String,
    /// Members of `data` besides project, stage, service, labels, status, result and message: `{"deployment": {…}}`.
    pub data: Map<String, Value>,
    /// Labels that are new.
    pub labels: Map<String, Value>,
}

impl Finish {
    /// Says that the work is done and well.
    #[must_use]
    pub fn pass() -> Self {
        Self {
            status: TaskStatus::Succeeded,
            result: Verdict::Pass,
            message: String::new(),
            data: Map::new(),
            labels: Map::new(),
        }
    }

    /// Says that the work was done, and what came of it is bad.
    #[must_use]
    pub fn fail(message: impl Into<String>) -> Self {
        Self {
            result: Verdict::Fail,
            message: message.into(),
            ..Self::pass()
        }
    }

    /// Says that the work could not be done.
    #[must_use]
    pub fn errored(message: impl Into<String>) -> Self {
        Self {
            status: TaskStatus::Errored,
            ..Self::fail(message)
        }
    }
}

/// Hears of the progress of a task.
#[async_trait]
pub trait Voice: Send + Sync {
    /// Takes a line that the task wrote, such as a command's output. Cosmetic: nothing of it is stored.
    fn line(&self, text: &str);

    /// Says that the task will have so many answers: as many `.started` stand in the log when this returns. For executors
    /// that announce themselves; without it none are sent.
    async fn share(&self, answers: usize) {
        let _nobody_counts = answers;
    }
}

/// Hears nothing.
#[cfg(test)]
#[derive(Clone, Copy, Debug)]
pub struct Silence;

#[cfg(test)]
#[async_trait]
impl Voice for Silence {
    fn line(&self, _text: &str) {}
}
