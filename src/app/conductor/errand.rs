//! Tasks that executors of this process are at.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::{AbortHandle, JoinSet};

use super::answers;
use super::baton::SubmitError;
use super::journal::JournalError;
use super::request::{Matter, Order, Origin, Reply, Request};
use crate::eventlog::AppendError;
use crate::executor::{Answer, Assignment, Executor, Finish, Voice};
use crate::gate::event::CloudEvent;
use crate::sequence::Execution;

/// How many tasks are carried out at the same time; more wait.
const MOST_AT_ONCE: usize = 256;
/// How long to wait before an answer that could not be stored is sent again; each pause is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The longest of these pauses.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A task, and who is to carry it out.
pub(super) struct Errand {
    /// The execution that it belongs to.
    pub(super) execution: String,
    /// Who carries it out.
    pub(super) executor: Arc<dyn Executor>,
    /// The task.
    pub(super) assignment: Assignment,
}

/// All tasks that are being carried out.
pub(super) struct Errands {
    /// The futures; each returns the id of its task.
    futures: JoinSet<String>,
    /// Which execution each belongs to, and how it is ended; by the id of the task.
    running: BTreeMap<String, (String, AbortHandle)>,
    /// Bounds how many go at the same time.
    permits: Arc<Semaphore>,
}

impl Errands {
    /// Starts with none.
    pub(super) fn new() -> Self {
        Self {
            futures: JoinSet::new(),
            running: BTreeMap::new(),
            permits: Arc::new(Semaphore::new(MOST_AT_ONCE)),
        }
    }

    /// Returns the tasks that are being carried out.
    pub(super) fn ids(&self) -> BTreeSet<String> {
        self.running.keys().cloned().collect()
    }

    /// Begins a task, once.
    pub(super) fn begin(&mut self, errand: Errand, requests: mpsc::Sender<Request>) {
        let id = errand.assignment.event.id.clone();
        if self.running.contains_key(&id) {
            return;
        }
        let execution = errand.execution.clone();
        let permits = Arc::clone(&self.permits);
        let handle = self.futures.spawn(carry_out(errand, requests, permits));
        self.running.insert(id, (execution, handle));
    }

    /// Drops what no longer counts: every task of an execution but the one that it is at.
    pub(super) fn settle(&mut self, execution: &Execution) {
        let current = execution
            .current
            .as_ref()
            .filter(|_| !execution.state.is_final());
        let current = current.map(|task| task.triggered_id.as_str());
        self.running.retain(|id, (owner, handle)| {
            let stays = *owner != execution.id || Some(id.as_str()) == current;
            if !stays {
                handle.abort();
            }
            stays
        });
    }

    /// Waits until one is over; `None` where there is none.
    pub(super) async fn next(&mut self) -> Option<()> {
        let ended = self.futures.join_next().await?;
        if let Ok(id) = ended {
            self.running.remove(&id);
        }
        Some(())
    }

    /// Drops all, and waits until their children are gone.
    pub(super) async fn stop(&mut self) {
        self.running.clear();
        self.futures.shutdown().await;
    }
}

/// Carries out a task and sends its answer; returns the id of the task.
async fn carry_out(
    errand: Errand,
    requests: mpsc::Sender<Request>,
    permits: Arc<Semaphore>,
) -> String {
    let Errand {
        execution: _,
        executor,
        assignment,
    } = errand;
    let permit = permits.acquire_owned().await;
    let envoy = Envoy {
        executor: executor.name(),
        assignment: &assignment,
        requests: &requests,
    };
    let work = AssertUnwindSafe(executor.execute(&assignment, &envoy)).catch_unwind();
    let answer = work.await.unwrap_or_else(|_panic| {
        Answer::Finished(Finish::errored(format!(
            "{} broke off over this task; that is a bug of tidegate",
            executor.name()
        )))
    });
    drop(permit);
    let finishes = match answer {
        Answer::Finished(finish) => vec![finish],
        Answer::Elsewhere => Vec::new(),
        Answer::Shared(finishes) => finishes,
    };
    for (number, finish) in finishes.into_iter().enumerate() {
        envoy.finish(finish, number).await;
    }
    assignment.event.id
}

/// Speaks for a task to the conductor.
struct Envoy<'a> {
    /// Who carries it out.
    executor: &'a str,
    /// The task.
    assignment: &'a Assignment,
    /// Where the conductor listens.
    requests: &'a mpsc::Sender<Request>,
}

#[async_trait]
impl Voice for Envoy<'_> {
    fn line(&self, _text: &str) {}

    async fn share(&self, answers: usize) {
        let Assignment { task, event, .. } = self.assignment;
        for number in 0..answers {
            let started = answers::started(self.executor, task, event);
            let started = answers::one_of_several(started, self.executor, event, number);
            self.send(started, Origin::Anyone).await;
        }
    }
}

impl Envoy<'_> {
    /// Sends an answer; a shorter one where it is too large.
    async fn finish(&self, finish: Finish, number: usize) {
        let Assignment { task, event, .. } = self.assignment;
        let finished = |finish: &Finish| {
            let finished = answers::finished(self.executor, task, event, finish);
            answers::one_of_several(finished, self.executor, event, number)
        };
        if self.send(finished(&finish), Origin::Ourselves).await == Sent::TooLarge {
            let shorter =
                Finish::errored("the answer is too large to be stored; let the task say less");
            self.send(finished(&shorter), Origin::Anyone).await;
        }
    }

    /// Sends an event until it is stored, or the conductor stops.
    async fn send(&self, event: CloudEvent, mut origin: Origin) -> Sent {
        let mut pause = FIRST_PAUSE;
        loop {
            let (sender, answer) = oneshot::channel();
            let order = Order {
                matter: Matter::Event(event.clone(), origin),
                reply: Reply::Accepted(sender),
            };
            if self.requests.send(Request::Order(order)).await.is_err() {
                return Sent::Done;
            }
            match answer.await {
                Ok(Err(SubmitError::Journal(error))) if is_too_large(&error) => {
                    return Sent::TooLarge;
                }
                Ok(Err(SubmitError::Journal(_))) => {
                    tokio::time::sleep(pause).await;
                    pause = LONGEST_PAUSE.min(pause * 2);
                }
                Ok(Ok(_) | Err(SubmitError::Stopped)) | Err(_) => return Sent::Done,
            }
            origin = Origin::Anyone;
        }
    }
}

/// What became of an event that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sent {
    /// It is stored, or nobody is there any more to store it.
    Done,
    /// It is too large for the journal.
    TooLarge,
}

/// Tells whether an event was too large for the journal: sent again as it is, it would be again.
pub(super) fn is_too_large(error: &JournalError) -> bool {
    matches!(error, JournalError::Append(AppendError::TooLarge { .. }))
}
