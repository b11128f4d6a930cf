//! What Keptn refuses, and what it makes of what it takes.

use serde_json::{Value, json};

/// Says what the checks of the API have against an event.
pub(super) fn problem_with(event: &Value) -> Option<&'static str> {
    let text = |path: &str| {
        event
            .pointer(path)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    if text("/type").is_empty() || text("/source").is_empty() || !event["data"].is_object() {
        return Some("type, source and data are required");
    }
    let parts: Vec<&str> = text("/type").split('.').collect();
    let lacks = |paths: &[&str]| paths.iter().any(|path| text(path).is_empty());
    let place = ["/data/project", "/data/stage", "/data/service"];
    match parts.as_slice() {
        ["sh", "keptn", "event", _task, kind] => match *kind {
            "started" if lacks(&place) || lacks(&["/triggeredid"]) => {
                Some("mandatory field missing")
            }
            "finished" if lacks(&place) => {
                Some("mandatory field(s) 'project', 'stage' or 'service' missing")
            }
            "finished" if lacks(&["/data/result", "/data/status"]) => {
                Some("mandatory field(s) 'result' or 'status' missing")
            }
            "started" | "finished" | "invalidated" => None,
            _ => Some("unknown event type action"),
        },
        ["sh", "keptn", "event", stage, _sequence, "triggered"]
            if *stage == text("/data/stage") =>
        {
            None
        }
        _ => Some("unknown event type"),
    }
}

/// Returns the context of an event: its own if that is a UUID, else one that is made of its first 16 bytes.
pub(super) fn context(event: &Value, number: u64) -> String {
    let Some(text) = event["shkeptncontext"].as_str() else {
        return format!("00000000-0000-4000-8000-{number:012}");
    };
    let is_uuid = text.len() == 36
        && text.char_indices().all(|(at, c)| {
            if [8, 13, 18, 23].contains(&at) {
                c == '-'
            } else {
                c.is_ascii_hexdigit()
            }
        });
    if is_uuid {
        return text.to_owned();
    }
    let mut bytes: Vec<u8> = text
        .bytes()
        .chain(std::iter::repeat(b' '))
        .take(16)
        .collect();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "{}-{}-{}-{}-{}",
        hex[..4].concat(),
        hex[4..6].concat(),
        hex[6..8].concat(),
        hex[8..10].concat(),
        hex[10..].concat()
    )
}

/// Turns every number into what is left of it after a trip through 64 bits of floating point.
pub(super) fn as_go_has_them(value: &mut Value) {
    match value {
        Value::Number(number) => {
            let float = number.as_f64().unwrap_or_default();
            *value = if float.fract() == 0.0 && float.abs() < 1e15 {
                json!(format!("{float:.0}").parse::<i64>().unwrap())
            } else {
                json!(float)
            };
        }
        Value::Array(items) => items.iter_mut().for_each(as_go_has_them),
        Value::Object(members) => members.values_mut().for_each(as_go_has_them),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}
