//! What the placeholders of a definition stand for in one request.

use std::collections::BTreeMap;

use serde_json::Value;

use super::definition::{Definition, Need, Parameter};
use super::template::{Filter, Piece, Placeholder, Template};
use crate::gate::{Context, Escape, Options, fill_escaped};

/// The option of an SLI that holds what a definition calls `OPTION.name`.
pub(super) const PARAMS: &str = "params";

/// What the placeholders of one request stand for.
#[derive(Clone, Copy)]
pub(super) struct Values<'a> {
    /// The definition.
    pub definition: &'a Definition,
    /// What the provider's entry says.
    pub variables: &'a BTreeMap<String, String>,
    /// The evaluation; `None` where nothing is evaluated, as in a probe.
    pub context: Option<&'a Context>,
    /// The query, filled.
    pub query: &'a str,
    /// What else the SLI says.
    pub options: &'a Options,
    /// The name that the server gave to the query.
    pub token: Option<&'a str>,
}

/// A template cannot be filled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FillError {
    /// Nobody says what a placeholder stands for.
    #[error("`${{{name}}}` has no value")]
    Missing {
        /// The placeholder.
        name: String,
    },
    /// A value that does not fit where it would stand.
    #[error("the value of `${{{name}}}` {trouble}")]
    Unfit {
        /// The placeholder.
        name: String,
        /// What is wrong with it.
        trouble: &'static str,
    },
    /// A header that would become two.
    #[error("the value of the header `{name}` has control characters in it")]
    Header {
        /// The header.
        name: String,
    },
}

