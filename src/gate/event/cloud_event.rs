//! The envelope: one `CloudEvent`, with everything that came along kept.

use std::fmt;

use jiff::Timestamp;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::data::EventData;
use crate::gate::moment::parse_instant;
use crate::gate::name::{ProjectName, Series, ServiceName, StageName};

/// The event types of an evaluation.
pub struct EventType;

impl EventType {
    /// Someone asked for an evaluation.
    pub const TRIGGERED: &'static str = "sh.keptn.event.evaluation.triggered";
    /// An evaluation ended.
    pub const FINISHED: &'static str = "sh.keptn.event.evaluation.finished";
    /// An earlier evaluation no longer counts as history.
    pub const INVALIDATED: &'static str = "sh.keptn.event.evaluation.invalidated";
    /// An invalidated evaluation counts again. Ours: Keptn has no such event.
    pub const REINSTATED: &'static str = "sh.keptn.event.reinstate.finished";
    /// An evaluation is the reference of its series until further notice. Ours.
    pub const PINNED: &'static str = "sh.keptn.event.pin.finished";
    /// Nothing is the reference of a series any more. Ours.
    pub const UNPINNED: &'static str = "sh.keptn.event.unpin.finished";

    /// Tells whether events of a type invalidate: in Keptn any `.invalidated` hides the evaluations of its trigger.
    #[must_use]
    pub fn is_invalidation(event_type: &str) -> bool {
        event_type.ends_with(".invalidated")
    }

    /// Tells whether events of a type say something about stored evaluations: whether they count, or are the reference.
    #[must_use]
    pub fn is_steering(event_type: &str) -> bool {
        Self::is_invalidation(event_type)
            || [Self::REINSTATED, Self::PINNED, Self::UNPINNED].contains(&event_type)
    }
}

/// One event, in the form in which Keptn stores it. Attributes that are not named here are kept in `extensions`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CloudEvent {
    /// The id, unique per source.
    pub id: String,
    /// Who sent it: `tidegate`, `lighthouse-service`, …
    pub source: String,
    /// The version of the `CloudEvents` specification.
    pub specversion: String,
    /// The type, such as [`EventType::FINISHED`].
    #[serde(rename = "type")]
    pub event_type: String,
    /// When it was published; the order of the history. `None` where a foreign event has no readable time.
    #[serde(serialize_with = "write_time", skip_serializing_if = "Option::is_none")]
    pub time: Option<Timestamp>,
    /// The Keptn context: all events of one sequence share it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shkeptncontext: Option<String>,
    /// The id of the `.triggered` event that this one answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub triggeredid: Option<String>,
    /// The payload, as it came.
    pub data: EventData,
    /// Every other attribute, as it came.
    #[serde(flatten)]
    pub extensions: Map<String, Value>,
}

impl CloudEvent {
    /// Returns a text member of `data`, such as `project`, or "" where there is none.
    #[must_use]
    pub fn data_text(&self, key: &str) -> String {
        self.data.text(key)
    }

    /// Returns the series that the event names; `None` where it names none.
    #[must_use]
    pub fn series(&self) -> Option<Series> {
        Some(Series {
            project: ProjectName::new(self.data_text("project")).ok()?,
            stage: StageName::new(self.data_text("stage")).ok()?,
            service: ServiceName::new(self.data_text("service")).ok()?,
        })
    }

    /// Tells whether the event belongs to the series: project, stage and service are all the same.
    #[must_use]
    pub fn is_of(&self, series: &Series) -> bool {
        self.data_text("project") == series.project.as_str()
            && self.data_text("stage") == series.stage.as_str()
            && self.data_text("service") == series.service.as_str()
    }
}

/// Reads the time of an event; `None` where it can't be read as one. More lenient than RFC 3339: any number of digits of
/// a second, and no zone is UTC, as in Keptn.
#[must_use]
pub fn parse_time(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| parse_instant(text))
}

/// Writes a time with nine digits at most, in UTC.
#[expect(
    clippy::ref_option,
    reason = "serde hands over a reference to the field"
)]
fn write_time<S: serde::Serializer>(time: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => to.collect_str(time),
        None => to.serialize_none(),
    }
}

// Written by hand, because what serde derives for `flatten` builds a tree of the payload before it is asked for.
impl<'de> Deserialize<'de> for CloudEvent {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(CloudEventVisitor)
    }
}

/// Reads an event attribute by attribute.
struct CloudEventVisitor;

impl<'de> Visitor<'de> for CloudEventVisitor {
    type Value = CloudEvent;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a CloudEvent")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut attributes: M) -> Result<CloudEvent, M::Error> {
        use serde::de::Error as _;
        let mut event = CloudEvent {
            specversion: "1.0".to_owned(),
            ..CloudEvent::default()
        };
        let (mut id, mut event_type) = (None, None);
        while let Some(key) = attributes.next_key::<String>()? {
            match key.as_str() {
                "id" => id = Some(attributes.next_value()?),
                "type" => event_type = Some(attributes.next_value()?),
                "source" => event.source = attributes.next_value()?,
                "specversion" => event.specversion = attributes.next_value()?,
                "time" => {
                    let time: Value = attributes.next_value()?;
                    event.time = time.as_str().and_then(parse_time);
                }
                "shkeptncontext" => event.shkeptncontext = attributes.next_value()?,
                "triggeredid" => event.triggeredid = attributes.next_value()?,
                "data" => event.data = attributes.next_value()?,
                _ => {
                    event.extensions.insert(key, attributes.next_value()?);
                }
            }
        }
        event.id = id.ok_or_else(|| M::Error::missing_field("id"))?;
        event.event_type = event_type.ok_or_else(|| M::Error::missing_field("type"))?;
        Ok(event)
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
        assert_eq!(back["data"]["project"], "p");
        assert_eq!(serde_json::from_value::<CloudEvent>(back).unwrap(), event);
    }

    #[test]
    fn an_unreadable_time_does_not_lose_the_event() {
        let event: CloudEvent =
            serde_json::from_str(r#"{"id":"1","type":"t","time":"yesterday"}"#).unwrap();
        assert_eq!(event.time, None);
    }

    #[test]
    fn times_that_are_not_quite_rfc_3339_are_read() {
        let seconds = |text| parse_time(text).map(Timestamp::as_second);
        assert_eq!(
            seconds("2024-02-01T10:00:00.123456789012Z"),
            Some(1_706_781_600)
        );
        assert_eq!(seconds("2024-02-01T10:00:00"), Some(1_706_781_600));
        assert_eq!(seconds("2024-02-01T12:00:00+02:00"), Some(1_706_781_600));
        assert_eq!(seconds("2024-02-01"), None);
    }

    #[test]
    fn an_event_without_id_or_type_is_none() {
        assert!(serde_json::from_str::<CloudEvent>(r#"{"type":"t"}"#).is_err());
        assert!(serde_json::from_str::<CloudEvent>(r#"{"id":"1"}"#).is_err());
        assert!(serde_json::from_str::<CloudEvent>("[]").is_err());
    }
}
