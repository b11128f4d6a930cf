//! `notifications` in `tidegate.yaml`: who is told of an evaluation, and of what.
//!
//! A variable that is not set is only worth a warning here: a build of a fork has no secrets, and still wants a verdict.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::provider_block::tls;
use super::reader::{Reader, Reality};
use crate::eventlog::{Secret, TlsSettings};
use crate::report::notification::{Channel, Occasion, Occasions};
use crate::spec::reading::{Fields, Span, hint};

/// The key at the top.
pub(super) const KEY: &str = "notifications";
/// The keys of an entry.
pub(super) const KEYS: [&str; 9] = [
    "type",
    "url",
    "url_file",
    "on",
    "secret",
    "secret_file",
    "headers",
    "link",
    "tls",
];

/// Someone who is told.
#[derive(Clone, Debug, PartialEq)]
pub struct NotificationSettings {
    /// What kind of place it is.
    pub channel: Channel,
    /// Where it is; `None` where a variable is not set, which was said.
    pub url: Option<SecretPlace>,
    /// What it is told of.
    pub occasions: Occasions,
    /// Whether messages are to be signed.
    pub is_signed: bool,
    /// What they are signed with; `None` where a variable is not set, which was said: then nothing is sent.
    pub secret: Option<SecretPlace>,
    /// Headers of every message; their values are never shown.
    pub headers: Vec<(String, Secret)>,
    /// Where to read more, instead of the page of the job.
    pub link: Option<String>,
    /// How to check the server.
    pub tls: TlsSettings,
    /// Who says so: `tidegate.yaml:12`.
    pub origin: String,
}

/// Where a secret stands.
#[derive(Clone, Debug, PartialEq)]
pub enum SecretPlace {
    /// Here.
    Text(Secret),
    /// In a file, which is read when it is needed.
    File(PathBuf),
}

/// Reads the list.
pub(super) fn read(
    reader: &mut Reader<'_, '_>,
    fields: &mut Fields<'_>,
) -> Vec<NotificationSettings> {
    let Some(field) = fields.take_set(KEY) else {
        return Vec::new();
    };
    let elements = reader.findings.elements(field.value, KEY);
    let reality = reader.reality;
    reader.reality = Reality::DryRun;
    let mut settings = Vec::new();
    for element in elements.unwrap_or_default() {
        let Some(mut inner) = Fields::open(reader.findings, element, "an entry of `notifications`")
        else {
            continue;
        };
        settings.extend(entry(reader, &mut inner, element.span));
        reader.refuse_rest(inner, "`notifications`", &KEYS);
    }
    reader.reality = reality;
    settings
}

/// Reads one entry.
fn entry(
    reader: &mut Reader<'_, '_>,
    fields: &mut Fields<'_>,
    span: Span,
) -> Option<NotificationSettings> {
    for (key, other) in [("type", "type"), ("url", "url_file")] {
        if !fields.has(key) && !fields.has(other) {
            let message = format!("an entry of `notifications` has no `{key}`");
            let hint = "such as `- { type: slack, url: \"${SLACK_URL}\" }`";
            reader.findings.error(span, message, hint);
        }
    }
    let channel = reader.word::<Channel>(fields, "type", &Channel::NAMES);
    let settings = NotificationSettings {
        channel: channel.unwrap_or(Channel::Webhook),
        url: place(reader, fields, "url", "url_file"),
        occasions: occasions(reader, fields),
        is_signed: fields.has("secret") || fields.has("secret_file"),
        secret: place(reader, fields, "secret", "secret_file"),
        headers: headers(reader, fields),
        link: reader.text(fields, "link").filter(|link| !link.is_empty()),
        tls: tls(reader, fields),
        origin: format!(
            "{}:{}",
            reader.findings.source().path(),
            reader.findings.line_of(span)
        ),
    };
    channel.map(|_known| settings)
}

/// Reads where a secret stands.
fn place(
    reader: &mut Reader<'_, '_>,
    fields: &mut Fields<'_>,
    key: &str,
    file_key: &str,
) -> Option<SecretPlace> {
    let text = reader.text(fields, key).filter(|text| !text.is_empty());
    let file = reader.path(fields, file_key);
    let text = text.map(|text| SecretPlace::Text(Secret::new(text)));
    text.or_else(|| file.map(SecretPlace::File))
}

