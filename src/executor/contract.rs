//! What every executor keeps, run against each of them: it may be dropped at any moment, and does the task again
//! afterwards as if nothing had happened.

use std::sync::Mutex;
use std::task::{Context, Poll};

use async_trait::async_trait;

use super::{Answer, Assignment, Attempt, Executor, Silence, Voice};

/// How often an executor may wait before a test gives up on it.
const MOST_WAITS: usize = 10_000;

/// Carries out a task whole; then once more for each moment at which it waits, dropping it there, and whole again.
pub(crate) async fn keeps(executor: &dyn Executor, assignment: &Assignment) {
    assert!(!executor.name().is_empty());
    let whole = executor.execute(assignment, &Silence).await;
    let again = Assignment {
        attempt: Attempt::Again,
        ..assignment.clone()
    };
    for waits in 0..5 {
        if dropped_after(executor, assignment, waits).await {
            let answer = executor.execute(&again, &Silence).await;
            assert_eq!(kind(&answer), kind(&whole), "dropped after {waits} waits");
        }
    }
    assert_eq!(
        kind(&executor.execute(&again, &Silence).await),
        kind(&whole)
    );
}

/// Polls a task so often, and drops it; tells whether it was under way.
async fn dropped_after(executor: &dyn Executor, assignment: &Assignment, waits: usize) -> bool {
    let mut task = executor.execute(assignment, &Silence);
    let mut polled = 0;
    std::future::poll_fn(|context: &mut Context<'_>| {
        polled += 1;
        assert!(polled < MOST_WAITS);
        if task.as_mut().poll(context).is_ready() {
            return Poll::Ready(false);
        }
        if polled > waits {
            return Poll::Ready(true);
        }
        Poll::Pending
    })
    .await
}

/// Returns what an answer comes to, without what may differ from one attempt to the next.
fn kind(answer: &Answer) -> String {
    match answer {
        Answer::Finished(finish) => format!("{}/{}", finish.status.as_str(), finish.result),
        Answer::Elsewhere => "elsewhere".to_owned(),
        Answer::Shared(finishes) => format!("shared, {} here", finishes.len()),
    }
}

/// Remembers what a task said.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// The lines.
    pub(crate) lines: Mutex<Vec<String>>,
    /// How many answers were announced.
    pub(crate) shares: Mutex<Vec<usize>>,
}

#[async_trait]
impl Voice for Heard {
    fn line(&self, text: &str) {
        self.lines.lock().unwrap().push(text.to_owned());
    }

    async fn share(&self, answers: usize) {
        self.shares.lock().unwrap().push(answers);
    }
}
