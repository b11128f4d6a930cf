//! Builds the executors of a run.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;

use super::command::World;
use super::command::run::{Live, Setup, Uses};
use super::failure::Failure;
use crate::eventlog::EventLog;
use crate::executor::{Answer, Assignment, CommandExecutor, Executor, Finish, TaskUse, Voice};

/// Who is asked what only people can decide.
pub enum Asking {
    /// Somebody at the terminal.
    Terminal(Arc<Live>),
    /// Nobody.
    Nobody,
}

/// Builds executors.
pub struct Workshop {
    /// Where commands find their events.
    scratch: PathBuf,
    /// Who is asked.
    asking: Asking,
}

impl Workshop {
    /// Gets ready.
    pub fn new(
        _setup: &Setup,
        _log: &Arc<dyn EventLog>,
        _world: &World<'_>,
        asking: Asking,
    ) -> Self {
        Self {
            scratch: std::env::temp_dir(),
            asking,
        }
    }

    /// Returns who carries out which task: one executor a task, which knows the stages.
    pub fn executors(&self, uses: &Uses) -> Result<Vec<(String, Arc<dyn Executor>)>, Failure> {
        let mut tasks: BTreeMap<String, BTreeMap<String, Arc<dyn Executor>>> = BTreeMap::new();
        for ((stage, task), found) in uses {
            let executor = self.executor(found)?;
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
    fn executor(&self, found: &TaskUse) -> Result<Arc<dyn Executor>, Failure> {
        let _ = &self.asking;
        Ok(match found {
            TaskUse::Command(settings) => {
                Arc::new(CommandExecutor::new(settings.clone(), self.scratch.clone()))
            }
            TaskUse::Gate | TaskUse::Approval(_) | TaskUse::Webhook(_) => Arc::new(ByStage {
                name: "x".to_owned(),
                stages: BTreeMap::new(),
            }),
        })
    }
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

    fn announces_itself(&self) -> bool {
        self.stages
            .values()
            .any(|executor| executor.announces_itself())
    }

    async fn execute(&self, assignment: &Assignment, voice: &dyn Voice) -> Answer {
        let stage = assignment.event.data_text("stage");
        match self.stages.get(&stage) {
            Some(executor) => {
                if self.announces_itself() && !executor.announces_itself() {
                    voice.share(1).await;
                }
                executor.execute(assignment, voice).await
            }
            None => Answer::Finished(Finish::errored(format!(
                "nobody carries out `{}` in the stage `{stage}`",
                assignment.task
            ))),
        }
    }
}
