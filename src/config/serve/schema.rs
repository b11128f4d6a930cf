//! The JSON Schema of `serve`.

use serde_json::{Value, json};

use crate::server::{LogFormat, MetricsAccess, Scope};

/// Returns the JSON Schema of the key.
pub(in crate::config) fn schema() -> Value {
    let text = |description: &str| json!({"type": "string", "description": description});
    json!({
        "type": ["object", "null"],
        "additionalProperties": false,
        "description": "How tidegate serve behaves; docs/serve.md tells more.",
        "properties": {
            "listen": {"type": "string", "description": "Address and port. Default: 127.0.0.1:8080.", "examples": ["0.0.0.0:8080"]},
            "data": text("The folder that everything is kept in. Default: .tidegate/server."),
            "tokens": {"type": ["array", "null"], "items": token(), "description": "Who may do what."},
            "allow_anonymous": {"type": "boolean", "default": false, "description": "Whether whoever comes without a token may do everything. On the loopback interface only."},
            "metrics": {"enum": MetricsAccess::NAMES, "description": "Whether /metrics needs a token. Default: token."},
            "trust_proxy": {"type": "boolean", "default": false, "description": "Whether X-Forwarded-For says where a client is: only behind a proxy that sets it."},
            "limits": limits(),
            "engine": engine(),
            "integration_ttl": text("How long an integration is remembered that says nothing. Default: 48h."),
            "refresh_interval": text("How often upstream repositories are looked at; 0s: never. Default: 5m."),
            "log_format": {"enum": LogFormat::NAMES, "description": "How log lines look. Default: text."},
            "webhook_hosts": {"type": ["array", "string", "null"], "items": {"type": "string"}, "description": "Private hosts and networks that webhooks may go to.", "examples": [["ci.example.internal", "10.1.0.0/16"]]},
            "storage": {"enum": ["plain", "git"], "description": "How the files of projects without an upstream repository are kept: by the server itself, or in a repository of git. Default: plain."},
            "tls": {
                "type": ["object", "null"],
                "additionalProperties": false,
                "required": ["cert_file", "key_file"],
                "properties": {"cert_file": text("The certificate chain (PEM)."), "key_file": text("Its key (PEM).")}
            }
        }
    })
}

/// Returns an entry of `tokens`.
fn token() -> Value {
    let text = |description: &str| json!({"type": "string", "description": description});
    let scope = json!({"enum": Scope::NAMES});
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["name", "scopes"],
        "oneOf": [{"required": ["token"]}, {"required": ["token_file"]}, {"required": ["token_sha256"]}],
        "properties": {
            "name": text("What it is called in logs."),
            "token": {"type": "string", "description": "The token, from the environment.", "examples": ["${CI_TOKEN}"]},
            "token_file": text("A file that holds the token."),
            "token_sha256": text("The SHA-256 of the token."),
            "scopes": {"description": "What it is good for; every token may read.", "oneOf": [scope, {"type": "array", "items": scope, "minItems": 1}]},
            "projects": {"type": "array", "items": {"type": "string"}, "minItems": 1, "description": "The projects it is good for. Default: all."}
        }
    })
}

/// Returns `limits`.
fn limits() -> Value {
    let count = |default: u64, description: &str| json!({"type": "integer", "minimum": 1, "default": default, "description": description});
    let length = |description: &str| json!({"type": "string", "description": description});
    json!({
        "type": ["object", "null"],
        "additionalProperties": false,
        "properties": {
            "body_bytes": count(1_048_576, "The most bytes of a body."),
            "resource_bytes": count(15_728_640, "The most bytes of a body that brings resources, which are in base64."),
            "header_bytes": count(32_768, "The most bytes of the headers of a request."),
            "connections": count(1024, "The most connections at the same time."),
            "receive_timeout": length("How long a client may take for its headers, and again for its body. Default: 15s."),
            "answer_timeout": length("How long an answer may take. Default: 1m."),
            "stop_timeout": length("How long requests may take that are under way when the server stops. Default: 20s."),
            "requests_per_second": {"type": "integer", "minimum": 1, "description": "How many requests a token is good for in a second. Default: any number."},
            "wrong_tokens_per_second": count(1, "How many wrong tokens a client may show in a second."),
            "wrong_tokens_burst": count(2, "How many wrong tokens a client may show at once.")
        }
    })
}

/// Returns `engine`.
fn engine() -> Value {
    let length = |description: &str| json!({"type": "string", "description": description});
    json!({
        "type": ["object", "null"],
        "additionalProperties": false,
        "properties": {
            "started_timeout": length("How long a task may wait for somebody to take it. Default: 10m."),
            "task_timeout": length("How long a task may take. Default: no limit."),
            "sequence_timeout": length("How long a sequence may take. Default: no limit."),
            "approval_timeout": length("How long an approval may wait for a decision. Default: no limit."),
            "settle": length("How long to wait for another executor of a task after all that began have ended. Default: not at all."),
            "slots": {"type": ["string", "integer"], "description": "What a second sequence of the same project, stage and service does: queue (wait), replace (wait in the place of those that wait), reject (fail at once), or how many may run at the same time. Default: queue.", "examples": ["queue", 2]},
            "most_waiting": {"type": "integer", "minimum": 1, "description": "How many sequences may wait for one slot. Default: any number."},
            "merging": {"enum": ["newer", "keptn"], "description": "How the data of tasks are merged: a newer value wins, or as in Keptn 1.4. Default: newer."},
            "failure_follow_ups": {"enum": ["fire", "hold"], "description": "Whether an error or a timeout starts sequences that wait for `result: fail`. Default: fire."}
        }
    })
}
