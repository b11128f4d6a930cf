//! Builds the executors of a run.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;

use super::command::run::{Setup, Uses};
use super::command::{World, gate_settings};
use super::failure::Failure;
use crate::app::{EvaluationTask, GateSettings, GetSliTask};
use crate::eventlog::EventLog;
use crate::executor::{
    Answer, ApprovalExecutor, ApprovalUse, Assignment, CommandExecutor, Decider, Executor, Finish,
    FolderReader, Questioner, TaskUse, Voice,
};

/// The task of the gate that only fetches values.
const GET_SLI: &str = "get-sli";

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
    pub fn executors(&self, uses: &Uses) -> Result<Vec<(String, Arc<dyn Executor>)>, Failure> {
        let mut tasks: BTreeMap<String, BTreeMap<String, Arc<dyn Executor>>> = BTreeMap::new();
        for ((stage, task), found) in uses {
            let executor = self.executor(task, found)?;
            let stages = tasks.entry(task.clone()).or_default();
            stages.insert(stage.clone(), executor);
        }
        let each = tasks.into_iter().filter_map(|(task, stages)| {
            let name = stages.values().next()?.name().to_owned();
            let executor: Arc<dyn Executor> = Arc::new(ByStage { name, stages });
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
            TaskUse::Gate if task == GET_SLI => Arc::new(GetSliTask::new(self.gate()?)),
            TaskUse::Gate => Arc::new(EvaluationTask::new(self.gate()?)),
            TaskUse::Approval(found) => Arc::new(ApprovalExecutor::new(self.decider(*found))),
            TaskUse::Webhook(_) => {
                return Err(Failure::new(
                    super::exit::Exit::Configuration,
                    format!("the task `{task}` is a webhook"),
                ));
            }
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
        let resources = FolderReader::new(configured.places.root.clone());
        let log = Arc::clone(&self.log);
        gate_settings(configured, log, Arc::new(resources), self.world)
    }
}

/// Returns the folder for files that live as long as a command.
fn scratch() -> PathBuf {
    std::env::temp_dir()
}

/// One task, carried out differently in each stage.
struct ByStage {
    /// The name of all of them.
    name: String,
    /// The executors, by stage.
    stages: BTreeMap<String, Arc<dyn Executor>>,
}

#[async_trait]
impl Executor for ByStage {
    fn name(&self) -> &str {
        &self.name
    }

    async fn execute(&self, assignment: &Assignment, voice: &dyn Voice) -> Answer {
        let stage = assignment.event.data_text("stage");
        match self.stages.get(&stage) {
            Some(executor) => executor.execute(assignment, voice).await,
            None => Answer::Finished(Finish::errored(format!(
                "nobody carries out `{}` in the stage `{}`",
                assignment.task,
                stage.escape_debug()
            ))),
        }
    }
}
