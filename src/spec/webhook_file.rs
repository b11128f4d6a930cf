//! `webhook.yaml` (controlplane.md 4.3): which requests are sent when an event comes.

mod curl;

use super::Parsed;
use super::fields::{Field, Fields};
use super::findings::Findings;
use super::problem::quoted;
use super::similar;
use super::source::{Source, Span};
use super::yaml::Node;
use crate::sequence::{
    GoTemplate, SecretReference, Webhook, WebhookConfig, WebhookMethod, WebhookRequest,
};

/// The version in which a request is a line for curl.
const ALPHA: &str = "webhookconfig.keptn.sh/v1alpha1";
/// The version in which a request is a mapping.
const BETA: &str = "webhookconfig.keptn.sh/v1beta1";
/// The keys at the top.
const KEYS: [&str; 4] = ["apiVersion", "kind", "metadata", "spec"];
/// The keys of a webhook.
const WEBHOOK_KEYS: [&str; 6] = [
    "type",
    "subscriptionID",
    "sendStarted",
    "sendFinished",
    "envFrom",
    "requests",
];
/// The keys of a request.
const REQUEST_KEYS: [&str; 5] = ["url", "method", "headers", "payload", "options"];

/// Reads a file with webhooks.
#[must_use]
pub fn parse_webhooks(source: &Source) -> Parsed<WebhookConfig> {
    let mut findings = Findings::new(source);
    let config = read(&mut findings);
    findings.finish(config)
}

/// Reads the file; a value may come along with errors.
fn read(findings: &mut Findings<'_>) -> Option<WebhookConfig> {
    let root = findings.document("webhook configuration")?;
    let mut fields = Fields::open(findings, &root, "a webhook file")?;
    check_version(findings, &mut fields, root.span);
    fields.take("kind");
    fields.take("metadata");
    let spec = fields.take_set("spec");
    fields.warn_unknown(findings, "the webhook file", &KEYS);
    let Some(spec) = spec else {
        let hint = "list the webhooks below `spec.webhooks`";
        findings.error(root.span, "the webhook file has no `spec`", hint);
        return None;
    };
    let mut spec = Fields::open(findings, spec.value, "spec")?;
    let webhooks = spec.take_set("webhooks");
    spec.warn_unknown(findings, "`spec`", &["webhooks"]);
    let elements = webhooks.and_then(|field| findings.elements(field.value, "webhooks"));
    let elements = elements.unwrap_or_default().iter();
    let webhooks = elements.filter_map(|element| read_webhook(findings, element));
    Some(WebhookConfig {
        webhooks: webhooks.collect(),
    })
}

/// Checks `apiVersion`. A request says by itself in which form it is.
fn check_version(findings: &mut Findings<'_>, fields: &mut Fields<'_>, whole: Span) {
    let hint = format!("write `apiVersion: {BETA}`");
    let Some(field) = fields.take_set("apiVersion") else {
        findings.error(whole, "the webhook file has no `apiVersion`", hint);
        return;
    };
    let version = findings.text(field.value, "apiVersion").unwrap_or_default();
    if version != ALPHA && version != BETA {
        let message = format!("{} is no version of a webhook file", quoted(&version));
        findings.error(field.span(), message, hint);
    }
}

/// Reads a webhook.
fn read_webhook(findings: &mut Findings<'_>, node: &Node) -> Option<Webhook> {
    let mut fields = Fields::open(findings, node, "a webhook")?;
    let event_type = take_text(findings, &mut fields, "type");
    let subscription_id = take_text(findings, &mut fields, "subscriptionID");
    let sends_started = take_boolean(findings, &mut fields, "sendStarted");
    let sends_finished = take_boolean(findings, &mut fields, "sendFinished");
    let environment = fields.take_set("envFrom");
    let requests = fields.take_set("requests");
    fields.warn_unknown(findings, "the webhook", &WEBHOOK_KEYS);
    let environment = environment
        .and_then(|field| findings.elements(field.value, "envFrom"))
        .unwrap_or_default()
        .iter()
        .filter_map(|element| read_reference(findings, element))
        .collect();
    let elements = requests
        .and_then(|field| findings.elements(field.value, "requests"))
        .unwrap_or_default();
    let requests: Vec<WebhookRequest> = elements
        .iter()
        .filter_map(|element| read_request(findings, element))
        .collect();
    let Some(event_type) = event_type else {
        let hint = "write `type: sh.keptn.event.TASK.triggered`";
        findings.error(node.span, "a webhook has no `type`", hint);
        return None;
    };
    if elements.is_empty() {
        let message = format!("the webhook for {} has no requests", quoted(&event_type));
        findings.error(node.span, message, "list at least one below `requests`");
    }
    Some(Webhook {
        event_type,
        subscription_id: subscription_id.unwrap_or_default(),
        sends_started: sends_started.unwrap_or(true),
        sends_finished: sends_finished.unwrap_or(false),
        environment,
        requests,
    })
}

