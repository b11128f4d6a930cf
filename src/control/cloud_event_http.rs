//! Events in HTTP messages, in both modes of the `CloudEvents` binding: the event as JSON in the body (structured), or its
//! attributes in `ce-` headers and its data in the body (binary).
//!
//! Reading is as lenient as Keptn's API (controlplane.md 5.1): `application/json` is an event too, `contenttype` stands
//! for `datacontenttype`, and attributes that nobody knows are kept. Data that is no object is refused.

use serde_json::{Map, Value, json};

use crate::gate::event::CloudEvent;

/// The content type of an event in one piece.
pub const STRUCTURED: &str = "application/cloudevents+json";
/// The content type of several events.
const BATCH: &str = "application/cloudevents-batch+json";
/// The content type of JSON.
const JSON: &str = "application/json";
/// What the headers of attributes begin with.
const PREFIX: &str = "ce-";
/// The most attributes that an event may have.
const MOST_ATTRIBUTES: usize = 100;

/// A message holds no event.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// There are several.
    #[error("several events in one message are not accepted; send one message for each event")]
    Batch,
    /// The body is something else.
    #[error(
        "the content type {content_type:?} is not accepted; send {STRUCTURED}, or {JSON} with or without `ce-` headers"
    )]
    ContentType {
        /// What the message says of its body.
        content_type: String,
    },
    /// The body is no JSON.
    #[error("the body is not JSON: {0}")]
    Json(#[source] serde_json::Error),
    /// The body is JSON, but no event.
    #[error("the body is no event: {0}")]
    Event(#[source] serde_json::Error),
    /// The version of the specification is another.
    #[error("events of specversion {version:?} are not accepted; send 1.0")]
    Version {
        /// The version.
        version: String,
    },
    /// Attributes that every event has are missing.
    #[error("the event has no {name}")]
    Missing {
        /// The attribute.
        name: &'static str,
    },
    /// An attribute stands twice.
    #[error("the header {PREFIX}{name} stands twice")]
    Twice {
        /// The attribute.
        name: String,
    },
    /// An attribute can't be read.
    #[error("the header {PREFIX}{name} can't be read: {reason}")]
    Header {
        /// The attribute.
        name: String,
        /// Why.
        reason: &'static str,
    },
    /// There are too many attributes.
    #[error("an event has at most {MOST_ATTRIBUTES} attributes")]
    TooMany,
    /// The data is no object.
    #[error("data must be a JSON object, not {kind}")]
    Data {
        /// What it is.
        kind: &'static str,
    },
}

/// Reads the event of a message. The id and the source may be missing, as Keptn's API gives them: they are "".
pub fn decode(headers: &[(String, String)], body: &[u8]) -> Result<CloudEvent, DecodeError> {
    let content_type = header(headers, "content-type").unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    let is_binary =
        header(headers, "ce-specversion").is_some() || header(headers, "ce-type").is_some();
    match essence.as_str() {
        BATCH => Err(DecodeError::Batch),
        STRUCTURED => structured(body),
        JSON | "" if is_binary => binary(headers, &essence, body),
        JSON | "" => structured(body),
        other if other.ends_with("+json") && is_binary => binary(headers, other, body),
        _ => Err(DecodeError::ContentType {
            content_type: content_type.chars().take(100).collect(),
        }),
    }
}

/// Returns a header by its name, whatever its case.
fn header<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    let found = headers
        .iter()
        .find(|(one, _)| one.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

/// Reads an event in one piece.
fn structured(body: &[u8]) -> Result<CloudEvent, DecodeError> {
    let read: Value = serde_json::from_slice(body).map_err(DecodeError::Json)?;
    match read {
        Value::Object(attributes) => assemble(attributes),
        Value::Array(_) => Err(DecodeError::Batch),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            let error = serde::de::Error::custom("not a JSON object");
            Err(DecodeError::Event(error))
        }
    }
}

/// Reads an event from headers and data.
fn binary(
    headers: &[(String, String)],
    content_type: &str,
    body: &[u8],
) -> Result<CloudEvent, DecodeError> {
    let mut attributes = Map::new();
    for (name, value) in headers {
        let name = name.to_ascii_lowercase();
        let Some(name) = name.strip_prefix(PREFIX) else {
            continue;
        };
        if !is_attribute_name(name) || name == "data" {
            return Err(DecodeError::Header {
                name: name.chars().take(100).collect(),
                reason: "an attribute has small letters and digits, and is not `data`",
            });
        }
        let value = decode_header(value).map_err(|reason| DecodeError::Header {
            name: name.to_owned(),
            reason,
        })?;
        if attributes.insert(name.to_owned(), value.into()).is_some() {
            return Err(DecodeError::Twice {
                name: name.to_owned(),
            });
        }
    }
    if !content_type.is_empty() {
        attributes.insert("datacontenttype".to_owned(), content_type.into());
    }
    let data = if body.trim_ascii().is_empty() {
        json!({})
    } else {
        serde_json::from_slice(body).map_err(DecodeError::Json)?
    };
    attributes.insert("data".to_owned(), data);
    assemble(attributes)
}

/// Makes the event of its attributes, once they are checked.
fn assemble(mut attributes: Map<String, Value>) -> Result<CloudEvent, DecodeError> {
    if attributes.len() > MOST_ATTRIBUTES {
        return Err(DecodeError::TooMany);
    }
    if let Some(version) = attributes.get("specversion").filter(|one| !one.is_null()) {
        let version = version.as_str().unwrap_or_default();
        // Keptn's own tools sent 0.2 here for years.
        if !matches!(version, "1.0" | "0.2" | "0.3" | "") {
            return Err(DecodeError::Version {
                version: version.chars().take(100).collect(),
            });
        }
    }
    let has_type = attributes.get("type").and_then(Value::as_str);
    if has_type.is_none_or(str::is_empty) {
        return Err(DecodeError::Missing { name: "type" });
    }
    match attributes.get("data") {
        None => return Err(DecodeError::Missing { name: "data" }),
        Some(Value::Object(_)) => {}
        Some(other) => return Err(DecodeError::Data { kind: kind(other) }),
    }
    if let Some(content_type) = attributes.remove("contenttype") {
        attributes.entry("datacontenttype").or_insert(content_type);
    }
    for name in ["id", "source"] {
        let written = attributes.entry(name).or_insert_with(|| "".into());
        if written.is_null() {
            *written = "".into();
        }
    }
    attributes.insert("specversion".to_owned(), "1.0".into());
    serde_json::from_value(Value::Object(attributes)).map_err(DecodeError::Event)
}

/// Returns what messages call a value.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Tells whether a name can be that of an attribute.
fn is_attribute_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    !name.is_empty() && name.chars().all(fits)
}

