//! The payload of an event, kept as text: a history is many events, of which most members are never looked at.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

/// JSON that is read when it is asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventData(Box<RawValue>);

impl EventData {
    /// Returns the JSON.
    #[must_use]
    pub fn json(&self) -> &str {
        self.0.get()
    }

    /// Returns the payload as a tree; `None` where it is none, such as one with a number that is too large.
    #[must_use]
    pub fn tree(&self) -> Option<Value> {
        serde_json::from_str(self.json()).ok()
    }

    /// Returns the payload as a tree; null where it is none.
    #[must_use]
    pub fn value(&self) -> Value {
        self.tree().unwrap_or_default()
    }

    /// Returns a text member, or "" where there is none.
    #[must_use]
    pub fn text(&self, key: &str) -> String {
        match self.value().get_mut(key).map(Value::take) {
            Some(Value::String(text)) => text,
            Some(
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::Array(_)
                | Value::Object(_),
            )
            | None => String::new(),
        }
    }

    /// Sets a member.
    #[cfg(test)]
    pub(crate) fn set(&mut self, key: &str, member: Value) {
        let mut value = self.value();
        value[key] = member;
        *self = value.into();
    }
}

impl Default for EventData {
    fn default() -> Self {
        Value::Null.into()
    }
}

impl From<Value> for EventData {
    fn from(value: Value) -> Self {
        let json = value.to_string();
        Self(
            RawValue::from_string(json)
                .unwrap_or_else(|_own_output_is_json| RawValue::NULL.to_owned()),
        )
    }
}

impl PartialEq for EventData {
    /// Tells whether two payloads say the same, however they are written.
    fn eq(&self, other: &Self) -> bool {
        self.json() == other.json() || self.value() == other.value()
    }
}
