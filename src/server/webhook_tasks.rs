//! Webhooks, as in Keptn: subscriptions of `webhook-service` say which events they are for, and `webhook/webhook.yaml` of
//! the project what is sent. A task that a subscription asks for is carried out; of any other event somebody is told.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::own_parts::WEBHOOKS;
use super::uniform::{Reach, Registry, RegistryQuestion};
use crate::app::Moments;
use crate::control::{Subscription, SubscriptionFilter};
use crate::executor::{Answer, Assignment, Executor, Voice, WebhookExecutor};
use crate::gate::event::CloudEvent;
use crate::sequence::{EventKind, EventName};

/// Carries out the tasks that somebody subscribed a webhook to; clones share everything.
#[derive(Clone)]
pub struct WebhookTasks {
    /// Who sends requests.
    webhooks: Arc<WebhookExecutor>,
    /// Who subscribed.
    registry: Arc<Registry>,
    /// The clock.
    moments: Moments,
}

impl WebhookTasks {
    /// Makes it.
    #[must_use]
    pub fn new(webhooks: WebhookExecutor, registry: Arc<Registry>, moments: Moments) -> Self {
        Self {
            webhooks: Arc::new(webhooks),
            registry,
            moments,
        }
    }

    /// Tells of events that are no tasks, until the conductor is gone.
    pub async fn tell(self, mut events: Receiver<Arc<CloudEvent>>) {
        loop {
            let event = match events.recv().await {
                Ok(event) => event,
                Err(RecvError::Lagged(missed)) => {
                    tracing::warn!(
                        missed,
                        "webhooks were not told of some events: there were too many"
                    );
                    continue;
                }
                Err(RecvError::Closed) => return,
            };
            if is_task(&event) {
                continue;
            }
            for subscription in self.subscriptions(&event) {
                let (webhooks, event) = (Arc::clone(&self.webhooks), Arc::clone(&event));
                tokio::spawn(async move {
                    if let Err(reason) = webhooks.notify(&delivered(&event, &subscription)).await {
                        tracing::warn!(
                            event = event.id,
                            reason,
                            "a webhook was not told of an event"
                        );
                    }
                });
            }
        }
    }

    /// Returns the ids of the subscriptions that ask for an event.
    fn subscriptions(&self, event: &CloudEvent) -> Vec<String> {
        let question = RegistryQuestion {
            name: WEBHOOKS.to_owned(),
            ..RegistryQuestion::default()
        };
        let integrations = self.registry.list(&question, &Reach::All, (self.moments)());
        let all = integrations.into_iter().flat_map(|one| one.subscriptions);
        let found = all.filter(|subscription| asks_for(subscription, event));
        found.map(|subscription| subscription.id).collect()
    }
}

#[async_trait]
impl Executor for WebhookTasks {
    fn name(&self) -> &'static str {
        WEBHOOKS
    }

    fn takes(&self, triggered: &CloudEvent) -> bool {
        !self.subscriptions(triggered).is_empty()
    }

    fn announces_itself(&self) -> bool {
        self.webhooks.announces_itself()
    }

    async fn execute(&self, assignment: &Assignment, voice: &dyn Voice) -> Answer {
        // A task has one answer: that of the first.
        let all = self.subscriptions(&assignment.event);
        let id = all.into_iter().next().unwrap_or_default();
        let assignment = Assignment {
            event: delivered(&assignment.event, &id),
            ..assignment.clone()
        };
        self.webhooks.execute(&assignment, voice).await
    }
}

/// Tells whether an event is a task to carry out.
fn is_task(event: &CloudEvent) -> bool {
    matches!(
        EventName::parse(&event.event_type),
        Some(EventName::Task {
            kind: EventKind::Triggered,
            ..
        })
    )
}

/// Returns an event as Keptn's distributor delivers it: with the subscription that asked for it.
fn delivered(event: &CloudEvent, subscription: &str) -> CloudEvent {
    let mut data = event.data.value();
    if let Some(members) = data.as_object_mut() {
        let temporary = members.entry("temporaryData").or_insert_with(|| json!({}));
        if !temporary.is_object() {
            *temporary = json!({});
        }
        if let Value::Object(temporary) = temporary {
            temporary.insert(
                "distributor".to_owned(),
                json!({"subscriptionID": subscription}),
            );
        }
    }
    CloudEvent {
        data: data.into(),
        ..event.clone()
    }
}

/// Tells whether a subscription asks for an event.
fn asks_for(subscription: &Subscription, event: &CloudEvent) -> bool {
    let SubscriptionFilter {
        projects,
        stages,
        services,
    } = &subscription.filter;
    let is_of = |wanted: &Vec<String>, member: &str| {
        let named = event.data_text(member);
        wanted.is_empty() || wanted.contains(&named)
    };
    fits(&subscription.event, &event.event_type)
        && is_of(projects, "project")
        && is_of(stages, "stage")
        && is_of(services, "service")
}

/// Tells whether a type fits a pattern: `*` stands for one part, `>` at the end for all that follow.
fn fits(pattern: &str, event_type: &str) -> bool {
    let mut parts = event_type.split('.');
    for wanted in pattern.split('.') {
        match (wanted, parts.next()) {
            (">", Some(_)) => return true,
            (_, None) => return false,
            ("*", Some(_)) => {}
            (wanted, Some(part)) if wanted == part => {}
            (_, Some(_)) => return false,
        }
    }
    parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_part_by_part() {
        let deployment = "sh.keptn.event.deployment.triggered";
        for (pattern, is_fit) in [
            (deployment, true),
            ("sh.keptn.event.*.triggered", true),
            ("sh.keptn.>", true),
            ("sh.keptn.event.deployment", false),
            ("sh.keptn.event.deployment.triggered.>", false),
            ("sh.keptn.event.test.triggered", false),
            ("", false),
        ] {
            assert_eq!(fits(pattern, deployment), is_fit, "{pattern}");
        }
    }

    #[test]
    fn a_delivered_event_names_its_subscription_and_keeps_its_data() {
        let event: CloudEvent = serde_json::from_value(json!({
            "id": "1", "source": "s", "type": "t", "data": {"project": "shop", "temporaryData": {"a": 1}},
        }))
        .unwrap();
        let data = delivered(&event, "s-1").data.value();
        let temporary = json!({"a": 1, "distributor": {"subscriptionID": "s-1"}});
        assert_eq!(data, json!({"project": "shop", "temporaryData": temporary}));
    }
}
