//! The envelope: one `CloudEvent`, with everything that came along kept.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::gate::name::Series;

/// The event types of an evaluation.
pub struct EventType;

impl EventType {
    /// Someone asked for an evaluation.
    pub const TRIGGERED: &'static str = "sh.keptn.event.evaluation.triggered";
    /// An evaluation ended.
    pub const FINISHED: &'static str = "sh.keptn.event.evaluation.finished";
    /// An earlier evaluation no longer counts as history.
    pub const INVALIDATED: &'static str = "sh.keptn.event.evaluation.invalidated";
}

/// One event, in the form in which Keptn stores it. Attributes that are not named here are kept in `extensions`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CloudEvent {
    /// The id, unique per source.
    pub id: String,
    /// Who sent it: `tidegate`, `lighthouse-service`, …
    #[serde(default)]
    pub source: String,
    /// The version of the `CloudEvents` specification.
    #[serde(default = "spec_version")]
    pub specversion: String,
    /// The type, such as [`EventType::FINISHED`].
    #[serde(rename = "type")]
    pub event_type: String,
    /// When it was published; the order of the history. `None` where a foreign event has no readable time.
    #[serde(default, with = "event_time", skip_serializing_if = "Option::is_none")]
    pub time: Option<Timestamp>,
    /// The Keptn context: all events of one sequence share it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shkeptncontext: Option<String>,
    /// The id of the `.triggered` event that this one answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub triggeredid: Option<String>,
    /// The payload.
    #[serde(default)]
    pub data: Value,
    /// Every other attribute, as it came.
    #[serde(flatten)]
    pub extensions: Map<String, Value>,
}

impl CloudEvent {
    /// Returns a text member of `data`, such as `project`, or "" where there is none.
    #[must_use]
    pub fn data_text(&self, key: &str) -> &str {
        self.data
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// Tells whether the event belongs to the series: project, stage and service are all the same.
    #[must_use]
    pub fn is_of(&self, series: &Series) -> bool {
        self.data_text("project") == series.project.as_str()
            && self.data_text("stage") == series.stage.as_str()
            && self.data_text("service") == series.service.as_str()
    }
}

/// The version of the specification that we write.
fn spec_version() -> String {
    "1.0".to_owned()
}

/// Times are RFC 3339; what can't be read as one is kept out of the order instead of losing the event.
mod event_time {
    use jiff::Timestamp;
    use serde::{Deserialize as _, Deserializer, Serializer};

    /// Reads a time, `None` for anything that is not one.
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        let value = serde_json::Value::deserialize(from)?;
        Ok(value.as_str().and_then(|text| text.parse().ok()))
    }

    /// Writes a time with nine digits at most, in UTC.
    #[expect(
        clippy::ref_option,
        reason = "serde's `with` hands over a reference to the field"
    )]
    pub(super) fn serialize<S: Serializer>(
        time: &Option<Timestamp>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => to.collect_str(time),
            None => to.serialize_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_that_nobody_knows_survive() {
        let text = r#"{"id":"1","source":"x","specversion":"1.0","type":"t","time":"2024-02-01T10:00:00+02:00","data":{"project":"p"},"contenttype":"application/json","gitcommitid":"abc"}"#;
        let event: CloudEvent = serde_json::from_str(text).unwrap();
        let back = serde_json::to_value(&event).unwrap();
        assert_eq!(back["gitcommitid"], "abc");
        assert_eq!(back["contenttype"], "application/json");
        assert_eq!(back["time"], "2024-02-01T08:00:00Z");
        assert_eq!(serde_json::from_value::<CloudEvent>(back).unwrap(), event);
    }

    #[test]
    fn an_unreadable_time_does_not_lose_the_event() {
        let event: CloudEvent =
            serde_json::from_str(r#"{"id":"1","type":"t","time":"yesterday"}"#).unwrap();
        assert_eq!(event.time, None);
    }
}
