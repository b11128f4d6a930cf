//! What a plug-in reads: one JSON document (`tidegate.exec/v1`).

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::settings::PluginConfig;
use crate::gate::{Context, ProviderName};
use crate::provider::Request;

/// The version of the protocol that is spoken here.
pub(super) const API_VERSION: &str = "tidegate.exec/v1";

/// The option whose content is passed to the plug-in.
pub(super) const OPTIONS: &str = "options";

/// A question to a plug-in.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FetchRequest<'a> {
    /// The version of the protocol.
    api_version: &'static str,
    /// What kind of document this is.
    kind: &'static str,
    /// Tells this question from others.
    request_id: String,
    /// Who is asked.
    provider: Value,
    /// The window.
    window: Value,
    /// What is evaluated.
    context: Value,
    /// What is asked for.
    indicators: Vec<Value>,
    /// When an answer is of no use any more.
    deadline: String,
    /// What may be answered.
    capabilities: [&'a str; 2],
}

/// What is the same in all questions of one call.
pub(super) struct Asking<'a> {
    /// The provider's name.
    pub name: &'a ProviderName,
    /// What the plug-in is told besides.
    pub config: &'a PluginConfig,
    /// What is evaluated.
    pub context: &'a Context,
}

impl FetchRequest<'_> {
    /// Writes the question as one line.
    pub(super) fn line(
        asking: &Asking<'_>,
        requests: &[&Request],
        request_id: String,
        limit: Duration,
    ) -> Vec<u8> {
        let Asking {
            name,
            config,
            context,
        } = asking;
        let document = FetchRequest {
            api_version: API_VERSION,
            kind: "FetchRequest",
            request_id,
            provider: json!({"name": name.as_str(), "config": config.expose()}),
            window: window(context),
            context: series(context),
            indicators: requests.iter().map(|request| indicator(request)).collect(),
            deadline: deadline(limit),
            capabilities: ["partialResults", "samples"],
        };
        let mut line = serde_json::to_vec(&document).unwrap_or_default();
        line.push(b'\n');
        line
    }
}

/// Writes the window.
fn window(context: &Context) -> Value {
    let (start, end) = (context.window.start(), context.window.end());
    json!({
        "start": start.to_string(),
        "end": end.to_string(),
        "startUnixMs": start.as_millisecond(),
        "endUnixMs": end.as_millisecond(),
        "durationSeconds": context.window.seconds(),
    })
}

/// Writes what is evaluated.
fn series(context: &Context) -> Value {
    let filter = |(key, value): &(String, String)| json!({"key": key, "value": value});
    json!({
        "project": context.series.project.as_str(),
        "stage": context.series.stage.as_str(),
        "service": context.series.service.as_str(),
        "deployment": context.deployment(),
        "labels": context.labels,
        "filters": context.filters.iter().map(filter).collect::<Vec<_>>(),
    })
}

/// Writes what is asked for.
fn indicator(request: &Request) -> Value {
    let nothing = Value::Object(Map::new());
    let options = request.options.get(OPTIONS).unwrap_or(&nothing);
    json!({"name": request.indicator.as_str(), "query": request.query, "options": options})
}

/// Returns the moment at which the plug-in will be stopped.
#[expect(
    clippy::disallowed_methods,
    reason = "a plug-in is told the moment at which it is stopped; no value depends on it"
)]
fn deadline(limit: Duration) -> String {
    let now = Timestamp::now();
    let moment = now.checked_add(limit).unwrap_or(Timestamp::MAX);
    let whole = Timestamp::from_second(moment.as_second()).unwrap_or(moment);
    whole.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::contract;

    #[test]
    fn a_question_holds_all_that_a_plug_in_needs() {
        let context = Context {
            deployment: Some("canary".to_owned()),
            labels: [("build".to_owned(), "42".to_owned())].into(),
            filters: vec![("handler".to_owned(), "=~'Items.*'".to_owned())],
            ..contract::context()
        };
        let mut requests = contract::requests(&["SELECT 1"]);
        let options = json!({"account": 7});
        requests[0].options.insert(OPTIONS.to_owned(), options);
        let name = ProviderName::new("newrelic").unwrap();
        let config = PluginConfig::new(json!({"any": "yaml"}));
        let asking = Asking {
            name: &name,
            config: &config,
            context: &context,
        };
        let limit = Duration::from_secs(60);
        let line = FetchRequest::line(&asking, &[&requests[0]], "7-1".to_owned(), limit);
        assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
        let document: Value = serde_json::from_slice(&line).unwrap();
        insta::assert_json_snapshot!(document, {".deadline" => "…"}, @r#"
        {
          "apiVersion": "tidegate.exec/v1",
          "kind": "FetchRequest",
          "requestId": "7-1",
          "provider": {
            "name": "newrelic",
            "config": {
              "any": "yaml"
            }
          },
          "window": {
            "start": "2024-01-01T00:00:00Z",
            "end": "2024-01-01T00:10:00Z",
            "startUnixMs": 1704067200000,
            "endUnixMs": 1704067800000,
            "durationSeconds": 600
          },
          "context": {
            "project": "sockshop",
            "stage": "dev",
            "service": "carts",
            "deployment": "canary",
            "labels": {
              "build": "42"
            },
            "filters": [
              {
                "key": "handler",
                "value": "=~'Items.*'"
              }
            ]
          },
          "indicators": [
            {
              "name": "sli_0",
              "query": "SELECT 1",
              "options": {
                "account": 7
              }
            }
          ],
          "deadline": "…",
          "capabilities": [
            "partialResults",
            "samples"
          ]
        }
        "#);
    }
}
