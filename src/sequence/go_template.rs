//! The part of Go's template language that webhooks use: fields of the event, and values of secrets.
//!
//! `{{.data.project}}`, `{{ .shkeptncontext }}`, `{{.env.token}}`, `{{.secret.NAME.KEY}}`, `{{index .data.list 0}}`,
//! `{{- … -}}` and comments. A field that is not there is an error, as in Keptn's webhook service. Unlike there, what is
//! filled in can't become anything else than a value: in URLs it is percent-encoded, in JSON it stays one string, number
//! or document, and in headers it has no line breaks.

use std::collections::BTreeMap;

use serde_json::Value;

/// A text with places to fill in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoTemplate {
    /// Its pieces, in order.
    pieces: Vec<Piece>,
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    /// Text as it stands.
    Text(String),
    /// A place to fill in: the way from the root.
    Path(Vec<String>),
}

/// Where the text will stand, which decides how values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemplatePlace {
    /// In a URL.
    Url,
    /// In the value of a header.
    Header,
    /// In a body.
    Body,
}

/// What templates can speak of.
#[derive(Clone, Debug)]
pub struct TemplateRoot<'a> {
    /// The event, as JSON.
    pub event: &'a Value,
    /// Values of secrets: `env.NAME` and `secret.NAME.KEY`, as they are written in the template.
    pub secrets: &'a BTreeMap<String, String>,
}

/// A template can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A `{{` without `}}`.
    #[error("`{{{{` has no `}}}}` behind it")]
    Open,
    /// An action that is not supported.
    #[error("`{{{{{0}}}}}` can't be filled in; write a field, such as `{{{{.data.project}}}}`")]
    Action(String),
    /// The event has no such field.
    #[error("the event has no `{0}`")]
    Missing(String),
    /// A header would have a line break.
    #[error("`{0}` has a control character, which a header can't have")]
    Control(String),
}

/// What the root of secrets is called.
const SECRET_ROOTS: [&str; 2] = ["env", "secret"];

impl GoTemplate {
    /// Reads a template.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut pieces = Vec::new();
        let mut rest = text;
        let mut trims_left = false;
        while let Some((before, after)) = rest.split_once("{{") {
            let (action, behind) = after.split_once("}}").ok_or(TemplateError::Open)?;
            let trims_before = action.starts_with("- ");
            let before = if trims_left {
                before.trim_start()
            } else {
                before
            };
            let before = if trims_before {
                before.trim_end()
            } else {
                before
            };
            pieces.push(Piece::Text(before.to_owned()));
            trims_left = action.ends_with(" -");
            let action = action.strip_prefix("- ").unwrap_or(action);
            let action = action.strip_suffix(" -").unwrap_or(action).trim();
            if !(action.starts_with("/*") && action.ends_with("*/")) {
                pieces.push(Piece::Path(path(action)?));
            }
            rest = behind;
        }
        let rest = if trims_left { rest.trim_start() } else { rest };
        pieces.push(Piece::Text(rest.to_owned()));
        Ok(Self { pieces })
    }

    /// Returns the values of secrets that it speaks of: `env.NAME`, `secret.NAME.KEY`.
    pub fn secrets(&self) -> impl Iterator<Item = String> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Path(path) if is_secret(path) => Some(path.join(".")),
            Piece::Path(_) | Piece::Text(_) => None,
        })
    }

    /// Fills it in.
    pub fn render(
        &self,
        root: &TemplateRoot<'_>,
        place: TemplatePlace,
    ) -> Result<String, TemplateError> {
        let mut rendered = String::new();
        let mut quotes = Quotes::default();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => {
                    quotes.pass(text);
                    rendered.push_str(text);
                }
                Piece::Path(path) => {
                    let value = look_up(path, root)?;
                    let is_secret = is_secret(path);
                    let name = || path.join(".");
                    rendered.push_str(&match place {
                        TemplatePlace::Url if is_secret => plain(&value),
                        TemplatePlace::Url => percent_encoded(&plain(&value)),
                        TemplatePlace::Header => header(plain(&value), name)?,
                        TemplatePlace::Body => quotes.body(&value),
                    });
                }
            }
        }
        Ok(rendered)
    }
}

