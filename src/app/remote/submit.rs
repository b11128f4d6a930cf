//! Sends an event that must not be sent twice.

use std::time::Duration;

use crate::control::{CallError, EventQuestion, KeptnClient, SendTrouble};
use crate::gate::event::CloudEvent;

/// How often the history is looked at where an answer is lost.
const LOOKS: u32 = 5;
/// How long to wait before the first look; twice as long before each further one.
const PAUSE: Duration = Duration::from_millis(250);

/// An event was not taken, or nobody knows.
#[derive(Debug, thiserror::Error)]
pub enum SubmitTrouble {
    /// It was not taken.
    #[error(transparent)]
    Refused(CallError),
    /// The answer is lost, and the history does not have the event.
    #[error("nobody knows whether the event was taken: its answer is lost")]
    InDoubt {
        /// The context that it would have.
        context: String,
        /// How the answer was lost.
        #[source]
        source: CallError,
    },
}

/// Sends an event that carries a context of its own, and returns the context that it got. Where the answer is lost, the
/// history tells whether it was taken; it is never sent a second time after the server may have seen it.
pub async fn submit_once(
    client: &KeptnClient,
    event: &CloudEvent,
) -> Result<String, SubmitTrouble> {
    let source = match client.submit(event).await {
        Ok(context) => return Ok(context),
        Err(SendTrouble::Refused(error)) => return Err(SubmitTrouble::Refused(error)),
        Err(SendTrouble::InDoubt(error)) => error,
    };
    let context = event.shkeptncontext.clone().unwrap_or_default();
    let project = event.data_text("project");
    let question = EventQuestion {
        project: Some(project).filter(|project| !project.is_empty()),
        context: Some(context.clone()),
        event_type: Some(event.event_type.clone()),
        ..EventQuestion::default()
    };
    let mut pause = PAUSE;
    for _ in 0..LOOKS {
        tokio::time::sleep(pause).await;
        pause *= 2;
        let found = client.history(&question, usize::MAX).await;
        let is_ours = |one: &CloudEvent| one.triggeredid == event.triggeredid;
        if found.is_ok_and(|found| found.iter().any(is_ours)) {
            return Ok(context);
        }
    }
    Err(SubmitTrouble::InDoubt { context, source })
}