/// Reads what is worth telling: one word, or a list.
fn occasions(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> Occasions {
    let Some(field) = fields.take_set("on") else {
        return Occasions::default();
    };
    let words: Vec<String> = match field.value.elements() {
        Some(elements) => {
            let words = elements.iter();
            words
                .filter_map(|word| reader.findings.text(word, "on"))
                .collect()
        }
        None => reader
            .findings
            .text(field.value, "on")
            .into_iter()
            .collect(),
    };
    let mut known = Vec::new();
    for word in words {
        if let Ok(occasion) = word.parse::<Occasion>() {
            known.push(occasion);
            continue;
        }
        let message = format!("`on` can't be `{word}`");
        let hint = hint(&word, &Occasion::NAMES);
        reader.findings.error(field.span(), message, hint);
    }
    known.into_iter().collect()
}

/// Reads the headers.
fn headers(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> Vec<(String, Secret)> {
    let Some((_, inner)) = reader.open(fields, "headers") else {
        return Vec::new();
    };
    let mut headers = Vec::new();
    for field in inner.rest() {
        if let Some(text) = reader.field_text(&field) {
            headers.push((field.name, Secret::new(text)));
        }
    }
    headers
}

/// Returns the JSON Schema of the key.
pub(super) fn schema(tls: &Value) -> Value {
    let text = |description: &str| json!({"type": "string", "description": description});
    let occasion = json!({"enum": Occasion::NAMES});
    let entry = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["type"],
        "anyOf": [{"required": ["url"]}, {"required": ["url_file"]}],
        "properties": {
            "type": {"enum": Channel::NAMES, "description": "Slack (or what speaks its language), Teams by a workflow, or any program."},
            "url": {"type": "string", "description": "The webhook. It is a secret: it is never shown, but for its host.", "examples": ["${SLACK_URL}"]},
            "url_file": text("A file that holds the URL."),
            "on": {"description": "What is told. Default: all but a pass that follows a pass.", "oneOf": [occasion, {"type": "array", "items": occasion}]},
            "secret": text("What messages are signed with: X-Tidegate-Signature is sha256= and the HMAC of X-Tidegate-Timestamp, a dot, and the body."),
            "secret_file": text("A file that holds that secret."),
            "headers": {"type": ["object", "null"], "additionalProperties": {"type": ["string", "number"]}, "description": "Headers of every message. Their values are never shown."},
            "link": text("Where to read more. Default: the page of the CI job."),
            "tls": tls
        }
    });
    json!({"type": ["array", "null"], "items": entry, "description": "Who is told of an evaluation. Whatever becomes of it, the exit code stays as it is."})
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::{FileConfig, Surroundings, parse};
    use crate::gate::{Ending, Verdict};
    use crate::spec::{Parsed, Source};

    fn parsed(text: &str) -> Parsed<FileConfig> {
        let lookup = |name: &str| (name == "URL").then(|| "https://h.example/T0K3N".to_owned());
        let surroundings = Surroundings {
            lookup: &lookup,
            folder: Path::new("/shop"),
            reality: Reality::Real,
        };
        parse(&Source::new("tidegate.yaml", text), &surroundings)
    }

    #[test]
    fn an_entry_is_read_and_shows_no_secret() {
        let text = "notifications:\n  - type: slack\n    url: ${URL}\n    on: [pass, fail]\n    secret_file: key\n    headers: {X-Api: s3cret}\n    link: https://ci.example\n";
        let config = parsed(text).value.unwrap();
        let [slack] = config.notifications.as_slice() else {
            panic!("{config:?}");
        };
        assert_eq!(slack.channel, Channel::Slack);
        let url = Secret::new("https://h.example/T0K3N");
        assert_eq!(slack.url, Some(SecretPlace::Text(url)));
        assert_eq!(slack.secret, Some(SecretPlace::File("/shop/key".into())));
        assert!(slack.is_signed);
        assert!(
            slack
                .occasions
                .include(Ending::Verdict(Verdict::Pass), None)
        );
        assert!(!slack.occasions.include_errors());
        assert_eq!(slack.origin, "tidegate.yaml:2");
        let shown = format!("{slack:?}");
        assert!(
            !shown.contains("T0K3N") && !shown.contains("s3cret"),
            "{shown}"
        );
    }

    #[test]
    fn a_variable_that_is_not_set_is_a_warning_only() {
        let Parsed { value, problems } =
            parsed("notifications:\n  - {type: teams, url: \"${NOWHERE}\", secret: \"${NO}\"}\n");
        assert!(problems.iter().all(|problem| !problem.is_error()));
        assert_eq!(problems.len(), 2);
        let config = value.unwrap();
        assert_eq!(config.notifications[0].url, None);
        assert!(config.notifications[0].is_signed);
    }

    #[test]
    fn what_nobody_knows_is_an_error_that_shows_no_url() {
        for (text, expected) in [
            ("[{url: 'https://h/T0K3N'}]", "no `type`"),
            ("[{type: slack}]", "no `url`"),
            (
                "[{type: pigeon, url: 'https://h/T0K3N'}]",
                "`type` can't be `pigeon`",
            ),
            (
                "[{type: slack, url: 'https://h/T0K3N', on: failure}]",
                "`on` can't be `failure`",
            ),
            (
                "[{type: slack, url: 'https://h/T0K3N', pun: 1}]",
                "unknown key `pun`",
            ),
            (
                "[{type: slack, url: ['https://h/T0K3N']}]",
                "must be a text",
            ),
            ("{type: slack}", "must be a list"),
        ] {
            let Parsed { value, problems } = parsed(&format!("notifications: {text}\n"));
            assert!(value.is_none(), "{text}");
            let shown = crate::spec::render(&problems, crate::spec::Style::Plain);
            assert!(shown.contains(expected), "{shown}");
            assert!(!shown.contains("T0K3N"), "{shown}");
        }
    }
}