/// Reads what stands between the braces.
fn path(action: &str) -> Result<Vec<String>, TemplateError> {
    let refused = || TemplateError::Action(action.to_owned());
    if let Some(arguments) = action.strip_prefix("index ") {
        let mut words = arguments.split_whitespace();
        let mut path = path(words.next().ok_or_else(refused)?)?;
        for word in words {
            let bare = word
                .strip_prefix('"')
                .and_then(|word| word.strip_suffix('"'));
            let is_number = !word.is_empty() && word.chars().all(|c| c.is_ascii_digit());
            match bare.or(is_number.then_some(word)) {
                Some(step) => path.push(step.to_owned()),
                None => return Err(refused()),
            }
        }
        return Ok(path);
    }
    let steps = action.strip_prefix('.').ok_or_else(refused)?;
    let is_name = |step: &str| {
        !step.is_empty()
            && step
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
    };
    let steps: Vec<String> = steps.split('.').map(str::to_owned).collect();
    if steps.iter().all(|step| is_name(step)) {
        Ok(steps)
    } else {
        Err(refused())
    }
}

/// Tells whether a path leads to a secret.
fn is_secret(path: &[String]) -> bool {
    path.first()
        .is_some_and(|root| SECRET_ROOTS.contains(&root.as_str()))
}

/// Follows a path.
fn look_up(path: &[String], root: &TemplateRoot<'_>) -> Result<Value, TemplateError> {
    let missing = || TemplateError::Missing(path.join("."));
    if is_secret(path) {
        let secret = root.secrets.get(&path.join("."));
        return secret.cloned().map(Value::String).ok_or_else(missing);
    }
    let mut value = root.event;
    for step in path {
        let next = match value {
            Value::Array(items) => step.parse().ok().and_then(|at: usize| items.get(at)),
            Value::Object(members) => members.get(step),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
        };
        value = next.ok_or_else(missing)?;
    }
    Ok(value.clone())
}

/// Writes a value as people would.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

/// Encodes everything but what can't mean anything in a URL (RFC 3986, unreserved).
fn percent_encoded(text: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            // Writing to a text never fails.
            write!(encoded, "%{byte:02X}").ok();
        }
    }
    encoded
}

/// Takes a text into a header.
fn header(text: String, name: impl FnOnce() -> String) -> Result<String, TemplateError> {
    if text.chars().any(char::is_control) {
        return Err(TemplateError::Control(name()));
    }
    Ok(text)
}

/// Whether a place of a body is inside of a JSON text.
#[derive(Default)]
struct Quotes {
    /// Whether the body so far is JSON: it begins with a brace or a bracket.
    json: Option<bool>,
    /// Whether a quote is open.
    is_open: bool,
    /// Whether the next character is escaped.
    is_escaped: bool,
}

impl Quotes {
    /// Goes on over text of the template.
    fn pass(&mut self, text: &str) {
        for character in text.chars() {
            if self.json.is_none() && !character.is_whitespace() {
                self.json = Some(matches!(character, '{' | '['));
            }
            if self.is_escaped {
                self.is_escaped = false;
            } else if self.is_open && character == '\\' {
                self.is_escaped = true;
            } else if character == '"' {
                self.is_open = !self.is_open;
            }
        }
    }