/// Reads an entry of `envFrom`.
fn read_reference(findings: &mut Findings<'_>, node: &Node) -> Option<SecretReference> {
    let mut fields = Fields::open(findings, node, "an entry of `envFrom`")?;
    let name = take_text(findings, &mut fields, "name");
    let reference = fields.take_set("secretRef");
    fields.warn_unknown(findings, "`envFrom`", &["name", "secretRef"]);
    let reference = reference.and_then(|field| Fields::open(findings, field.value, "secretRef"));
    let (secret, key) = match reference {
        Some(mut fields) => {
            let secret = take_text(findings, &mut fields, "name");
            let key = take_text(findings, &mut fields, "key");
            fields.warn_unknown(findings, "`secretRef`", &["name", "key"]);
            (secret, key)
        }
        None => (None, None),
    };
    let (Some(name), Some(secret), Some(key)) = (name, secret, key) else {
        let hint = "write `{name: NAME, secretRef: {name: SECRET, key: KEY}}`";
        findings.error(node.span, "an entry of `envFrom` is not complete", hint);
        return None;
    };
    Some(SecretReference { name, secret, key })
}

/// Reads a request: a mapping, or a line for curl.
fn read_request(findings: &mut Findings<'_>, node: &Node) -> Option<WebhookRequest> {
    let request = if node.entries().is_none() && node.text().is_some() {
        let line = findings.text(node, "a request")?;
        match curl::parse(&line) {
            Ok(request) => request,
            Err(curl::CurlError { message, hint }) => {
                findings.error(node.span, message, hint);
                return None;
            }
        }
    } else {
        read_mapping(findings, node)?
    };
    check_templates(findings, &request, node.span);
    Some(request)
}

/// Reads a request that is a mapping.
fn read_mapping(findings: &mut Findings<'_>, node: &Node) -> Option<WebhookRequest> {
    let mut fields = Fields::open(findings, node, "a request")?;
    let url = take_text(findings, &mut fields, "url");
    let method = fields.take_set("method");
    let headers = fields.take_set("headers");
    let payload = fields.take_set("payload");
    let options = fields.take_set("options");
    fields.warn_unknown(findings, "the request", &REQUEST_KEYS);
    let method = method.and_then(|field| read_method(findings, &field));
    let headers = headers
        .and_then(|field| findings.elements(field.value, "headers"))
        .unwrap_or_default()
        .iter()
        .filter_map(|element| read_header(findings, element))
        .collect();
    let payload = payload.and_then(|field| findings.text(field.value, "payload"));
    let timeout_ms = options.and_then(|field| read_options(findings, &field));
    let Some(url) = url else {
        findings.error(
            node.span,
            "a request has no `url`",
            "write `url: https://…`",
        );
        return None;
    };
    Some(WebhookRequest {
        url,
        method: method.unwrap_or_default(),
        headers,
        payload: payload.unwrap_or_default(),
        timeout_ms,
    })
}

/// Reads a method.
fn read_method(findings: &mut Findings<'_>, field: &Field<'_>) -> Option<WebhookMethod> {
    let word = findings.text(field.value, "method")?;
    let method = WebhookMethod::parse(&word);
    if method.is_none() {
        let message = format!("a request can't be sent by {}", quoted(&word));
        findings.error(
            field.span(),
            message,
            similar::hint(&word, &WebhookMethod::NAMES),
        );
    }
    method
}

/// Reads a header.
fn read_header(findings: &mut Findings<'_>, node: &Node) -> Option<(String, String)> {
    let mut fields = Fields::open(findings, node, "a header")?;
    let key = take_text(findings, &mut fields, "key");
    let value = take_text(findings, &mut fields, "value");
    fields.warn_unknown(findings, "the header", &["key", "value"]);
    let Some(key) = key.filter(|key| is_header_name(key)) else {
        findings.error(
            node.span,
            "a header has no name",
            "write `{key: NAME, value: TEXT}`",
        );
        return None;
    };
    Some((key, value.unwrap_or_default()))
}

/// Tells whether a text can be the name of a header.
fn is_header_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

/// Reads the options of a request: how long it may take; what else curl knows is refused by name.
fn read_options(findings: &mut Findings<'_>, field: &Field<'_>) -> Option<u64> {
    let line = findings.text(field.value, "options")?;
    match curl::parse_options(&line) {
        Ok(timeout) => timeout,
        Err(curl::CurlError { message, hint }) => {
            findings.error(field.span(), message, hint);
            None
        }
    }
}

/// Says what can't be filled in.
fn check_templates(findings: &mut Findings<'_>, request: &WebhookRequest, at: Span) {
    let headers = request.headers.iter().map(|(_, value)| value);
    for text in headers.chain([&request.url, &request.payload]) {
        if let Err(error) = GoTemplate::parse(text) {
            let hint = "fields of the event and `.env.NAME` can be filled in";
            findings.error(at, error.to_string(), hint);
        }
    }
}

/// Takes a text that is not empty.
fn take_text(findings: &mut Findings<'_>, fields: &mut Fields<'_>, name: &str) -> Option<String> {
    let field = fields.take_set(name)?;
    let text = findings.text(field.value, name);
    text.filter(|text| !text.is_empty())
}

/// Takes a truth value.
fn take_boolean(findings: &mut Findings<'_>, fields: &mut Fields<'_>, name: &str) -> Option<bool> {
    let field = fields.take_set(name)?;
    findings.boolean(field.value, name)
}

#[cfg(test)]
mod tests;
