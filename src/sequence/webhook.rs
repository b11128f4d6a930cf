//! Webhooks: the requests of `webhook.yaml` (controlplane.md 4.3). What is between `{{` and `}}` is filled in when an
//! event comes; see [`super::GoTemplate`].

/// The webhooks of a project, a stage or a service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebhookConfig {
    /// The webhooks, in the order of the file.
    pub webhooks: Vec<Webhook>,
}

/// What is sent when an event comes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Webhook {
    /// The event type: `sh.keptn.event.deployment.triggered`.
    pub event_type: String,
    /// The subscription that delivers the event; "" where the file names none.
    pub subscription_id: String,
    /// Whether `.started` is sent.
    pub sends_started: bool,
    /// Whether `.finished` is sent once the requests are answered; else the other system sends it.
    pub sends_finished: bool,
    /// Values of secrets, by the name they have in templates.
    pub environment: Vec<SecretReference>,
    /// The requests, one after the other.
    pub requests: Vec<WebhookRequest>,
}

/// A value of a secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretReference {
    /// What it is called in templates: `{{.env.NAME}}`.
    pub name: String,
    /// The secret.
    pub secret: String,
    /// Which of its values.
    pub key: String,
}

/// One request. URL, headers and payload are templates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebhookRequest {
    /// The URL.
    pub url: String,
    /// The method.
    pub method: WebhookMethod,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body; "" where there is none.
    pub payload: String,
    /// How many milliseconds the answer may take.
    pub timeout_ms: Option<u64>,
}

/// A method of HTTP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WebhookMethod {
    /// GET
    #[default]
    Get,
    /// HEAD
    Head,
    /// POST
    Post,
    /// PUT
    Put,
    /// PATCH
    Patch,
    /// DELETE
    Delete,
}

impl WebhookMethod {
    /// The words for them.
    pub const NAMES: [&'static str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

    /// Reads a word, in any case.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word.to_ascii_uppercase().as_str() {
            "GET" => Some(Self::Get),
            "HEAD" => Some(Self::Head),
            "POST" => Some(Self::Post),
            "PUT" => Some(Self::Put),
            "PATCH" => Some(Self::Patch),
            "DELETE" => Some(Self::Delete),
            _ => None,
        }
    }

    /// Returns the word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

impl WebhookConfig {
    /// Returns the webhook of a subscription; where the event came by none, the first for its type.
    #[must_use]
    pub fn select(&self, event_type: &str, subscription_id: Option<&str>) -> Option<&Webhook> {
        let mut all = self.webhooks.iter();
        match subscription_id {
            Some(id) => all.find(|webhook| !id.is_empty() && webhook.subscription_id == id),
            None => all.find(|webhook| webhook.event_type == event_type),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscription_selects_its_webhook_and_without_one_the_type_does() {
        let webhook = |event_type: &str, id: &str| Webhook {
            event_type: event_type.to_owned(),
            subscription_id: id.to_owned(),
            ..Webhook::default()
        };
        let config = WebhookConfig {
            webhooks: vec![webhook("t", "1"), webhook("u", "2"), webhook("u", "")],
        };
        let selected = |event_type, id| {
            let found = config.select(event_type, id);
            found.map(|found| found.subscription_id.as_str())
        };
        assert_eq!(selected("t", Some("2")), Some("2"));
        assert_eq!(selected("t", Some("3")), None);
        assert_eq!(selected("t", Some("")), None);
        assert_eq!(selected("u", None), Some("2"));
        assert_eq!(selected("v", None), None);
    }

    #[test]
    fn every_method_has_a_word() {
        for name in WebhookMethod::NAMES {
            assert_eq!(WebhookMethod::parse(name).unwrap().as_str(), name);
        }
        assert_eq!(WebhookMethod::parse("options"), None);
    }
}
