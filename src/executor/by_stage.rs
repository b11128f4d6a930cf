//! One task, carried out differently in each stage.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use super::{Answer, Assignment, Executor, Finish, Voice};
use crate::gate::event::CloudEvent;

/// Carries out a task by whoever is for its stage.
pub struct ByStage {
    /// The name of all of them.
    name: String,
    /// In every stage that is not named; `None`: nobody.
    usual: Option<Arc<dyn Executor>>,
    /// In single stages.
    stages: BTreeMap<String, Arc<dyn Executor>>,
}

impl ByStage {
    /// Makes it of who is for every stage, and who for single ones; `None`: nobody is.
    #[must_use]
    pub fn new(
        usual: Option<Arc<dyn Executor>>,
        stages: BTreeMap<String, Arc<dyn Executor>>,
    ) -> Option<Self> {
        let name = usual.iter().chain(stages.values()).next()?.name();
        Some(Self {
            name: name.to_owned(),
            usual,
            stages,
        })
    }

    /// Returns who is for the stage of an event.
    fn of_stage(&self, event: &CloudEvent) -> Option<&Arc<dyn Executor>> {
        let stage = event.data_text("stage");
        self.stages.get(&stage).or(self.usual.as_ref())
    }
}

#[async_trait]
impl Executor for ByStage {
    fn name(&self) -> &str {
        &self.name
    }

    fn takes(&self, triggered: &CloudEvent) -> bool {
        let executor = self.of_stage(triggered);
        executor.is_some_and(|executor| executor.takes(triggered))
    }

    fn announces_itself(&self) -> bool {
        let mut all = self.usual.iter().chain(self.stages.values());
        all.any(|executor| executor.announces_itself())
    }

    async fn execute(&self, assignment: &Assignment, voice: &dyn Voice) -> Answer {
        let Some(executor) = self.of_stage(&assignment.event) else {
            return Answer::Finished(Finish::errored(format!(
                "nobody carries out `{}` in the stage `{}`",
                assignment.task,
                assignment.event.data_text("stage").escape_debug()
            )));
        };
        if self.announces_itself() && !executor.announces_itself() {
            voice.share(1).await;
        }
        executor.execute(assignment, voice).await
    }
}
