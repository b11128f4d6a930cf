//! Who carries out tasks inside the server: what `tasks` of `tidegate.yaml` says, then the parts that Keptn has too, then
//! webhooks that somebody subscribed to. Whatever nobody here takes waits for an executor outside.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::webhook_tasks::WebhookTasks;
use crate::app::{Binding, EvaluationTask, GateSettings, GetSliTask};
use crate::executor::{
    ApprovalExecutor, ApprovalUse, ByStage, CommandExecutor, Decider, Executor,
    RemediationExecutor, ResourceReader, TaskSettings, TaskUse, WebhookExecutor,
};
use crate::sequence::Task;

/// What the server carries out where nobody is named.
const OWN: [&str; 4] = [
    Task::GET_ACTION,
    Task::EVALUATION,
    Task::GET_SLI,
    Task::APPROVAL,
];

/// What tasks are carried out with.
pub struct TaskParts {
    /// The gate.
    pub gate: GateSettings,
    /// The files of projects.
    pub resources: Arc<dyn ResourceReader>,
    /// The webhooks that `tasks` names: those of the project.
    pub webhooks: Arc<WebhookExecutor>,
    /// The webhooks that somebody subscribed to.
    pub subscribed: WebhookTasks,
}

impl TaskParts {
    /// Returns who carries out which tasks; the first that takes one does it.
    pub fn bindings(self, tasks: &BTreeMap<String, TaskSettings>) -> Vec<Binding> {
        let configured = tasks.iter().filter_map(|(task, settings)| {
            let executor: Arc<dyn Executor> = Arc::new(self.by_stage(task, settings)?);
            Some(binding(task, executor))
        });
        let configured: Vec<Binding> = configured.collect();
        let own = OWN.into_iter().filter_map(|task| {
            let found = TaskUse::usual(task)?;
            Some(binding(task, self.executor(task, &found)))
        });
        let own: Vec<Binding> = own.collect();
        let any = Binding {
            task: None,
            executor: Arc::new(self.subscribed),
        };
        configured.into_iter().chain(own).chain([any]).collect()
    }

    /// Returns who carries out one task in each stage.
    fn by_stage(&self, task: &str, settings: &TaskSettings) -> Option<ByStage> {
        let usual = settings.usual.as_ref();
        let stages = settings.stages.iter();
        ByStage::new(
            usual.map(|found| self.executor(task, found)),
            stages
                .map(|(stage, found)| (stage.clone(), self.executor(task, found)))
                .collect(),
        )
    }

    /// Returns one executor. A server has no terminal: what would be asked there is decided later.
    fn executor(&self, task: &str, found: &TaskUse) -> Arc<dyn Executor> {
        match found {
            TaskUse::Command(settings) => {
                let scratch = std::env::temp_dir();
                Arc::new(CommandExecutor::new(settings.clone(), scratch))
            }
            TaskUse::Gate if task == Task::GET_SLI => Arc::new(GetSliTask::new(self.gate.clone())),
            TaskUse::Gate => Arc::new(EvaluationTask::new(self.gate.clone())),
            TaskUse::Approval(ApprovalUse::Policy(policy)) => {
                Arc::new(ApprovalExecutor::new(Decider::Policy(*policy)))
            }
            TaskUse::Approval(ApprovalUse::Prompt | ApprovalUse::Later) => {
                Arc::new(ApprovalExecutor::new(Decider::Later))
            }
            TaskUse::Webhook(_) => Arc::clone(&self.webhooks) as Arc<dyn Executor>,
            TaskUse::Remediation => Arc::new(RemediationExecutor::new(Arc::clone(&self.resources))),
        }
    }
}

/// Binds an executor to a task.
fn binding(task: &str, executor: Arc<dyn Executor>) -> Binding {
    Binding {
        task: Some(task.to_owned()),
        executor,
    }
}
