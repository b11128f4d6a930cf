//! Reads the small parts of a definition: templates, paths, durations, conditions.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use serde_json_path::JsonPath;

use crate::config::reader::Reader;
use crate::gate::parse_duration;
use crate::provider::{Parameter, Template};
use crate::spec::reading::{Field, Fields, hint};

/// Reads a definition, knowing what it declares.
pub(super) struct Blueprint<'b, 's, 'r> {
    /// Reads fields.
    pub reader: &'b mut Reader<'s, 'r>,
    /// The variables of entries.
    pub variables: &'b BTreeMap<String, Parameter>,
    /// What SLIs may say; `None`: anything.
    pub parameters: Option<&'b BTreeMap<String, Parameter>>,
    /// Whether `${TOKEN}` means something.
    pub token: TokenUse,
}

/// Whether `${TOKEN}` means something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenUse {
    /// It does: the request comes after the first one.
    Allowed,
    /// It does not.
    Refused,
}

impl Blueprint<'_, '_, '_> {
    /// Reads a field as a template.
    pub fn template(&mut self, field: &Field<'_>) -> Option<Template> {
        let text = self.reader.findings.text(field.value, &field.name)?;
        self.parse(field, &text)
    }

    /// Reads a text as a template.
    pub fn parse(&mut self, field: &Field<'_>, text: &str) -> Option<Template> {
        let template = match Template::parse(text) {
            Ok(template) => template,
            Err(error) => {
                let hint = "a literal `${` is written `$${`";
                self.reader
                    .findings
                    .error(field.span(), error.to_string(), hint);
                return None;
            }
        };
        for name in template.names() {
            self.check_name(field, name);
        }
        Some(template)
    }

    /// Refuses a placeholder that nobody can fill.
    fn check_name(&mut self, field: &Field<'_>, name: &str) {
        let (key, known, section) = match (name.split_once('.'), self.parameters) {
            (Some(("VAR", key)), _) => (key, self.variables, "vars"),
            (Some(("OPTION", key)), Some(parameters)) => (key, parameters, "params"),
            (Some(_) | None, _) => {
                if name == "TOKEN" && self.token == TokenUse::Refused {
                    let message =
                        "`${TOKEN}` means something in `poll`, `result` and `cancel` only";
                    let hint = "the first request has no token yet";
                    self.reader.findings.error(field.span(), message, hint);
                }
                return;
            }
        };
        if !known.contains_key(key) {
            let names: Vec<&str> = known.keys().map(String::as_str).collect();
            let message =
                format!("`${{{name}}}` stands for nothing: `{key}` is not in `{section}`");
            self.reader
                .findings
                .error(field.span(), message, hint(key, &names));
        }
    }

    /// Reads a `JSONPath`.
    pub fn path(&mut self, field: &Field<'_>) -> Option<JsonPath> {
        let text = self.reader.findings.text(field.value, &field.name)?;
        match JsonPath::parse(&text) {
            Ok(path) => Some(path),
            Err(error) => {
                let message = format!("`{}` is no JSONPath: {error}", field.name);
                let hint = "such as `$.data.result[*].value[1]`";
                self.reader.findings.error(field.span(), message, hint);
                None
            }
        }
    }

    /// Reads a `JSONPath` that may be missing.
    pub fn optional_path(&mut self, fields: &mut Fields<'_>, name: &str) -> Option<JsonPath> {
        let field = fields.take_set(name)?;
        self.path(&field)
    }

    /// Reads a duration.
    pub fn duration(&mut self, fields: &mut Fields<'_>, name: &str, default: Duration) -> Duration {
        let Some(field) = fields.take_set(name) else {
            return default;
        };
        let text = self.reader.findings.text(field.value, name);
        let text = text.unwrap_or_default();
        let parsed = parse_duration(&text).ok();
        let parsed = parsed.and_then(|duration| Duration::try_from(duration).ok());
        parsed
            .filter(|duration| !duration.is_zero())
            .unwrap_or_else(|| {
                let message = format!("`{name}` must be a duration above 0, not `{text}`");
                self.reader
                    .findings
                    .error(field.span(), message, "such as `1s` or `2m`");
                default
            })
    }

    /// Reads a truth value that is false where nobody says.
    pub fn flag(&mut self, fields: &mut Fields<'_>, name: &str) -> Option<bool> {
        let field = fields.take_set(name)?;
        self.reader.findings.boolean(field.value, name)
    }

    /// Reads the values of `equals` and `in`.
    pub fn values(&mut self, fields: &mut Fields<'_>) -> Vec<Value> {
        let mut values = Vec::new();
        if let Some(field) = fields.take_set("equals") {
            values.push(self.reader.findings.json(field.value));
        }
        if let Some(field) = fields.take_set("in") {
            let elements = self.reader.findings.elements(field.value, "in");
            for element in elements.unwrap_or_default() {
                values.push(self.reader.findings.json(element));
            }
        }
        values
    }

    /// Says that something is missing.
    pub fn missing(&mut self, owner: &Field<'_>, name: &str, example: &str) {
        let message = format!("`{}` needs a `{name}`", owner.name);
        self.reader
            .findings
            .error(owner.key, message, format!("such as `{example}`"));
    }
}
