//! Who carries out which task, as the user says.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::command::CommandSettings;

/// Who carries out the tasks of one name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TaskSettings {
    /// In every stage that is not named; `None`: nobody was named.
    pub usual: Option<TaskUse>,
    /// In single stages.
    pub stages: BTreeMap<String, TaskUse>,
}

impl TaskSettings {
    /// Returns who carries the task out in a stage.
    #[must_use]
    pub fn of_stage(&self, stage: &str) -> Option<&TaskUse> {
        self.stages.get(stage).or(self.usual.as_ref())
    }
}

/// What carries out a task.
#[derive(Clone, Debug, PartialEq)]
pub enum TaskUse {
    /// A program.
    Command(CommandSettings),
    /// The gate of this process.
    Gate,
    /// Somebody who approves.
    Approval(ApprovalUse),
    /// The requests of a `webhook.yaml`.
    Webhook(PathBuf),
}

/// How an approval is decided where the shipyard says that it is not automatic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApprovalUse {
    /// The terminal is asked.
    Prompt,
    /// The result decides.
    Policy(ApprovalPolicy),
    /// Somebody decides later.
    Later,
}

/// Which results are approved without anybody being asked. A fail never is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApprovalPolicy {
    /// What a pass leads to.
    pub pass: Approving,
    /// What a warning leads to.
    pub warning: Approving,
}

/// What a result leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approving {
    /// It is approved.
    Automatic,
    /// Somebody decides later.
    Manual,
    /// It is declined.
    Decline,
}
