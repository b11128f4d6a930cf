//! The JSON Schema of `tasks`.

use serde_json::{Value, json};

use super::block::{APPROVING, WORDS};

/// Returns the JSON Schema of `tasks`.
pub(in crate::config) fn schema() -> Value {
    let mut properties = block();
    let stage = json!({"oneOf": [word(), {"type": "object", "additionalProperties": false, "properties": block()}]});
    if let Some(properties) = properties.as_object_mut() {
        properties.insert(
            "stages".to_owned(),
            json!({"type": ["object", "null"], "additionalProperties": stage, "description": "What is different in single stages."}),
        );
    }
    json!({
        "type": ["object", "null"],
        "description": "Who carries out the tasks of sequences, for tidegate run. evaluation is the gate and approval a prompt, where nobody says.",
        "additionalProperties": {"oneOf": [word(), {"type": "object", "additionalProperties": false, "properties": properties}]}
    })
}

/// Returns the words of `use`.
fn word() -> Value {
    json!({"enum": WORDS, "description": "The gate of this process, an approval at the terminal, by the result, or later, or Keptn's webhook/webhook.yaml."})
}

/// Returns the keys of a task, and of what is different of it in a stage.
fn block() -> Value {
    let approving = |what: &str| json!({"enum": APPROVING, "description": format!("For use: policy. What a {what} leads to.")});
    json!({
        "command": {"type": ["array", "null"], "items": {"type": "string"}, "minItems": 1, "description": "A program and its arguments, without a shell. A relative path starts at the folder of this file. Exit code 0 is pass, 3 warning, others below 64 fail, from 64 on an error.", "examples": [["./deploy.sh"], ["helm", "upgrade", "--install", "carts", "./chart"]]},
        "use": word(),
        "webhook": {"type": ["string", "null"], "description": "Keptn's webhook.yaml. Default: webhook/webhook.yaml."},
        "pass": approving("pass"),
        "warning": approving("warning"),
        "env": {"type": ["object", "null"], "additionalProperties": {"type": ["string", "number", "boolean"]}, "description": "Variables of the command. Their values are never shown."},
        "env_allow": {"type": ["array", "null"], "items": {"type": "string"}, "description": "Variables of this process that the command gets, too."},
        "timeout": {"type": ["string", "null"], "description": "How long the command may take. Default: 1h.", "examples": ["20m"]},
        "working_directory": {"type": ["string", "null"], "description": "The folder that the command runs in. Default: the folder of this file."}
    })
}
