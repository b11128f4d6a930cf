//! `event_log` in `tidegate.yaml`: a URL, or a mapping with what a server needs besides.

use std::time::Duration;

use serde_json::{Value, json};

use super::provider_block::{secret, tls};
use super::reader::{Reader, Reality};
use super::settings::{Layer, Setting};
use crate::eventlog::{Secret, TlsSettings};
use crate::gate::parse_duration;
use crate::spec::reading::{Field, Fields};

/// The keys of the mapping.
pub(super) const KEYS: [&str; 6] = [
    "url",
    "token",
    "token_file",
    "tls",
    "timeout",
    "lock_timeout",
];

/// What a log on a server needs besides its URL.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventLogOptions {
    /// Keptn's `x-token`, a token of NATS, or the password of a PostgreSQL user.
    pub token: Option<Secret>,
    /// How to check the server, and what to show it.
    pub tls: TlsSettings,
    /// How long the server may take for one answer.
    pub timeout: Option<Duration>,
    /// How long to wait for other processes that hold the lock of a file.
    pub lock_timeout: Option<Duration>,
    /// Whether these are for the log of this file only: its URL stands beside them.
    pub belongs_to_url: bool,
}

/// Reads `event_log`; a URL goes to the settings.
pub(super) fn read(
    reader: &mut Reader<'_, '_>,
    fields: &mut Fields<'_>,
    layer: &mut Layer,
) -> EventLogOptions {
    let Some(field) = fields.take_set(Setting::EventLog.key()) else {
        return EventLogOptions::default();
    };
    let reality = reader.reality;
    reader.reality = match reader.surroundings.reality {
        Reality::DryRun => Reality::DryRun,
        Reality::Real | Reality::LogOnly => Reality::Real,
    };
    let options = if field.value.entries().is_some() {
        options(reader, &field, layer)
    } else {
        url(reader, &field, layer);
        EventLogOptions::default()
    };
    reader.reality = reality;
    options
}

/// Reads the mapping.
fn options(reader: &mut Reader<'_, '_>, field: &Field<'_>, layer: &mut Layer) -> EventLogOptions {
    let Some(mut inner) = Fields::open(reader.findings, field.value, &field.name) else {
        return EventLogOptions::default();
    };
    let place = inner.take_set("url");
    if let Some(place) = &place {
        url(reader, place, layer);
    }
    let options = EventLogOptions {
        token: secret(reader, &mut inner, "token", "token_file"),
        tls: tls(reader, &mut inner),
        timeout: duration(reader, &mut inner, "timeout"),
        lock_timeout: duration(reader, &mut inner, "lock_timeout"),
        belongs_to_url: place.is_some(),
    };
    reader.refuse_rest(inner, "`event_log`", &KEYS);
    options
}

/// Reads the URL.
fn url(reader: &mut Reader<'_, '_>, field: &Field<'_>, layer: &mut Layer) {
    let line = reader.findings.line_of(field.key);
    if let Some(text) = reader.field_text(field).filter(|text| !text.is_empty()) {
        let path = reader.findings.source().path().to_owned();
        layer.set_from_file(Setting::EventLog, text, &path, line);
    }
}

/// Reads a duration above 0.
pub(super) fn duration(
    reader: &mut Reader<'_, '_>,
    fields: &mut Fields<'_>,
    name: &str,
) -> Option<Duration> {
    let field = fields.take_set(name)?;
    let text = reader.field_text(&field)?;
    let duration = parse_duration(&text)
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok())
        .filter(|duration| !duration.is_zero());
    if duration.is_none() {
        let message = format!("`{name}` must be a duration above 0, not `{text}`");
        let hint = format!("such as `{name}: 10s`");
        reader.findings.error(field.span(), message, hint);
    }
    duration
}

/// Returns the JSON Schema of the key.
pub(super) fn schema(tls: &Value) -> Value {
    let url = json!({
        "type": "string",
        "description": "Where evaluations are stored and earlier ones are read. Relative paths start at the folder of this file. Default: sqlite:.tidegate/events.db.",
        "examples": ["sqlite:.tidegate/events.db", "history.jsonl", "postgres://USER:${PASSWORD}@HOST/DATABASE", "s3://BUCKET/PREFIX", "nats://HOST/STREAM", "https://HOST/api", "memory:"]
    });
    let text = |description: &str| json!({"type": "string", "description": description});
    let block = json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "url": url,
            "token": text("Keptn's x-token, a token of NATS, or the password of the PostgreSQL user."),
            "token_file": text("A file that holds the token."),
            "tls": tls,
            "timeout": text("How long a server may take for one answer. Default: 30s."),
            "lock_timeout": text("How long to wait for other processes that hold the lock of a file. Default: 10s.")
        }
    });
    json!({"description": "Where evaluations are stored, and what it takes to get there.", "oneOf": [url, block]})
}
