//! Bodies of answers, read within bounds.

use serde_json::Value;
use serde_json_path::JsonPath;

use crate::provider::bulk::{MOST_VALUES, is_too_much};

/// The body of an answer cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BodyError {
    /// There is none.
    #[error("the answer is empty")]
    Empty,
    /// It is no JSON, or nested too deep.
    #[error("the answer is no JSON that can be read: {cause}")]
    Malformed {
        /// What is wrong.
        cause: String,
    },
    /// It is too large to be held.
    #[error("the answer holds more than {MOST_VALUES} values; ask for fewer")]
    TooManyValues,
}

/// Reads JSON: at most 128 levels and a million values.
pub(super) fn json(body: &[u8]) -> Result<Value, BodyError> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if body.trim_ascii().is_empty() {
        return Err(BodyError::Empty);
    }
    if is_too_much(body) {
        return Err(BodyError::TooManyValues);
    }
    serde_json::from_slice(body).map_err(|error| BodyError::Malformed {
        cause: error.to_string(),
    })
}

/// Returns the first thing at a path that is a text, a number or a truth value, as text.
pub(super) fn first_text(path: &JsonPath, document: &Value) -> Option<String> {
    let nodes = path.query(document);
    nodes.iter().find_map(|node| match node {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::String(_) | Value::Null | Value::Array(_) | Value::Object(_) => None,
    })
}

/// Tells whether two values are alike; a number may be written as a text.
pub(super) fn is_alike(found: &Value, wanted: &Value) -> bool {
    let shown = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(_) | Value::Object(_) => value.to_string(),
    };
    found == wanted || shown(found) == shown(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bomb_of_brackets_is_refused_and_so_is_one_of_commas() {
        let deep = "[".repeat(100_000);
        assert!(matches!(
            json(deep.as_bytes()),
            Err(BodyError::Malformed { .. })
        ));
        let wide = format!("[{}0]", "0,".repeat(MOST_VALUES));
        assert_eq!(json(wide.as_bytes()), Err(BodyError::TooManyValues));
        let text = format!("[\"{}\\\",\"]", ",".repeat(MOST_VALUES));
        assert!(json(text.as_bytes()).is_ok());
        let objects = "{\"a\":".repeat(200) + "1" + &"}".repeat(200);
        assert!(json(objects.as_bytes()).is_err());
    }

    #[test]
    fn what_is_no_json_says_where() {
        let error = json(b"{\"a\": 1").unwrap_err().to_string();
        assert!(error.contains("line 1 column"), "{error}");
        assert_eq!(json(b" \n"), Err(BodyError::Empty));
        assert!(json(b"\xef\xbb\xbf1").is_ok());
        assert!(json(b"\"\xff\"").is_err());
    }
}
