//! The JSON Schema of policies, for `sli.yaml` and `tidegate.yaml` alike.

use serde_json::{Map, Value, json};

use super::policy_fields::POLICY_KEYS;

/// Returns the schema of every policy, by key.
pub(crate) fn policy_properties() -> Map<String, Value> {
    POLICY_KEYS
        .iter()
        .map(|key| ((*key).to_owned(), property(key)))
        .collect()
}

/// Returns the schema of one policy.
fn property(key: &str) -> Value {
    match key {
        "on_no_data" => missing_value("The backend answered, but has no number."),
        "on_error" => missing_value("The backend did not answer in a way that can be used."),
        "on_nan" => stand_in(
            "The number is NaN or infinite, such as 0/0. Default: no_data.",
            &["no_data", "error"],
        ),
        "reduce" => json!({
            "description": "How several numbers become one. Default: single, which refuses several.",
            "anyOf": [
                {"enum": ["single", "first", "last", "min", "max", "mean", "avg", "sum", "median", "count", null]},
                {"type": "string", "pattern": "^p[0-9]+([._][0-9]+)?$"},
            ],
        }),
        "min_samples" => json!({
            "description": "How many samples must stand behind the value; fewer are no data.",
            "type": ["integer", "null"],
            "minimum": 1,
        }),
        "scale" => json!({
            "description": "What the number is multiplied with: 1000 makes milliseconds of seconds.",
            "type": ["number", "null"],
        }),
        "unit" => json!({
            "description": "The unit of the value, after scaling; for show.",
            "type": ["string", "number", "null"],
            "examples": ["ms"],
        }),
        "delay" => json!({
            "description": "How long after the end of the window the backend has all data. Waited for once. Default: the provider's.",
            "type": ["string", "integer", "null"],
            "examples": ["30s", "2m"],
        }),
        "timeout" => json!({
            "description": "How long one attempt may take. Default: 30s.",
            "type": ["string", "null"],
            "examples": ["10s"],
        }),
        _ => retry(),
    }
}

/// Returns the schema of `on_no_data` and `on_error`.
fn missing_value(description: &str) -> Value {
    stand_in(
        &format!("{description} Default: fail."),
        &["fail", "warning", "ignore", "inconclusive", "error"],
    )
}

/// Returns the schema of words, or `value: N`.
fn stand_in(description: &str, words: &[&str]) -> Value {
    let words = words.iter().map(|word| Value::from(*word));
    let words: Vec<Value> = words.chain([Value::Null]).collect();
    json!({
        "description": description,
        "anyOf": [
            {"enum": words},
            {"type": "string", "pattern": "^value *[:=]? *[+-]?[0-9.]"},
            {"type": "object", "required": ["value"], "properties": {"value": {"type": "number"}}},
        ],
    })
}

/// Returns the schema of `retry`.
fn retry() -> Value {
    json!({
        "description": "How often to ask again where that helps.",
        "type": ["object", "null"],
        "additionalProperties": false,
        "properties": {
            "attempts": {"type": "integer", "minimum": 1, "default": 3, "description": "How often to ask in all."},
            "base": {"type": "string", "default": "1s", "description": "The first wait; it doubles."},
            "max": {"type": "string", "default": "30s", "description": "The longest wait."},
        },
    })
}
