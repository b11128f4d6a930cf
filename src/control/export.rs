//! Exports of Keptn's event history: what its API answers, what its command line prints, and what `mongoexport` writes
//! of its database.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::gate::event::{CloudEvent, keptn_time};

/// What an export holds.
#[derive(Debug, Default)]
pub struct Exported {
    /// The events, in the order of the export.
    pub events: Vec<CloudEvent>,
    /// What is no event, with its place in the export.
    pub problems: Vec<String>,
}

/// Reads an export: a list of events, an object with a list `events`, one event on each line, or several of these in a
/// row. What is broken is named, and the rest is read.
#[must_use]
pub fn events_of_export(bytes: &[u8]) -> Exported {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut exported = Exported::default();
    let documents = serde_json::Deserializer::from_slice(bytes).into_iter::<Value>();
    match documents.collect::<Result<Vec<Value>, serde_json::Error>>() {
        Ok(documents) => {
            let mut number = 0;
            for event in documents.into_iter().flat_map(elements) {
                number += 1;
                exported.take(&format!("event {number}"), event);
            }
        }
        Err(error) => exported.take_lines(bytes, &error),
    }
    exported
}

impl Exported {
    /// Takes the lines of an export that is broken as a whole.
    fn take_lines(&mut self, bytes: &[u8], error: &serde_json::Error) {
        for (at, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let place = format!("line {}", at + 1);
            if line.trim_ascii().is_empty() {
                continue;
            }
            match serde_json::from_slice(line) {
                Ok(document) => {
                    for event in elements(document) {
                        self.take(&place, event);
                    }
                }
                Err(error) => self.problems.push(format!("{place}: no JSON: {error}")),
            }
        }
        if self.events.is_empty() {
            self.problems = vec![format!("no JSON: {error}")];
        }
    }

    /// Takes one event, if it is one.
    fn take(&mut self, place: &str, event: Value) {
        match serde_json::from_value(plain(event)) {
            Ok(event) => self.events.push(event),
            Err(error) => self.problems.push(format!("{place}: no event: {error}")),
        }
    }
}

/// Returns the events of a document.
fn elements(document: Value) -> Vec<Value> {
    let Value::Object(mut members) = document else {
        return listed(document);
    };
    if members.contains_key("type") {
        return vec![Value::Object(members)];
    }
    match members.remove("events") {
        Some(Value::Array(events)) => events,
        Some(Value::Null) => Vec::new(),
        Some(events) => vec![events],
        None => vec![Value::Object(members)],
    }
}

/// Returns the elements of a list, and anything else as the only one.
fn listed(value: Value) -> Vec<Value> {
    if let Value::Array(elements) = value {
        return elements;
    }
    vec![value]
}

/// Brings what `MongoDB` writes in its own way into plain JSON, and leaves out its own id.
fn plain(event: Value) -> Value {
    let Value::Object(mut members) = event else {
        return event;
    };
    members.remove("_id");
    Value::Object(
        members
            .into_iter()
            .map(|(k, v)| (k, unwrapped(v)))
            .collect(),
    )
}

