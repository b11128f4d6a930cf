//! The JSON Schema of `tidegate.yaml`.

use serde_json::{Value, json};

use super::{control_plane, event_log};
use crate::provider::Site;
use crate::report::Format;
use crate::spec::reading::policy_properties;

/// Returns the JSON Schema (2020-12) of `tidegate.yaml`.
#[must_use]
pub fn config_schema() -> Value {
    let text = |description: &str| json!({"type": "string", "description": description});
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "tidegate.yaml",
        "description": "Configuration of tidegate. ${NAME} and ${NAME:-default} are filled from the environment. Flags and TIDEGATE_ variables win over this file.",
        "type": ["object", "null"],
        "additionalProperties": false,
        "properties": {
            "project": text("The project. Default: the folder of this file."),
            "stage": text("The stage. Default: default."),
            "service": text("The service. Default: the folder of the SLO."),
            "deployment": text("The deployment, for $DEPLOYMENT in queries. Default: primary."),
            "event_log": event_log::schema(&tls()),
            "control_plane": control_plane::schema(&tls()),
            "event_log_required": {"type": "boolean", "default": true, "description": "Whether there can be no verdict where the event log can't be read or written."},
            "baseline": {"type": "string", "description": "What to compare with: label:KEY=VALUE (the newest that carry it), newest (whatever is pinned), an evaluation (latest, latest~2, an id, a start), or a file. Default: what is pinned, else the newest, as the SLO says.", "examples": ["label:branch=main", "baseline.json"]},
            "require_baseline": {"type": "boolean", "default": false, "description": "Whether there is no verdict (exit code 4) where a criterion is relative to a baseline that is not there."},
            "provider": text("The provider for SLIs that name none. Not needed where only one is defined."),
            "timeframe": {"type": "string", "description": "How long the window is. Default: 5m.", "examples": ["30m", "1h30m", "2d"]},
            "timeout": {"type": "string", "description": "How long an evaluation may take. Default: no limit.", "examples": ["5m"]},
            "fail_on": {"enum": ["fail", "warning", "never"], "description": "Which verdicts end with a failing exit code. Unset: 0 for pass, 3 for warning, 1 for fail."},
            "output": {"enum": Format::names(), "description": "What stdout shows. Default: table."},
            "report": {"type": ["string", "array", "null"], "items": {"type": "string"}, "description": "Reports to write: a list of FORMAT=PATH, or one text with commas between them.", "examples": [["junit=gate.xml", "html=gate.html"]]},
            "artifact": {"type": ["string", "array", "null"], "items": {"type": "string"}, "description": "What was built, for in-toto reports: a list of NAME@sha256:DIGEST, or one text with commas between them."},
            "ci": text("The CI system whose language to speak: auto, none, or its name. Default: auto."),
            "notify": {"type": ["string", "array", "null"], "items": {"type": "string"}, "description": "Whom to tell: a list of KIND=env:NAME or KIND=file:PATH, or one text with commas between them."},
            "notifications": super::notifications::schema(&tls()),
            "serve": super::serve::schema(),
            "on_fail": {"enum": ["pass", "warning", "fail"], "description": "What a fail ends as. Default: fail."},
            "on_warning": {"enum": ["pass", "warning", "fail"], "description": "What a warning ends as. Default: warning."},
            "wait_for_data": {"type": "string", "description": "How long to ask again for SLIs without data. Default: 0s.", "examples": ["2m"]},
            "policies": {
                "type": ["object", "null"],
                "description": "What a missing value means, where the SLI and the provider say nothing.",
                "additionalProperties": false,
                "properties": policy_properties()
            },
            "environment": {
                "type": ["array", "null"],
                "items": {"type": "string"},
                "description": "Variables of the environment that queries may use, as $ENV.NAME."
            },
            "allow_path_plugins": {"type": "boolean", "default": false, "description": "Whether `type: NAME` may be the program tidegate-provider-NAME on PATH."},
            "labels": {
                "type": ["object", "null"],
                "additionalProperties": {"type": ["string", "number", "boolean"]},
                "description": "Labels of every evaluation."
            },
            "on_missing_slo": missing_slo(),
            "emit": emit(),
            "tasks": super::tasks::schema(),
            "providers": {
                "type": ["object", "null"],
                "description": "The providers, by the name that SLI files use.",
                "additionalProperties": provider()
            }
        }
    })
}

