//! Builds the executors of a run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;

use super::command::run::{Setup, Uses};
use super::command::{World, gate_settings};
use super::failure::Failure;
use crate::app::{EvaluationTask, GateSettings, GetSliTask};
use crate::eventlog::EventLog;
use crate::executor::{
    ApprovalExecutor, ApprovalUse, ByStage, CommandExecutor, Decider, Executor, FolderReader,
    Questioner, RemediationExecutor, ResourceReader, SecretReader, Selection, TaskUse,
    WebhookExecutor, WebhookSettings,
};
use crate::net::{AddressPolicy, Secret};
use crate::sequence::Task;

/// Tasks, and who carries them out.
pub type Bound = Vec<(String, Arc<dyn Executor>)>;

/// Builds executors.
pub struct Workshop<'a> {
    /// The configuration.
    setup: &'a Setup,
    /// The log of the run.
    log: Arc<dyn EventLog>,
    /// The surroundings.
    world: &'a World<'a>,
    /// Who is asked what only people can decide; `None`: nobody.
    questioner: Option<Arc<dyn Questioner>>,
}

impl<'a> Workshop<'a> {
    /// Gets ready.
    pub fn new(
        setup: &'a Setup,
        log: &Arc<dyn EventLog>,
        world: &'a World<'a>,
        questioner: Option<Arc<dyn Questioner>>,
    ) -> Self {
        Self {
            setup,
            log: Arc::clone(log),
            world,
            questioner,
        }
    }

    /// Returns who carries out which task: one executor a task, which knows the stages.
    pub fn executors(&self, uses: &Uses) -> Result<Bound, Failure> {
        let mut tasks: BTreeMap<String, BTreeMap<String, Arc<dyn Executor>>> = BTreeMap::new();
        for ((stage, task), found) in uses {
            let executor = self.executor(task, found)?;
            let stages = tasks.entry(task.clone()).or_default();
            stages.insert(stage.clone(), executor);
        }
        let each = tasks.into_iter().filter_map(|(task, stages)| {
            let executor: Arc<dyn Executor> = Arc::new(ByStage::new(None, stages)?);
            Some((task, executor))
        });
        Ok(each.collect())
    }

    /// Builds one executor.
    fn executor(&self, task: &str, found: &TaskUse) -> Result<Arc<dyn Executor>, Failure> {
        Ok(match found {
            TaskUse::Command(settings) => {
                Arc::new(CommandExecutor::new(settings.clone(), scratch()))
            }
            TaskUse::Gate if task == Task::GET_SLI => Arc::new(GetSliTask::new(self.gate()?)),
            TaskUse::Gate => Arc::new(EvaluationTask::new(self.gate()?)),
            TaskUse::Approval(found) => Arc::new(ApprovalExecutor::new(self.decider(*found))),
            TaskUse::Webhook(file) => Arc::new(WebhookExecutor::new(self.webhook(file))),
            TaskUse::Remediation => Arc::new(RemediationExecutor::new(self.resources())),
        })
    }

    /// Returns who decides.
    fn decider(&self, found: ApprovalUse) -> Decider {
        match (found, &self.questioner) {
            (ApprovalUse::Prompt, Some(questioner)) => Decider::Prompt(Arc::clone(questioner)),
            (ApprovalUse::Prompt, None) | (ApprovalUse::Later, _) => Decider::Later,
            (ApprovalUse::Policy(policy), _) => Decider::Policy(policy),
        }
    }

    /// Returns what the gate needs.
    fn gate(&self) -> Result<GateSettings, Failure> {
        let configured = &self.setup.configured;
        let log = Arc::clone(&self.log);
        gate_settings(configured, log, self.resources(), self.world)
    }

    /// Returns what webhooks need. Whoever may run a sequence here may reach every address from here.
    fn webhook(&self, file: &Path) -> WebhookSettings {
        let folder = file.parent().map_or_else(PathBuf::new, Path::to_owned);
        let name = file
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let secrets = EnvironmentSecrets::of(self.world);
        WebhookSettings {
            uri: name.unwrap_or_default(),
            addresses: AddressPolicy::Any,
            ..WebhookSettings::new(
                Arc::new(FolderReader::new(folder)),
                Arc::new(secrets),
                Selection::EventType,
            )
        }
    }

    /// Returns where the files of the project are.
    fn resources(&self) -> Arc<dyn ResourceReader> {
        let root = self.setup.configured.places.root.clone();
        Arc::new(FolderReader::new(root))
    }
}

/// Returns the folder for files that live as long as a command.
fn scratch() -> PathBuf {
    std::env::temp_dir()
}

/// The secrets of webhooks: the key `token` of `my-hook` is the variable `TIDEGATE_SECRET_MY_HOOK_TOKEN`.
struct EnvironmentSecrets(BTreeMap<String, String>);

impl EnvironmentSecrets {
    /// What the names of all variables begin with: no other variable can be had.
    const PREFIX: &'static str = "TIDEGATE_SECRET_";

    /// Takes the secrets of the environment.
    fn of(world: &World<'_>) -> Self {
        Self(world.environment.beginning_with(Self::PREFIX))
    }

    /// Returns the variable that holds a value.
    fn variable(name: &str, key: &str) -> String {
        let part = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        let name: String = format!("{name}_{key}").chars().map(part).collect();
        format!("{}{}", Self::PREFIX, name.to_ascii_uppercase())
    }
}

#[async_trait]
impl SecretReader for EnvironmentSecrets {
    async fn secret(&self, _scope: &str, name: &str, key: &str) -> Option<Secret> {
        let found = self.0.get(&Self::variable(name, key));
        // A job whose secret is not set often has it empty.
        found.filter(|value| !value.is_empty()).map(Secret::new)
    }

    fn remedy(&self, _scope: &str, name: &str, key: &str) -> String {
        format!("set the variable `{}`", Self::variable(name, key))
    }
}