/// Decodes a value: quotes around it, backslashes between them, then percent signs.
fn decode_header(text: &str) -> Result<String, &'static str> {
    let text = text.trim_ascii();
    let quoted = text.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
    let text = match quoted {
        Some(inner) => unescaped(inner),
        None => text.to_owned(),
    };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = rest.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let digits = digits.filter(|two| two.bytes().all(|b| b.is_ascii_hexdigit()));
        let byte = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
        bytes.push(byte.ok_or("a percent sign without two hexadecimal digits")?);
        rest = rest.get(2..).unwrap_or_default();
    }
    String::from_utf8(bytes).map_err(|_no_text| "it is not UTF-8")
}

/// Takes the backslashes out of a quoted text.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        plain.push(match character {
            '\\' => characters.next().unwrap_or('\\'),
            other => other,
        });
    }
    plain
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Headers of a message.
    fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        pairs.iter().map(owned).collect()
    }

    /// Shows what a message was read into.
    fn shown(pairs: &[(&str, &str)], body: &str) -> String {
        match decode(&headers(pairs), body.as_bytes()) {
            Ok(event) => serde_json::to_string(&event).unwrap(),
            Err(error) => format!("REFUSED {error}"),
        }
    }

    #[test]
    fn both_modes_are_read_and_what_is_no_event_is_refused() {
        let keptn = r#"{"type":"sh.keptn.event.dev.delivery.triggered","specversion":"1.0","source":"cli","contenttype":"application/json","shkeptnspecversion":"0.2.4","odd":[1],"data":{"project":"p"}}"#;
        let json = ("Content-Type", "application/json; charset=utf-8");
        let binary = [
            json,
            ("CE-SpecVersion", "1.0"),
            ("ce-type", "t"),
            ("ce-id", "a%20b%C3%BC"),
            ("ce-source", "\"x \\\"y\\\"\""),
            ("ce-shkeptncontext", "c"),
            ("ce-triggeredid", "d"),
            ("ce-gitcommitid", "e"),
            ("ce-time", "2024-02-01T10:00:00Z"),
        ];
        let with = |more| [binary.as_slice(), &[more]].concat();
        let lines = [
            shown(&[("content-type", STRUCTURED)], keptn),
            shown(&[json], keptn),
            shown(&[], keptn),
            shown(&binary, r#"{"project":"p"}"#),
            shown(&binary, ""),
            shown(&[json], r#"{"type":"t","data":{}}"#),
            shown(&[("content-type", BATCH)], "[]"),
            shown(&[json], "[{}]"),
            shown(&[("content-type", "text/plain")], keptn),
            shown(&[json], "{"),
            shown(&[json], "5"),
            shown(&[json], r#"{"data":{}}"#),
            shown(&[json], r#"{"type":"t"}"#),
            shown(&[json], r#"{"type":"t","data":"{}"}"#),
            shown(&[json], r#"{"type":"t","data":{},"specversion":"2.0"}"#),
            shown(&[json], r#"{"type":"t","data":{},"id":5}"#),
            shown(&with(("ce-id", "again")), "{}"),
            shown(&with(("ce-odd", "%4")), "{}"),
            shown(&with(("ce-odd", "%FF")), "{}"),
            shown(&with(("ce-data", "{}")), "{}"),
            shown(&binary, "[]"),
        ];
        insta::assert_snapshot!(lines.join("\n"), @r#"
        {"id":"","source":"cli","specversion":"1.0","type":"sh.keptn.event.dev.delivery.triggered","data":{"project":"p"},"shkeptnspecversion":"0.2.4","odd":[1],"datacontenttype":"application/json"}
        {"id":"","source":"cli","specversion":"1.0","type":"sh.keptn.event.dev.delivery.triggered","data":{"project":"p"},"shkeptnspecversion":"0.2.4","odd":[1],"datacontenttype":"application/json"}
        {"id":"","source":"cli","specversion":"1.0","type":"sh.keptn.event.dev.delivery.triggered","data":{"project":"p"},"shkeptnspecversion":"0.2.4","odd":[1],"datacontenttype":"application/json"}
        {"id":"a bü","source":"x \"y\"","specversion":"1.0","type":"t","time":"2024-02-01T10:00:00Z","shkeptncontext":"c","triggeredid":"d","data":{"project":"p"},"gitcommitid":"e","datacontenttype":"application/json"}
        {"id":"a bü","source":"x \"y\"","specversion":"1.0","type":"t","time":"2024-02-01T10:00:00Z","shkeptncontext":"c","triggeredid":"d","data":{},"gitcommitid":"e","datacontenttype":"application/json"}
        {"id":"","source":"","specversion":"1.0","type":"t","data":{}}
        REFUSED several events in one message are not accepted; send one message for each event
        REFUSED several events in one message are not accepted; send one message for each event
        REFUSED the content type "text/plain" is not accepted; send application/cloudevents+json, or application/json with or without `ce-` headers
        REFUSED the body is not JSON: EOF while parsing an object at line 1 column 1
        REFUSED the body is no event: not a JSON object
        REFUSED the event has no type
        REFUSED the event has no data
        REFUSED data must be a JSON object, not a text
        REFUSED events of specversion "2.0" are not accepted; send 1.0
        REFUSED the body is no event: invalid type: integer `5`, expected a string
        REFUSED the header ce-id stands twice
        REFUSED the header ce-odd can't be read: a percent sign without two hexadecimal digits
        REFUSED the header ce-odd can't be read: it is not UTF-8
        REFUSED the header ce-data can't be read: an attribute has small letters and digits, and is not `data`
        REFUSED data must be a JSON object, not a list
        "#);
    }

    /// An event as an HTTP message.
    struct EventMessage {
        /// The headers, the content type among them.
        headers: Vec<(String, String)>,
        /// The body.
        body: Vec<u8>,
    }

    /// Writes an event in one piece.
    fn encode_structured(event: &CloudEvent) -> EventMessage {
        EventMessage {
            headers: vec![("content-type".to_owned(), STRUCTURED.to_owned())],
            // An event has no keys that JSON can't hold.
            body: serde_json::to_vec(event).unwrap_or_default(),
        }
    }

    /// Writes an event with its attributes in headers. Attributes that are neither text, number, nor truth value have no
    /// place there and are left out.
    fn encode_binary(event: &CloudEvent) -> EventMessage {
        let mut headers = vec![("content-type".to_owned(), JSON.to_owned())];
        let attributes = serde_json::to_value(event).unwrap_or_default();
        for (name, value) in attributes.as_object().into_iter().flatten() {
            let is_content_type = matches!(name.as_str(), "datacontenttype" | "contenttype");
            if name == "data" || is_content_type || !is_attribute_name(name) {
                continue;
            }
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Bool(_) | Value::Number(_) => value.to_string(),
                Value::Null | Value::Array(_) | Value::Object(_) => continue,
            };
            headers.push((format!("{PREFIX}{name}"), encode_header(&text)));
        }
        EventMessage {
            headers,
            body: event.data.json().as_bytes().to_vec(),
        }
    }

    /// Encodes a value as the binding wants it: what is no printable ASCII, blanks, quotes, and percent signs.
    fn encode_header(text: &str) -> String {
        let mut encoded = String::with_capacity(text.len());
        for character in text.chars() {
            let is_plain = character.is_ascii_graphic() && !matches!(character, '"' | '%');
            if is_plain {
                encoded.push(character);
            } else {
                let mut bytes = [0; 4];
                let bytes = character.encode_utf8(&mut bytes).bytes();
                encoded.extend(bytes.map(|byte| format!("%{byte:02X}")));
            }
        }
        encoded
    }

    /// Any event.
    fn event() -> impl Strategy<Value = CloudEvent> {
        let text = "(?s)[^ ].{0,20}[^ ]|[^ ]|";
        let extension = proptest::collection::btree_map("x[a-z0-9]{1,10}", text, 0..4);
        (text, "\\PC{1,20}", text, extension, text).prop_map(
            |(id, kind, context, extensions, project)| {
                let mut event = json!({
                    "id": id, "type": kind.trim(), "source": "s", "specversion": "1.0",
                    "time": "2024-02-01T10:00:00.123Z", "shkeptncontext": context,
                    "datacontenttype": "application/json", "data": {"project": project},
                });
                for (name, value) in extensions {
                    event[name] = value.into();
                }
                if event["type"] == "" {
                    event["type"] = "t".into();
                }
                serde_json::from_value(event).unwrap()
            },
        )
    }

    proptest! {
        #[test]
        fn an_event_comes_back_from_both_modes(event in event()) {
            for message in [encode_structured(&event), encode_binary(&event)] {
                for (_, value) in &message.headers {
                    prop_assert!(value.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
                }
                let back = decode(&message.headers, &message.body).unwrap();
                prop_assert_eq!(&back, &event);
            }
        }

        #[test]
        fn no_message_panics(name in "ce-[a-z%]{0,6}|content-type", value in "(?s)[\"\\\\%0-9A-Fa-f ü]{0,20}", body in "[{}\\[\\]\":,a-z0-9]{0,20}") {
            drop(decode(&headers(&[("ce-type", "t"), (&name, &value)]), body.as_bytes()));
            drop(decode(&headers(&[(&name, &value)]), body.as_bytes()));
        }
    }
}