/// Takes the wrapping off values that JSON can say by itself: `{"$numberLong": "5"}`.
fn unwrapped(value: Value) -> Value {
    match value {
        Value::Object(members) => match extended(&members) {
            Some(value) => value,
            None => Value::Object(
                members
                    .into_iter()
                    .map(|(k, v)| (k, unwrapped(v)))
                    .collect(),
            ),
        },
        Value::Array(items) => Value::Array(items.into_iter().map(unwrapped).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

/// Returns the value that a wrapping stands for; `None` where it is an object like any other.
fn extended(members: &Map<String, Value>) -> Option<Value> {
    let mut entries = members.iter();
    let (Some((key, value)), None) = (entries.next(), entries.next()) else {
        return None;
    };
    match key.as_str() {
        "$numberLong" | "$numberInt" => value.as_str()?.parse::<i64>().ok().map(Value::from),
        "$numberDouble" | "$numberDecimal" => value.as_str()?.parse::<f64>().ok().map(Value::from),
        "$oid" => Some(value.clone()),
        "$date" => date(value),
        _ => None,
    }
}

/// Returns a date as Keptn writes it: from a text, or from milliseconds.
fn date(value: &Value) -> Option<Value> {
    let milliseconds = match value {
        Value::String(text) => return Some(text.as_str().into()),
        Value::Object(members) => extended(members)?.as_i64()?,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => value.as_i64()?,
    };
    let time = Timestamp::from_millisecond(milliseconds).ok()?;
    Some(keptn_time(time).into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    proptest! {
        #[test]
        fn whatever_a_file_holds_it_is_read_or_named(text in r#"([\[\]{}:,\n "0-9aeidt]|"\$date"|"events"|"id"|"type"|null){0,60}"#) {
            let Exported { events, problems } = events_of_export(text.as_bytes());
            let is_empty = matches!(text.trim(), "" | "[]" | r#"{"events":null}"#);
            prop_assert!(is_empty || events.len() + problems.len() > 0 || !text.contains(|c: char| c.is_ascii_digit()));
        }
    }

    const ONE: &str = r#"{"id":"1","type":"t","time":"2024-02-01T10:00:00Z","data":{"a":1}}"#;
    const TWO: &str = r#"{"id":"2","type":"t"}"#;

    fn read(text: &str) -> (String, Vec<String>) {
        let Exported { events, problems } = events_of_export(text.as_bytes());
        let ids: Vec<String> = events.into_iter().map(|event| event.id).collect();
        (ids.join(" "), problems)
    }

    #[test]
    fn every_form_of_an_export_is_read() {
        for text in [
            format!("[{ONE},{TWO}]"),
            format!("{{\"events\":[{ONE},{TWO}],\"nextPageKey\":\"0\"}}"),
            format!("{ONE}\n{TWO}\n"),
            format!("{ONE}{TWO}"),
            format!("\u{feff}[{ONE}]\r\n\r\n[{TWO}]"),
            format!("{{\"events\":[{ONE}]}}\n{{\"events\":null}}\n{TWO}"),
        ] {
            assert_eq!(read(&text), ("1 2".to_owned(), vec![]), "{text}");
        }
        assert_eq!(read(r#"{"events":null}"#), (String::new(), vec![]));
        assert_eq!(read(""), (String::new(), vec![]));
    }

    #[test]
    fn what_is_broken_is_named_and_the_rest_is_read() {
        let (ids, problems) = read(&format!("{ONE}\n{{\"id\":\n\n{TWO}\n7\n"));
        assert_eq!(ids, "1 2");
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[0].starts_with("line 2: no JSON"));
        assert!(problems[1].starts_with("line 5: no event"));
        let (ids, problems) = read(&format!("[{ONE},{{\"id\":\"x\"}},{TWO}]"));
        assert_eq!(ids, "1 2");
        assert_eq!(problems, ["event 2: no event: missing field `type`"]);
        let (ids, problems) = read("PK\u{3}\u{4}\nzip\n");
        assert_eq!((ids.as_str(), problems.len()), ("", 1));
        assert!(problems[0].starts_with("no JSON"));
    }

    #[test]
    fn what_mongodb_wraps_is_unwrapped() {
        let line = json!({
            "_id": {"$oid": "65bb6d"}, "id": "1", "type": "t", "time": {"$date": {"$numberLong": "1706781600500"}},
            "data": {"score": {"$numberInt": "5"}, "x": [{"$numberDouble": "1.5"}], "y": {"$date": "2024-02-01T10:00:00Z"},
                     "z": {"$numberLong": "5", "more": 1}, "w": {"$date": 0}},
        });
        let exported = events_of_export(line.to_string().as_bytes());
        let event = &exported.events[0];
        assert_eq!(event.time.unwrap().to_string(), "2024-02-01T10:00:00.5Z");
        assert!(event.extensions.is_empty());
        let expected = json!({
            "score": 5, "x": [1.5], "y": "2024-02-01T10:00:00Z", "z": {"$numberLong": "5", "more": 1},
            "w": "1970-01-01T00:00:00.000Z",
        });
        assert_eq!(event.data.value(), expected);
    }
}
