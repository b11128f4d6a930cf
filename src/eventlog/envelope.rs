//! What a log must know of an event to file, order and find it: read from the JSON without building the payload.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::EVENT_LIMIT;
use super::failure::AppendError;
use crate::gate::Verdict;
use crate::gate::event::{CloudEvent, parse_time};

/// The few attributes by which events are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Envelope {
    /// The id.
    pub id: String,
    /// The type.
    pub event_type: String,
    /// The time, `None` where there is no readable one.
    pub time: Option<Timestamp>,
    /// Which series it belongs to.
    pub series: SeriesKey,
    /// The Keptn context.
    pub context: Option<String>,
    /// The id of the event that it answers.
    pub triggered_id: Option<String>,
    /// Its `data.result`, where that is a verdict.
    pub result: Option<Verdict>,
}

impl Envelope {
    /// Returns the envelope of an event.
    pub(super) fn of(event: &CloudEvent) -> Self {
        let WrittenData {
            project,
            stage,
            service,
            result,
        } = WrittenData::of(event);
        Self {
            id: event.id.clone(),
            event_type: event.event_type.clone(),
            time: event.time,
            series: SeriesKey {
                project,
                stage,
                service,
            },
            context: event.shkeptncontext.clone(),
            triggered_id: event.triggeredid.clone(),
            result: result.parse().ok(),
        }
    }

    /// Reads the envelope of an event from its JSON.
    pub(super) fn parse(json: &[u8]) -> Result<Self, serde_json::Error> {
        // What serde derives would take a list for an object with its members in order.
        if !json.trim_ascii_start().starts_with(b"{") {
            return Err(serde::de::Error::custom("not a JSON object"));
        }
        let Written {
            id,
            event_type,
            time,
            shkeptncontext,
            triggeredid,
            data,
        } = serde_json::from_slice(json)?;
        Ok(Self {
            id,
            event_type,
            time: parse_time(&time.text()),
            series: SeriesKey {
                project: data.project,
                stage: data.stage,
                service: data.service,
            },
            context: shkeptncontext,
            triggered_id: triggeredid,
            result: data.result.parse().ok(),
        })
    }

    /// Returns what the order of events goes by.
    pub(super) fn order(&self) -> (Option<Timestamp>, &String) {
        (self.time, &self.id)
    }
}

/// The names of a series as an event carries them. Other than those of a [`Series`] they may be missing, which is "".
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct SeriesKey {
    /// The project.
    pub project: String,
    /// The stage.
    pub stage: String,
    /// The service.
    pub service: String,
}

impl SeriesKey {
    /// Returns the names that an event carries.
    pub(super) fn of(event: &CloudEvent) -> Self {
        let WrittenData {
            project,
            stage,
            service,
            ..
        } = WrittenData::of(event);
        Self {
            project,
            stage,
            service,
        }
    }
}

/// Returns the time to store for an event, given its own and the newest of its series: never one at or before that.
pub(super) fn stamp(own: Option<Timestamp>, newest: Option<Timestamp>) -> Option<Timestamp> {
    let next = newest.map(|newest| {
        newest
            .checked_add(SignedDuration::from_millis(1))
            .unwrap_or(Timestamp::MAX)
    });
    own.max(next)
}

/// Writes an event as one line of JSON, without the end of the line; refuses what a log could not read back.
pub(super) fn encode(event: &CloudEvent) -> Result<String, AppendError> {
    let json = serde_json::to_string(event).map_err(|source| AppendError::Unwritable {
        id: event.id.clone(),
        source,
    })?;
    // A payload is kept as it came, and JSON has line breaks only between its parts.
    let json = json.replace(['\n', '\r'], " ");
    if json.len() > EVENT_LIMIT {
        return Err(AppendError::TooLarge {
            id: event.id.clone(),
            size: json.len(),
            limit: EVENT_LIMIT,
        });
    }
    Ok(json)
}

/// The envelope as it stands in the JSON.
#[derive(serde::Deserialize)]
#[serde(expecting = "an event")]
struct Written {
    /// The id.
    id: String,
    /// The type.
    #[serde(rename = "type")]
    event_type: String,
    /// The time, if it is one.
    #[serde(default)]
    time: Loose,
    /// The Keptn context.
    #[serde(default)]
    shkeptncontext: Option<String>,
    /// The id of the trigger.
    #[serde(default)]
    triggeredid: Option<String>,
    /// The payload.
    #[serde(default)]
    data: WrittenData,
}