impl Values<'_> {
    /// Returns what a name stands for; `None` where it is optional and nobody says.
    fn value(&self, name: &str) -> Result<Option<String>, FillError> {
        let missing = || FillError::Missing {
            name: name.to_owned(),
        };
        if let Some(key) = name.strip_prefix("VAR.") {
            let given = self.variables.get(key).cloned();
            return given_or_default(given, self.definition.variables.get(key))
                .ok_or_else(missing)
                .map(non_empty);
        }
        if let Some(key) = name.strip_prefix("OPTION.") {
            let known = self.definition.parameters.as_ref();
            let declared = known.and_then(|known| known.get(key));
            return given_or_default(self.option(key), declared)
                .ok_or_else(missing)
                .map(non_empty);
        }
        match name {
            "QUERY" => Ok(Some(self.query.to_owned())),
            "TOKEN" => self
                .token
                .map(|token| Some(token.to_owned()))
                .ok_or_else(missing),
            _ => {
                let context = self.context.ok_or_else(missing)?;
                let filled = fill_escaped(&format!("${{{name}}}"), context, Escape::Plain);
                filled.ok().map(Some).ok_or_else(missing)
            }
        }
    }

    /// Returns what the SLI says of a name.
    fn option(&self, key: &str) -> Option<String> {
        match self.options.get(PARAMS)?.as_object()?.get(key)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(truth) => Some(truth.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// Fills a template; `None` where it is nothing but an optional value that nobody gives.
    pub(super) fn text(
        &self,
        template: &Template,
        place: &dyn Fn(&str) -> String,
    ) -> Result<Option<String>, FillError> {
        let is_sole = template.sole().is_some();
        let mut filled = String::new();
        for piece in template.pieces() {
            let placeholder = match piece {
                Piece::Literal(text) => {
                    filled.push_str(text);
                    continue;
                }
                Piece::Placeholder(placeholder) => placeholder,
            };
            match self.filtered(placeholder)? {
                Some(value) => filled.push_str(&place(&value)),
                None if is_sole => return Ok(None),
                None => {}
            }
        }
        Ok(Some(filled))
    }

    /// Fills a template whose every value must be there, and not be empty: a segment of a path that is missing is
    /// another path.
    pub(super) fn path(
        &self,
        template: &Template,
        place: &dyn Fn(&str) -> String,
    ) -> Result<String, FillError> {
        for name in template.names() {
            if self.value(name)?.is_none_or(|value| value.is_empty()) {
                return Err(FillError::Unfit {
                    name: name.to_owned(),
                    trouble: "is empty, and a path needs it",
                });
            }
        }
        Ok(self.text(template, place)?.unwrap_or_default())
    }

    /// Fills the expression that finds the numbers. A value that is the whole of it is the expression; any other stands
    /// in a quoted string there, and must not end it.
    pub(super) fn expression(&self, template: &Template) -> Result<String, FillError> {
        if template.sole().is_none() {
            for name in template.names() {
                let value = self.value(name)?.unwrap_or_default();
                if Escape::Refuse.apply(&value).is_err() {
                    return Err(FillError::Unfit {
                        name: name.to_owned(),
                        trouble: "has quotes, a backslash, or control characters in it",
                    });
                }
            }
        }
        let filled = self.text(template, &str::to_owned)?;
        Ok(filled.unwrap_or_default())
    }

    /// Fills a text of a JSON body: by its type where a placeholder stands alone.
    pub(super) fn json(&self, template: &Template) -> Result<Option<Value>, FillError> {
        let Some(placeholder) = template.sole() else {
            return Ok(self.text(template, &str::to_owned)?.map(Value::String));
        };
        let Some(text) = self.filtered(placeholder)? else {
            return Ok(None);
        };
        let name = &placeholder.name;
        let unfit = |trouble| FillError::Unfit {
            name: name.clone(),
            trouble,
        };
        Ok(Some(match placeholder.filter {
            Some(Filter::Number) => number(&text).ok_or_else(|| unfit("is no number"))?,
            Some(Filter::Tree) => {
                let tree = serde_json::from_str(&text).ok();
                tree.ok_or_else(|| unfit("cannot be read as JSON"))?
            }
            None if is_numeric(name) => number(&text).ok_or_else(|| unfit("is no number"))?,
            None | Some(Filter::Plain | Filter::Text | Filter::Language(_)) => Value::String(text),
        }))
    }

    /// Returns what a placeholder stands for, made harmless for the language that it names.
    fn filtered(&self, placeholder: &Placeholder) -> Result<Option<String>, FillError> {
        let Some(value) = self.value(&placeholder.name)? else {
            return Ok(None);
        };
        match placeholder.filter {
            Some(Filter::Language(language)) => {
                let unfit = |_| FillError::Unfit {
                    name: placeholder.name.clone(),
                    trouble: "has characters in it that could end a string",
                };
                language.apply(&value).map(Some).map_err(unfit)
            }
            None | Some(Filter::Plain | Filter::Number | Filter::Text | Filter::Tree) => {
                Ok(Some(value))
            }
        }
    }
}

/// Returns the value that is given, or the default. The outer `None`: it is required, and missing.
#[expect(
    clippy::option_option,
    reason = "a value may be missing by right, or by mistake"
)]
fn given_or_default(given: Option<String>, declared: Option<&Parameter>) -> Option<Option<String>> {
    let default = declared.and_then(|parameter| parameter.default.clone());
    let may_be_missing = declared.is_some_and(|parameter| parameter.need == Need::Optional);
    match given.or(default) {
        Some(value) => Some(Some(value)),
        None if may_be_missing => Some(None),
        None => None,
    }
}

/// Takes an empty value for none.
fn non_empty(value: Option<String>) -> Option<String> {
    value.filter(|value| !value.is_empty())
}

/// Tells whether a name stands for a number.
fn is_numeric(name: &str) -> bool {
    ["_UNIX", "_MS", "_NS", "_S", "_MIN"]
        .iter()
        .any(|end| name.ends_with(end))
        && (name.starts_with("START_") || name.starts_with("END_") || name.starts_with("DURATION_"))
}

/// Reads a number as JSON has it.
fn number(text: &str) -> Option<Value> {
    let number: serde_json::Number = serde_json::from_str(text.trim()).ok()?;
    number.as_f64().filter(|number| number.is_finite())?;
    Some(Value::Number(number))
}
