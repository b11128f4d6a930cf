//! The webhook of a task, with everything that its templates may speak of.

use std::collections::BTreeMap;

use serde_json::Value;

use super::settings::{Selection, WebhookSettings};
use crate::executor::{ResourcePlace, SecretReader};
use crate::gate::event::CloudEvent;
use crate::net::{Redactor, Secret};
use crate::sequence::{GoTemplate, Webhook, WebhookRequest};
use crate::spec::{Problem, Source, parse_webhooks};

/// The scopes whose secrets webhooks may read, the first that has it wins.
const SCOPES: [&str; 2] = ["keptn-webhook-service", "keptn-default"];

/// The webhook of a task.
pub(super) struct Definition {
    /// The webhook.
    pub(super) webhook: Webhook,
    /// The event, as templates see it.
    pub(super) event: Value,
    /// The values of secrets, as they are written in templates.
    pub(super) secrets: BTreeMap<String, String>,
    /// Takes them out of what comes back.
    pub(super) redactor: Redactor,
}

impl Definition {
    /// Finds the webhook of an event.
    pub(super) async fn of(event: &CloudEvent, settings: &WebhookSettings) -> Result<Self, String> {
        let webhook = webhook(event, settings).await?;
        let secrets = secrets(&webhook, settings.secrets.as_ref()).await?;
        let values: Vec<Secret> = secrets.values().cloned().map(Secret::new).collect();
        Ok(Self {
            event: serde_json::to_value(event).map_err(|error| error.to_string())?,
            redactor: Redactor::new(&values),
            webhook,
            secrets,
        })
    }

    /// Returns how many answers the task will have.
    pub(super) fn answers(&self) -> usize {
        if self.webhook.sends_finished {
            1
        } else {
            self.webhook.requests.len()
        }
    }
}

/// Finds the webhook.
async fn webhook(event: &CloudEvent, settings: &WebhookSettings) -> Result<Webhook, String> {
    let uri = settings.uri.as_str();
    let subscription = match settings.selection {
        Selection::EventType => None,
        Selection::Subscription => Some(subscription(event).ok_or(
            "the event was delivered by no subscription, so it is not known which webhook is meant",
        )?),
    };
    let text = file(event, settings).await?;
    let source = Source::from_bytes(uri, text, Source::MOST_YAML_BYTES);
    let unusable = |problems: &[Problem]| {
        let said = Problem::in_one_line(problems);
        format!("the webhooks can't be used: {said}")
    };
    let source = source.map_err(|problem| unusable(&[problem]))?;
    let parsed = parse_webhooks(&source);
    let Some(config) = parsed.value else {
        return Err(unusable(&parsed.problems));
    };
    let found = config.select(&event.event_type, subscription.as_deref());
    found.cloned().ok_or_else(|| match subscription {
        Some(id) => format!(
            "{uri} has no webhook with the subscriptionID `{}`",
            id.escape_debug()
        ),
        None => format!(
            "{uri} has no webhook of the type `{}`",
            event.event_type.escape_debug()
        ),
    })
}

/// Returns the subscription that delivered an event.
fn subscription(event: &CloudEvent) -> Option<String> {
    let data = event.data.value();
    let id = data.pointer("/temporaryData/distributor/subscriptionID")?;
    Some(id.as_str()?.to_owned()).filter(|id| !id.is_empty())
}

/// Reads the file: that of the service, else of the stage, else of the project.
async fn file(event: &CloudEvent, settings: &WebhookSettings) -> Result<Vec<u8>, String> {
    let [project, stage, service] = ["project", "stage", "service"].map(|key| event.data_text(key));
    let commit = event.extensions.get("gitcommitid").and_then(Value::as_str);
    let commit = commit.filter(|commit| !commit.is_empty());
    let place = |stage: Option<&String>, service: Option<&String>| ResourcePlace {
        project: project.clone(),
        stage: stage.cloned(),
        service: service.cloned(),
    };
    let places = [
        place(Some(&stage), Some(&service)),
        place(Some(&stage), None),
        place(None, None),
    ];
    for place in &places {
        let reader = &settings.resources;
        let found = reader.resource(place, &settings.uri, commit).await;
        if let Some(content) = found.map_err(|error| error.to_string())? {
            return Ok(content);
        }
    }
    Err(format!(
        "there is no {} in the service, the stage or the project",
        settings.uri
    ))
}

/// Reads the secrets that the templates speak of, under the names that they have there.
async fn secrets(
    webhook: &Webhook,
    reader: &dyn SecretReader,
) -> Result<BTreeMap<String, String>, String> {
    let mut wanted: BTreeMap<String, (String, String)> = BTreeMap::new();
    for reference in &webhook.environment {
        let name = format!("env.{}", reference.name);
        wanted.insert(name, (reference.secret.clone(), reference.key.clone()));
    }
    for path in webhook.requests.iter().flat_map(spoken_of) {
        if let Some(rest) = path.strip_prefix("secret.")
            && let Some((secret, key)) = rest.split_once('.')
        {
            let place = (secret.to_owned(), key.to_owned());
            wanted.insert(path, place);
        }
    }
    let mut secrets = BTreeMap::new();
    for (path, (secret, key)) in wanted {
        let value = value(reader, &secret, &key).await.ok_or_else(|| {
            let remedy = reader.remedy(SCOPES[0], &secret, &key);
            let (secret, key) = (secret.escape_debug(), key.escape_debug());
            format!("webhooks may read no secret `{secret}` with the key `{key}`: {remedy}")
        })?;
        secrets.insert(path, value.expose().to_owned());
    }
    Ok(secrets)
}

/// Reads one value of a secret.
async fn value(reader: &dyn SecretReader, secret: &str, key: &str) -> Option<Secret> {
    for scope in SCOPES {
        if let Some(value) = reader.secret(scope, secret, key).await {
            return Some(value);
        }
    }
    None
}

/// Returns the secrets that the templates of a request speak of. One that can't be read is told when it is filled in.
fn spoken_of(request: &WebhookRequest) -> Vec<String> {
    let headers = request.headers.iter().map(|(_, value)| value);
    let texts = [&request.url, &request.payload].into_iter().chain(headers);
    let templates = texts.filter_map(|text| GoTemplate::parse(text).ok());
    templates
        .flat_map(|template| template.secrets().collect::<Vec<_>>())
        .collect()
}