/// A text, or anything else where a text should be.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Loose {
    /// A text.
    Text(String),
    /// Something else.
    Other(IgnoredAny),
}

impl Loose {
    /// Returns the text, "" for anything else.
    fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Other(_) => String::new(),
        }
    }
}

impl Default for Loose {
    fn default() -> Self {
        Self::Other(IgnoredAny)
    }
}

/// What matters of the payload; all "" where the payload is no object.
#[derive(Default)]
struct WrittenData {
    /// `data.project`
    project: String,
    /// `data.stage`
    stage: String,
    /// `data.service`
    service: String,
    /// `data.result`
    result: String,
}

impl WrittenData {
    /// Reads what matters of an event's payload.
    fn of(event: &CloudEvent) -> Self {
        serde_json::from_str(event.data.json()).unwrap_or_default()
    }
}

impl<'de> Deserialize<'de> for WrittenData {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(DataVisitor)
    }
}

/// Takes any JSON value; picks four members of an object and passes over the rest without copying it.
struct DataVisitor;

impl<'de> Visitor<'de> for DataVisitor {
    type Value = WrittenData;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<WrittenData, A::Error> {
        let mut data = WrittenData::default();
        while let Some(key) = members.next_key::<String>()? {
            let member = match key.as_str() {
                "project" => &mut data.project,
                "stage" => &mut data.stage,
                "service" => &mut data.service,
                "result" => &mut data.result,
                _ => {
                    members.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            *member = members.next_value::<Loose>()?.text();
        }
        Ok(data)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<WrittenData, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(WrittenData::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<WrittenData, E> {
        Ok(WrittenData::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<WrittenData, E> {
        Ok(WrittenData::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<WrittenData, E> {
        Ok(WrittenData::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<WrittenData, E> {
        Ok(WrittenData::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<WrittenData, E> {
        Ok(WrittenData::default())
    }

    fn visit_unit<E>(self) -> Result<WrittenData, E> {
        Ok(WrittenData::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::event::EventType;

    #[test]
    fn an_envelope_read_from_json_is_that_of_the_event() {
        for data in [
            r#"{"project":"p","stage":"s","service":"v","result":"pass","x":[1,{"project":"q"}]}"#,
            r#"{"project":7,"stage":null,"service":["v"],"result":"maybe"}"#,
            "null",
            "[1,2]",
            "\"text\"",
            "1.5",
            "-1",
            "18446744073709551615",
            "true",
        ] {
            let json = format!(
                r#"{{"id":"1","type":"{}","time":"2024-02-01T10:00:00.5+01:00","shkeptncontext":"c","triggeredid":"t","extra":{{}},"data":{data}}}"#,
                EventType::FINISHED
            );
            let event: CloudEvent = serde_json::from_str(&json).unwrap();
            assert_eq!(
                Envelope::parse(json.as_bytes()).unwrap(),
                Envelope::of(&event)
            );
        }
    }

    #[test]
    fn an_event_is_one_line_however_it_came() {
        let event: CloudEvent = serde_json::from_str(
            "{\"id\":\"1\",\"type\":\"t\",\"data\":{\r\n  \"a\": \"x\\ny\"\n}}",
        )
        .unwrap();
        let line = encode(&event).unwrap();
        assert!(!line.contains(['\n', '\r']));
        assert_eq!(serde_json::from_str::<CloudEvent>(&line).unwrap(), event);
    }

    #[test]
    fn a_time_that_is_none_leaves_the_event_without_one() {
        for time in ["5", "null", r#""yesterday""#, r#"["2024-02-01T10:00:00Z"]"#] {
            let json = format!(r#"{{"id":"1","type":"t","time":{time}}}"#);
            assert_eq!(Envelope::parse(json.as_bytes()).unwrap().time, None);
        }
    }

    #[test]
    fn a_stamp_is_never_at_or_before_the_newest_of_the_series() {
        let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        let old = at("2024-02-01T10:00:00Z");
        assert_eq!(stamp(None, None), None);
        assert_eq!(stamp(old, None), old);
        assert_eq!(stamp(None, old), at("2024-02-01T10:00:00.001Z"));
        assert_eq!(stamp(old, old), at("2024-02-01T10:00:00.001Z"));
        assert_eq!(stamp(old, at("2024-01-01T00:00:00Z")), old);
        assert_eq!(stamp(old, Some(Timestamp::MAX)), Some(Timestamp::MAX));
    }
}
