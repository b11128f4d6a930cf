//! Who carries out which task, as the user says.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::command::CommandSettings;
use crate::sequence::Task;

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
    /// The actions of a `remediation.yaml`.
    Remediation,
}

impl TaskUse {
    /// The tasks of the gate.
    const OF_GATE: [&str; 2] = [Task::EVALUATION, Task::GET_SLI];

    /// Returns who carries out a task where nobody is named.
    #[must_use]
    pub fn usual(task: &str) -> Option<Self> {
        match task {
            Task::EVALUATION | Task::GET_SLI => Some(Self::Gate),
            Task::GET_ACTION => Some(Self::Remediation),
            Task::APPROVAL => Some(Self::Approval(ApprovalUse::Prompt)),
            _ => None,
        }
    }

    /// Says why this can't carry out a task of this name, where it can't.
    pub fn check_fit(&self, task: &str) -> Result<(), String> {
        match self {
            Self::Gate if !Self::OF_GATE.contains(&task) => Err(format!(
                "the gate carries out the tasks `evaluation` and `get-sli`, not `{task}`"
            )),
            Self::Approval(_) if task != Task::APPROVAL => Err(format!(
                "an approval decides the task `approval`, not `{task}`"
            )),
            Self::Gate
            | Self::Approval(_)
            | Self::Command(_)
            | Self::Webhook(_)
            | Self::Remediation => Ok(()),
        }
    }
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