    /// Writes a value into the body.
    fn body(&mut self, value: &Value) -> String {
        if self.json != Some(true) {
            self.json = Some(false);
            return plain(value);
        }
        if self.is_open {
            let quoted = Value::String(plain(value)).to_string();
            let inner = quoted
                .strip_prefix('"')
                .and_then(|rest| rest.strip_suffix('"'));
            return inner.unwrap_or_default().to_owned();
        }
        match value {
            // A number or a truth value that came as a text is meant as one.
            Value::String(text) => match serde_json::from_str(text) {
                Ok(Value::Number(_) | Value::Bool(_) | Value::Null) => text.trim().to_owned(),
                Ok(Value::String(_) | Value::Array(_) | Value::Object(_)) | Err(_) => {
                    value.to_string()
                }
            },
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_) => value.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn render(
        template: &str,
        event: &Value,
        place: TemplatePlace,
    ) -> Result<String, TemplateError> {
        let secrets = BTreeMap::from([
            ("env.token".to_owned(), "a/b c".to_owned()),
            ("secret.slack-webhook.token".to_owned(), "T0/B1".to_owned()),
        ]);
        let root = TemplateRoot {
            event,
            secrets: &secrets,
        };
        GoTemplate::parse(template)?.render(&root, place)
    }

    #[test]
    fn fields_of_the_event_and_values_of_secrets_are_filled_in() {
        let event = json!({"id": "1", "data": {"project": "p", "list": ["a", {"k": 2}], "n": 5, "get-sli": true}});
        for (template, body) in [
            ("plain", "plain"),
            ("{{.data.project}}/{{ .id }}", "p/1"),
            ("{{.data.get-sli}} {{.data.n}}", "true 5"),
            (
                "{{index .data.list 0}}{{index .data \"list\" 1 \"k\"}}",
                "a2",
            ),
            ("a {{- .id -}} b{{/* nothing */}}c", "a1bc"),
            ("{{.data.list}}", "[\"a\",{\"k\":2}]"),
            (
                "{{.env.token}} {{.secret.slack-webhook.token}}",
                "a/b c T0/B1",
            ),
        ] {
            assert_eq!(
                render(template, &event, TemplatePlace::Body).as_deref(),
                Ok(body),
                "{template}"
            );
        }
    }

    #[test]
    fn what_is_not_there_or_not_a_field_is_an_error() {
        let event = json!({"id": "1"});
        for (template, message) in [
            ("{{.data.project}}", "the event has no `data.project`"),
            ("{{.env.other}}", "the event has no `env.other`"),
            ("{{.id", "`{{` has no `}}` behind it"),
            (
                "{{range .x}}",
                "`{{range .x}}` can't be filled in; write a field, such as `{{.data.project}}`",
            ),
            (
                "{{index .id x}}",
                "`{{index .id x}}` can't be filled in; write a field, such as `{{.data.project}}`",
            ),
            (
                "{{}}",
                "`{{}}` can't be filled in; write a field, such as `{{.data.project}}`",
            ),
        ] {
            let error = render(template, &event, TemplatePlace::Body).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
    }

    #[test]
    fn a_value_stays_a_value_wherever_it_stands() {
        let event = json!({"x": "a\"b/../c?d=e&f\n", "o": {"k": "v"}, "five": "5"});
        let url = render(
            "https://h/{{.x}}?t={{.env.token}}",
            &event,
            TemplatePlace::Url,
        );
        assert_eq!(
            url.unwrap(),
            "https://h/a%22b%2F..%2Fc%3Fd%3De%26f%0A?t=a/b c"
        );
        let body = render(
            r#"{"x": "{{.x}}", "o": {{.o}}, "y": {{.x}}, "n": {{.five}}}"#,
            &event,
            TemplatePlace::Body,
        );
        let body: Value = serde_json::from_str(&body.unwrap()).unwrap();
        assert_eq!(
            body,
            json!({"x": event["x"], "o": {"k": "v"}, "y": event["x"], "n": 5})
        );
        assert_eq!(
            render("{{.x}}", &event, TemplatePlace::Header),
            Err(TemplateError::Control("x".to_owned()))
        );
    }

    #[test]
    fn a_template_tells_which_secrets_it_needs() {
        let template = GoTemplate::parse("{{.env.a}}{{.data.b}}{{.secret.c.d}}").unwrap();
        assert_eq!(
            template.secrets().collect::<Vec<_>>(),
            ["env.a", "secret.c.d"]
        );
    }

    proptest! {
        #[test]
        fn no_template_panics(text in r#"([{}.\- "a]|\{\{|\}\}|index |\.data|/\*|\*/){0,30}"#) {
            let event = json!({"data": {"a": [1, "x"]}, "a": null});
            for place in [TemplatePlace::Url, TemplatePlace::Header, TemplatePlace::Body] {
                let _ = render(&text, &event, place).is_ok();
            }
        }

        #[test]
        fn no_value_leaves_its_json_string(value in any::<String>()) {
            let body = render(r#"{"v": "{{.v}}", "w": [{{.v}}]}"#, &json!({"v": value}), TemplatePlace::Body).unwrap();
            let body: Value = serde_json::from_str(&body).unwrap();
            prop_assert_eq!(&body["v"], &Value::String(value));
            prop_assert_eq!(body["w"].as_array().unwrap().len(), 1);
            prop_assert_eq!(body.as_object().unwrap().len(), 2);
        }

        #[test]
        fn no_value_leaves_its_place_in_a_url(value in any::<String>()) {
            let url = render("https://h/a/{{.v}}/b", &json!({"v": value}), TemplatePlace::Url).unwrap();
            prop_assert_eq!(url.matches('/').count(), 5);
            prop_assert!(!url.contains(['?', '#', '@', ' ']));
        }
    }
}