/// Returns the schema of `on_missing_slo`.
fn missing_slo() -> Value {
    json!({
        "type": ["string", "null"],
        "enum": ["fail", "warning", "pass", null],
        "default": "fail",
        "description": "What the task `evaluation` of a sequence comes to where the service has no SLO."
    })
}

/// Returns the schema of `emit`.
fn emit() -> Value {
    json!({
        "type": ["array", "string", "null"],
        "items": {"type": "string"},
        "description": "Who is told of the events of sequences: cdevents=URL or cloudevents=URL.",
        "examples": [["cdevents=https://events.example/in"]]
    })
}

/// Returns an entry of `providers`.
fn provider() -> Value {
    let mut properties = json!({
        "type": {"type": "string", "description": "What kind of backend it is: a kind, or the name of a definition (tidegate providers lists them). Default: the name of the entry.", "examples": ["prometheus", "file", "loki", "exec"]},
        "url": {"type": "string", "description": "Where it is. Without a scheme it is https.", "examples": ["http://localhost:9090", "${PROMETHEUS_URL}"]},
        "auth": auth(),
        "headers": {"type": ["object", "null"], "additionalProperties": {"type": ["string", "number"]}, "description": "Headers of every request. Their values are never shown."},
        "tls": tls(),
        "concurrency": {"type": "integer", "minimum": 1, "default": 16, "description": "How many requests may be under way at once."},
        "max_response_bytes": {"type": "integer", "minimum": 1, "default": 8_388_608, "description": "How large an answer may be."},
        "allowed_hosts": {"type": ["array", "null"], "items": {"type": "string"}, "description": "The hosts that the credentials are for.", "examples": [["prometheus.example.org", "*.example.org"]]},
        "password": {"type": ["string", "null"], "description": "The password, where the URL of a database has none."},
        "password_file": {"type": ["string", "null"], "description": "A file that holds the password of a database."},
        "value": {"type": ["number", "string", "null"], "description": "The number of SLIs that state none themselves. For type static."},
        "query_params": {"type": ["object", "null"], "additionalProperties": {"type": ["string", "number", "boolean"]}, "description": "Further parameters of every query."}
    });
    if let Some(all) = properties.as_object_mut() {
        all.extend(policy_properties());
        for more in [
            super::provider_block::exec::properties(),
            super::provider_block::files::properties(),
            dynatrace(),
            datadog(),
            definition(),
        ] {
            all.extend(more.as_object().cloned().unwrap_or_default());
        }
    }
    json!({"type": "object", "additionalProperties": false, "properties": properties})
}

/// Returns `tls`.
fn tls() -> Value {
    let text = |description: &str| json!({"type": "string", "description": description});
    json!({
        "type": ["object", "null"],
        "additionalProperties": false,
        "properties": {
            "ca_file": text("Certificates (PEM) to trust besides those of the operating system."),
            "cert_file": text("The client's certificate chain (PEM)."),
            "key_file": text("The client's key (PEM)."),
            "insecure_skip_verify": {"type": "boolean", "default": false, "description": "Accepts any certificate. Anyone in between can then read and change everything."}
        }
    })
}

/// Returns the keys of a Dynatrace.
fn dynatrace() -> Value {
    let text = |description: &str| json!({"type": "string", "description": description});
    json!({
        "api_token": text("Dynatrace: the API token, for metrics, SLOs, problems, and USQL."),
        "api_token_file": text("Dynatrace: a file that holds the API token."),
        "platform_url": text("Dynatrace: where the platform is, for DQL. Default: told by `url` for SaaS."),
        "platform_token": text("Dynatrace: the platform token, for DQL."),
        "platform_token_file": text("Dynatrace: a file that holds the platform token."),
        "client_id": text("Dynatrace: the OAuth client, for DQL. Default: the public part of its secret."),
        "client_secret": text("Dynatrace: the secret of the OAuth client."),
        "client_secret_file": text("Dynatrace: a file that holds the secret of the OAuth client."),
        "token_url": text("Dynatrace: who gives out tokens. Default: https://sso.dynatrace.com/sso/oauth2/token."),
        "scope": text("Dynatrace: what a token is to be good for. Default: storage:buckets:read storage:metrics:read storage:logs:read."),
        "resource": text("Dynatrace: whom a token is for. Default: urn:dtenvironment:ID.")
    })
}

