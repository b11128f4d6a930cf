//! Lets somebody hear of a run: what is stored, and what its tasks say.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tokio::sync::Notify;

use super::course::Course;
use crate::executor::{Answer, Assignment, Executor, Voice};
use crate::gate::event::CloudEvent;

/// Hears of a run.
pub trait Onlooker: Send + Sync {
    /// Sees how the run stands when it begins or goes on.
    fn stands(&self, course: &Course);

    /// Takes an event that is stored, and how the run stands with it.
    fn event(&self, event: &CloudEvent, course: &Course);

    /// Takes a line that a task wrote.
    fn line(&self, assignment: &Assignment, text: &str);
}

/// Tasks whose answers come from somewhere else.
#[derive(Default)]
pub(super) struct Elsewhere {
    /// The ids of their `.triggered` events.
    tasks: Mutex<BTreeSet<String>>,
    /// Told when there is one more.
    pub(super) more: Notify,
}

impl Elsewhere {
    /// Tells whether somebody else answers a task.
    pub(super) fn has(&self, triggered_id: &str) -> bool {
        let tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.contains(triggered_id)
    }

    /// Notes a task that somebody else answers.
    fn add(&self, triggered_id: &str) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.insert(triggered_id.to_owned());
        drop(tasks);
        self.more.notify_one();
    }
}

/// An executor whose voice an onlooker hears.
pub(super) struct Listening {
    /// The executor.
    pub(super) executor: Arc<dyn Executor>,
    /// Who hears it.
    pub(super) onlooker: Arc<dyn Onlooker>,
    /// Where it is noted that somebody else answers.
    pub(super) elsewhere: Arc<Elsewhere>,
}

#[async_trait]
impl Executor for Listening {
    fn name(&self) -> &str {
        self.executor.name()
    }

    async fn execute(&self, assignment: &Assignment, _voice: &dyn Voice) -> Answer {
        let voice = Heard {
            assignment,
            onlooker: self.onlooker.as_ref(),
        };
        let answer = self.executor.execute(assignment, &voice).await;
        if answer == Answer::Elsewhere {
            self.elsewhere.add(&assignment.event.id);
        }
        answer
    }
}

/// The voice of one task.
struct Heard<'a> {
    /// The task.
    assignment: &'a Assignment,
    /// Who hears it.
    onlooker: &'a dyn Onlooker,
}

impl Voice for Heard<'_> {
    fn line(&self, text: &str) {
        self.onlooker.line(self.assignment, text);
    }
}
