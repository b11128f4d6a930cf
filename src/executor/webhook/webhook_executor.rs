//! Carries out tasks by the requests of their webhooks.

use async_trait::async_trait;
use serde_json::{Map, Value, json};

use super::definition::Definition;
use super::settings::WebhookSettings;
use crate::executor::{Answer, Assignment, Executor, Finish, Voice};
use crate::gate::event::CloudEvent;

/// Carries out tasks by the requests of their webhooks.
pub struct WebhookExecutor {
    /// What it needs.
    settings: WebhookSettings,
}

/// What came of the requests of a webhook.
struct Outcome {
    /// What came back, request by request.
    responses: Vec<Value>,
    /// Why it went no further.
    failure: Option<String>,
}

impl WebhookExecutor {
    /// Makes it.
    #[must_use]
    pub fn new(settings: WebhookSettings) -> Self {
        Self { settings }
    }

    /// Tells a webhook of an event that asks for no answer, such as a `.finished`: none is sent.
    ///
    /// # Errors
    /// Why not every request was answered well, without secrets.
    pub async fn notify(&self, event: &CloudEvent) -> Result<(), String> {
        let definition = Definition::of(event, &self.settings).await?;
        let outcome = self.requested(&definition).await;
        outcome.failure.map_or(Ok(()), Err)
    }

    /// Sends the requests one after the other; after a failure no more.
    async fn requested(&self, definition: &Definition) -> Outcome {
        let requests = &definition.webhook.requests;
        let mut responses = Vec::new();
        for (number, request) in requests.iter().enumerate() {
            match definition.call(request, &self.settings).await {
                Ok(response) => responses.push(response),
                Err(reason) => {
                    let number = number + 1;
                    let failure =
                        format!("request {number} of {} failed: {reason}", requests.len());
                    return Outcome {
                        responses,
                        failure: Some(failure),
                    };
                }
            }
        }
        Outcome {
            responses,
            failure: None,
        }
    }
}

#[async_trait]
impl Executor for WebhookExecutor {
    fn name(&self) -> &'static str {
        "webhook-service"
    }

    fn announces_itself(&self) -> bool {
        true
    }

    async fn execute(&self, assignment: &Assignment, voice: &dyn Voice) -> Answer {
        let definition = match Definition::of(&assignment.event, &self.settings).await {
            Ok(definition) => definition,
            Err(reason) => {
                voice.share(1).await;
                return Answer::Finished(Finish::errored(reason));
            }
        };
        let answers = definition.answers();
        if definition.webhook.sends_started {
            // Before anything is sent: an answer that comes at once must not look like the last.
            voice.share(answers).await;
        }
        let outcome = self.requested(&definition).await;
        if definition.webhook.sends_finished {
            return Answer::Finished(finished(&assignment.task, outcome));
        }
        let Some(failure) = outcome.failure else {
            return Answer::Elsewhere;
        };
        let outstanding = answers.saturating_sub(outcome.responses.len());
        Answer::Shared(vec![Finish::errored(failure); outstanding])
    }
}

/// Says how the task ends that its webhook finishes itself.
fn finished(task: &str, outcome: Outcome) -> Finish {
    let finish = match outcome.failure {
        None => Finish::pass(),
        Some(failure) => Finish::errored(failure),
    };
    let responses = json!({"responses": outcome.responses});
    Finish {
        data: Map::from_iter([(task.to_owned(), responses)]),
        ..finish
    }
}