/// Returns the keys of a Datadog.
fn datadog() -> Value {
    let text = |description: &str| json!({"type": "string", "description": description});
    let sites: Vec<&str> = Site::ALL.iter().map(|site| site.as_str()).collect();
    json!({
        "site": {"type": "string", "description": "Datadog: the site. Default: datadoghq.com.", "examples": sites},
        "api_key": text("Datadog: the API key."),
        "api_key_file": text("Datadog: a file that holds the API key."),
        "app_key": text("Datadog: the application key."),
        "app_key_file": text("Datadog: a file that holds the application key."),
        "api": {"enum": ["v1", "v2"], "default": "v1", "description": "Datadog: which API is asked."},
        "drop_incomplete": {"type": "boolean", "default": true, "description": "Datadog: whether a last bucket that ends behind the window is left out."}
    })
}

/// Returns `auth`.
fn auth() -> Value {
    let text = |description: &str| json!({"type": "string", "description": description});
    let kind = |properties: Value| json!({"type": "object", "additionalProperties": false, "properties": properties});
    let kinds = kind(json!({
        "bearer": text("A token."),
        "bearer_file": text("A file that holds the token."),
        "basic": kind(json!({
            "user": text("The name."),
            "password": text("The password."),
            "password_file": text("A file that holds the password.")
        })),
        "header": kind(json!({
            "name": text("The name of the header."),
            "prefix": text("The word in front of the key."),
            "value": text("The key."),
            "value_file": text("A file that holds the key.")
        })),
        "query_param": kind(json!({
            "name": text("The name of the parameter."),
            "value": text("The key."),
            "value_file": text("A file that holds the key.")
        })),
        "oauth2_client_credentials": kind(json!({
            "token_url": text("Who gives out tokens."),
            "client_id": text("The name of the client."),
            "client_secret": text("The password of the client."),
            "client_secret_file": text("A file that holds the password of the client."),
            "scope": text("What the token is to be good for."),
            "audience": text("Whom the token is for, as Auth0 asks."),
            "resource": text("Whom the token is for, as Dynatrace asks."),
            "style": {"enum": ["body", "basic"], "default": "body", "description": "Where name and password of the client stand."}
        })),
        "sigv4": kind(json!({
            "service": text("The service of AWS."),
            "region": text("The region."),
            "access_key_id": text("The name of the key."),
            "secret_access_key": text("The key."),
            "secret_access_key_file": text("A file that holds the key."),
            "session_token": text("The token of credentials that expire."),
            "session_token_file": text("A file that holds that token.")
        }))
    }));
    json!({"description": "How to prove who is asking; none for not at all.", "oneOf": [kinds, {"enum": ["none", null]}]})
}

/// Returns what describes an HTTP API.
fn definition() -> Value {
    let block = |description: &str| json!({"type": ["object", "null"], "description": description});
    json!({
        "about": {"type": "string", "description": "What it is, in a few words."},
        "vars": {"type": ["object", "null"], "additionalProperties": {"type": ["string", "number", "boolean"]}, "description": "Values for ${VAR.name} in the definition. No secrets."},
        "params": block("What SLIs may say in params, by name: about, default, required."),
        "escape": {"enum": crate::gate::Escape::NAMES, "description": "The language of queries, which makes values from outside harmless in them."},
        "defaults": {"type": ["object", "null"], "additionalProperties": {"type": "string"}, "description": "Queries for SLIs that no file defines."},
        "request": block("The request of each query: method, path, query, headers, body."),
        "response": block("What its answer means: success_when, error_message, extract, and more."),
        "async": block("How to wait for a result: token, then, poll, done_when, fail_when, result, cancel."),
        "paginate": block("How to follow pages: next, and param, field, or link."),
        "shared_response": {"type": "boolean", "default": false, "description": "All SLIs find their numbers in one answer."},
        "probe": block("A cheap request that shows whether the backend lets us in.")
    })
}
