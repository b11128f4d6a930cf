//! One request of a webhook: filled in, sent, and its answer.

use std::time::Duration;

use serde_json::Value;
use url::Url;

use super::definition::Definition;
use super::settings::WebhookSettings;
use crate::net::{
    Answer, Body, ConnectionSettings, HeaderText, HttpClient, Method, Outgoing, Patience, Place,
    Repeat, Secret,
};
use crate::sequence::{
    GoTemplate, TemplateError, TemplatePlace, TemplateRoot, WebhookMethod, WebhookRequest,
};

/// How much of a refusal is shown.
const SHOWN_BYTES: usize = 500;

impl Definition {
    /// Sends a request; returns what came back, without secrets, as the event shows it.
    pub(super) async fn call(
        &self,
        request: &WebhookRequest,
        settings: &WebhookSettings,
    ) -> Result<Value, String> {
        let sent = self.send(request, settings).await;
        let answer = sent.map_err(|reason| self.redactor.redact(&reason))?;
        if !(200..300).contains(&answer.status) {
            let text = self.redactor.excerpt(&answer.body, SHOWN_BYTES);
            let text = if text.is_empty() {
                text
            } else {
                format!(": {text}")
            };
            return Err(format!("the answer is {}{text}", answer.status));
        }
        let text = self.redactor.redact(&String::from_utf8_lossy(&answer.body));
        Ok(match serde_json::from_str::<Value>(&text) {
            Ok(Value::Object(object)) => Value::Object(object),
            Ok(_) | Err(_) => Value::String(text),
        })
    }

    /// Fills a request in and sends it.
    async fn send(
        &self,
        request: &WebhookRequest,
        settings: &WebhookSettings,
    ) -> Result<Answer, String> {
        let url = self.filled(&request.url, TemplatePlace::Url, "the URL")?;
        let url = Url::parse(&url).map_err(|error| format!("the URL can't be used: {error}"))?;
        let client = self.client(request, &url, settings)?;
        let payload = self.filled(&request.payload, TemplatePlace::Body, "the payload")?;
        let outgoing = Outgoing {
            place: Place::Link(link(&url)),
            body: self.body(request, payload)?,
            ..Outgoing::new(method(request.method), "")
        };
        let repeat = match request.method {
            WebhookMethod::Get | WebhookMethod::Head => Repeat::Freely,
            WebhookMethod::Put | WebhookMethod::Delete => Repeat::Freely,
            WebhookMethod::Post | WebhookMethod::Patch => Repeat::Carefully,
        };
        let answer = client.request(repeat, Patience::default(), &outgoing).await;
        answer.map_err(|error| match error.failure.hint() {
            Some(hint) => format!("{error}; {hint}"),
            None => error.to_string(),
        })
    }

    /// Makes the client of a request: its host, and its headers.
    fn client(
        &self,
        request: &WebhookRequest,
        url: &Url,
        settings: &WebhookSettings,
    ) -> Result<HttpClient, String> {
        let mut base = url.clone();
        base.set_path("");
        base.set_query(None);
        base.set_fragment(None);
        let connection = ConnectionSettings::parse(base.as_str());
        let mut connection =
            connection.map_err(|error| format!("the URL can't be used: {error}"))?;
        for (name, value) in &request.headers {
            if name.eq_ignore_ascii_case("content-type") {
                continue;
            }
            let value = self.filled(value, TemplatePlace::Header, "a header")?;
            let value = HeaderText::Secret(Secret::new(value));
            connection.headers.push((name.clone(), value));
        }
        connection.addresses = settings.addresses.clone();
        connection.tls = settings.tls.clone();
        connection.retry = settings.retry;
        connection.max_response_bytes = settings.most_bytes;
        connection.timeout = request
            .timeout_ms
            .map_or(settings.timeout, Duration::from_millis);
        HttpClient::new(&connection).map_err(|error| format!("the request can't be sent: {error}"))
    }

    /// Makes the body of a request, which is what its header says; else JSON, or a text.
    fn body(&self, request: &WebhookRequest, payload: String) -> Result<Body, String> {
        if payload.is_empty() {
            return Ok(Body::None);
        }
        let mut headers = request.headers.iter();
        let said = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let content_type = match said {
            Some((_, value)) => self.filled(value, TemplatePlace::Header, "a header")?,
            None if serde_json::from_str::<serde::de::IgnoredAny>(&payload).is_ok() => {
                "application/json".to_owned()
            }
            None => "text/plain; charset=utf-8".to_owned(),
        };
        Ok(Body::Raw {
            content_type,
            bytes: payload.into_bytes(),
        })
    }

    /// Fills a template in.
    fn filled(&self, text: &str, place: TemplatePlace, what: &str) -> Result<String, String> {
        let root = TemplateRoot {
            event: &self.event,
            secrets: &self.secrets,
        };
        let filled = GoTemplate::parse(text).and_then(|template| template.render(&root, place));
        filled.map_err(|error: TemplateError| format!("{what} can't be filled in: {error}"))
    }
}

/// Returns path and query of a URL. The base of the client is the rest of it.
fn link(url: &Url) -> String {
    let mut link = url.clone();
    link.set_fragment(None);
    // A URL with a host can have both, so neither fails.
    let cleared = link.set_username("").and_then(|()| link.set_password(None));
    match cleared {
        Ok(()) => link.to_string(),
        Err(()) => url.path().to_owned(),
    }
}

/// Returns the method of HTTP.
fn method(method: WebhookMethod) -> Method {
    match method {
        WebhookMethod::Get => Method::GET,
        WebhookMethod::Head => Method::HEAD,
        WebhookMethod::Post => Method::POST,
        WebhookMethod::Put => Method::PUT,
        WebhookMethod::Patch => Method::PATCH,
        WebhookMethod::Delete => Method::DELETE,
    }
}
