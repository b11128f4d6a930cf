//! Lets somebody hear of a run: what is stored, and what its tasks say.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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

/// The most lines that wait to be told; of more, the oldest are dropped.
const MOST_LINES: usize = 10_000;

/// What tasks say besides their answers.
#[derive(Default)]
pub(super) struct Aside {
    /// What was said.
    said: Mutex<Said>,
    /// Told when there is more.
    pub(super) more: Notify,
}

/// What was said.
#[derive(Default)]
struct Said {
    /// The tasks whose answers come from somewhere else: the ids of their `.triggered` events.
    elsewhere: BTreeSet<String>,
    /// The lines that nobody was told yet.
    lines: VecDeque<(Arc<Assignment>, String)>,
}

impl Aside {
    /// Tells whether somebody else answers a task.
    pub(super) fn is_elsewhere(&self, triggered_id: &str) -> bool {
        self.said().elsewhere.contains(triggered_id)
    }

    /// Takes the lines of those tasks that a test lets through, in order.
    pub(super) fn lines(&self, of: impl Fn(&str) -> bool) -> Vec<(Arc<Assignment>, String)> {
        let mut said = self.said();
        let all = std::mem::take(&mut said.lines);
        let (wanted, rest): (VecDeque<_>, VecDeque<_>) =
            all.into_iter().partition(|(task, _)| of(&task.event.id));
        said.lines = rest;
        wanted.into()
    }

    /// Notes a task that somebody else answers.
    fn note_elsewhere(&self, triggered_id: &str) {
        self.said().elsewhere.insert(triggered_id.to_owned());
        self.more.notify_one();
    }

    /// Notes a line.
    fn note_line(&self, assignment: &Arc<Assignment>, text: &str) {
        let mut said = self.said();
        if said.lines.len() >= MOST_LINES {
            said.lines.pop_front();
        }
        said.lines
            .push_back((Arc::clone(assignment), text.to_owned()));
        drop(said);
        self.more.notify_one();
    }

    /// Returns what was said. Nobody panics while holding it.
    fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An executor that somebody listens to.
pub(super) struct Listening {
    /// The executor.
    pub(super) executor: Arc<dyn Executor>,
    /// Where it is noted what it says.
    pub(super) aside: Arc<Aside>,
}

#[async_trait]
impl Executor for Listening {
    fn name(&self) -> &str {
        self.executor.name()
    }

    fn announces_itself(&self) -> bool {
        self.executor.announces_itself()
    }

    async fn execute(&self, assignment: &Assignment, voice: &dyn Voice) -> Answer {
        let voice = Heard {
            assignment: Arc::new(assignment.clone()),
            voice,
            aside: &self.aside,
        };
        let answer = self.executor.execute(assignment, &voice).await;
        let is_elsewhere = match &answer {
            Answer::Finished(_) => false,
            Answer::Elsewhere | Answer::Shared(_) => true,
        };
        if is_elsewhere {
            self.aside.note_elsewhere(&assignment.event.id);
        }
        answer
    }
}

/// The voice of one task.
struct Heard<'a> {
    /// The task.
    assignment: Arc<Assignment>,
    /// The voice that the conductor hears.
    voice: &'a dyn Voice,
    /// Where lines are noted.
    aside: &'a Aside,
}

#[async_trait]
impl Voice for Heard<'_> {
    fn line(&self, text: &str) {
        self.aside.note_line(&self.assignment, text);
    }

    async fn share(&self, answers: usize) {
        self.voice.share(answers).await;
    }
}
