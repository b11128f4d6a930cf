//! What webhooks need.

use std::sync::Arc;
use std::time::Duration;

use crate::executor::{ResourceReader, SecretReader};
use crate::net::{AddressPolicy, RetrySettings, TlsSettings};

/// What webhooks need.
#[derive(Clone)]
pub struct WebhookSettings {
    /// Where `webhook/webhook.yaml` is: the first of service, stage, and project that has one counts.
    pub resources: Arc<dyn ResourceReader>,
    /// The file in there.
    pub uri: String,
    /// Where secrets are: those of the scope `keptn-webhook-service`, else of `keptn-default`.
    pub secrets: Arc<dyn SecretReader>,
    /// How the webhook of a task is found.
    pub selection: Selection,
    /// Where requests may go.
    pub addresses: AddressPolicy,
    /// How to check servers.
    pub tls: TlsSettings,
    /// How long an answer may take where the request does not say.
    pub timeout: Duration,
    /// How often to ask again.
    pub retry: RetrySettings,
    /// How large an answer may be.
    pub most_bytes: usize,
}

impl WebhookSettings {
    /// Where Keptn has the file.
    pub const URI: &'static str = "webhook/webhook.yaml";
    /// How long an answer may take when nothing is said.
    pub const TIMEOUT: Duration = Duration::from_secs(30);
    /// How large an answer may be when nothing is said: an event has room for several.
    pub const MOST_BYTES: usize = 128 * 1024;

    /// Takes the defaults: public addresses only.
    #[must_use]
    pub fn new(
        resources: Arc<dyn ResourceReader>,
        secrets: Arc<dyn SecretReader>,
        selection: Selection,
    ) -> Self {
        Self {
            resources,
            uri: Self::URI.to_owned(),
            secrets,
            selection,
            addresses: AddressPolicy::Public { allow: Vec::new() },
            tls: TlsSettings::default(),
            timeout: Self::TIMEOUT,
            retry: RetrySettings::default(),
            most_bytes: Self::MOST_BYTES,
        }
    }
}

/// How the webhook of a task is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// By the subscription that delivered the event, as in Keptn.
    Subscription,
    /// By the type of the event: where there are no subscriptions.
    EventType,
}
