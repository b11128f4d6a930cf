//! A member of an event and the way to it, so that whatever is wrong with it can be named.

use std::fmt::Display;

use serde_json::{Map, Value};

use crate::gate::event::past;

/// How many characters of a foreign text an error shows.
const SHOWN: usize = 40;

/// Why an event can't be read as an evaluation. The text of each names the member.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// It is an event of another type.
    #[error("it is no `evaluation.finished` event, but a `{0}`")]
    OtherType(String),
    /// A member is absent, or null.
    #[error("`{0}` is missing")]
    Missing(String),
    /// A member is of another type.
    #[error("`{member}` is not {expected}")]
    WrongType {
        /// The way to it: `data.evaluation.score`.
        member: String,
        /// What it should be.
        expected: &'static str,
    },
    /// A member is of the right type, and says something that can't be.
    #[error("`{member}` can't be read: {reason}")]
    Unreadable {
        /// The way to it.
        member: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// A member of an event, which may be absent. Null counts as absent, and keys may be in any case of letters, as in Keptn.
#[derive(Clone, Debug)]
pub(super) struct Member<'a> {
    /// The way to it.
    path: String,
    /// What it holds; never null.
    value: Option<&'a Value>,
}

impl<'a> Member<'a> {
    /// Starts at the payload of an event.
    pub(super) fn root(path: &str, value: &'a Value) -> Self {
        Self {
            path: path.to_owned(),
            value: Some(value).filter(|value| !value.is_null()),
        }
    }

    /// Tells whether the member is there.
    pub(super) fn is_present(&self) -> bool {
        self.value.is_some()
    }

    /// Returns a member of this object; an absent one where this is absent.
    pub(super) fn get(&self, key: &str) -> Result<Self, RecordError> {
        let value = self.object()?.and_then(|object| past::member(object, key));
        Ok(self.below(&format!(".{key}"), value))
    }

    /// Returns the object.
    fn object(&self) -> Result<Option<&'a Map<String, Value>>, RecordError> {
        self.typed("an object", Value::as_object)
    }

    /// Returns every member of this object, by key.
    pub(super) fn entries(&self) -> Result<Vec<(&'a str, Self)>, RecordError> {
        let entries = self.object()?.into_iter().flatten();
        let entry = |(key, value): (&'a String, &'a Value)| {
            let member = self.below(&format!(".{}", shown(key)), Some(value));
            (key.as_str(), member)
        };
        Ok(entries.map(entry).collect())
    }

    /// Returns every element of this list.
    pub(super) fn elements(&self) -> Result<Option<Vec<Self>>, RecordError> {
        let list = self.typed("a list", Value::as_array)?;
        let element = |(at, value)| self.below(&format!("[{at}]"), Some(value));
        Ok(list.map(|list| list.iter().enumerate().map(element).collect()))
    }

    /// Returns the text.
    pub(super) fn text(&self) -> Result<Option<&'a str>, RecordError> {
        self.typed("text", Value::as_str)
    }

    /// Returns the text as an owned one, "" where it is absent.
    pub(super) fn text_or_empty(&self) -> Result<String, RecordError> {
        Ok(self.text()?.unwrap_or_default().to_owned())
    }

    /// Returns the text as an owned one.
    pub(super) fn owned_text(&self) -> Result<Option<String>, RecordError> {
        Ok(self.text()?.map(str::to_owned))
    }

    /// Returns a list of texts, none where it is absent.
    pub(super) fn texts(&self) -> Result<Vec<String>, RecordError> {
        let elements = self.elements()?.unwrap_or_default();
        let text = |element: &Self| element.required(element.owned_text()?);
        elements.iter().map(text).collect()
    }

    /// Returns the number, which JSON keeps finite.
    pub(super) fn number(&self) -> Result<Option<f64>, RecordError> {
        let finite = |value: &Value| value.as_f64().filter(|number| number.is_finite());
        self.typed("a number", finite)
    }

    /// Returns the count.
    pub(super) fn count(&self) -> Result<Option<u64>, RecordError> {
        self.typed("a whole number from 0 on", Value::as_u64)
    }

    /// Returns the flag.
    pub(super) fn flag(&self) -> Result<Option<bool>, RecordError> {
        self.typed("true or false", Value::as_bool)
    }

    /// Reads the text as something else.
    pub(super) fn parsed<T, E: Display>(
        &self,
        read: impl FnOnce(&'a str) -> Result<T, E>,
    ) -> Result<Option<T>, RecordError> {
        let Some(text) = self.text()? else {
            return Ok(None);
        };
        let value = read(text).map_err(|error| {
            let error = error.to_string();
            self.unreadable(format!("`{}`: {error}", shown(text)))
        })?;
        Ok(Some(value))
    }

    /// Returns what was read of this member; an error where it is absent.
    pub(super) fn required<T>(&self, value: Option<T>) -> Result<T, RecordError> {
        value.ok_or_else(|| RecordError::Missing(self.path.clone()))
    }

    /// Says what is wrong with the member.
    pub(super) fn unreadable(&self, reason: impl Into<String>) -> RecordError {
        RecordError::Unreadable {
            member: self.path.clone(),
            reason: reason.into(),
        }
    }

    /// Returns what stands below this member.
    fn below(&self, step: &str, value: Option<&'a Value>) -> Self {
        Self {
            path: format!("{}{step}", self.path),
            value: value.filter(|value| !value.is_null()),
        }
    }

    /// Returns the value as a type of JSON.
    fn typed<T>(
        &self,
        expected: &'static str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, RecordError> {
        let Some(value) = self.value else {
            return Ok(None);
        };
        let wrong = || RecordError::WrongType {
            member: self.path.clone(),
            expected,
        };
        read(value).map(Some).ok_or_else(wrong)
    }
}

/// Returns a foreign text for an error: short, and without control characters.
pub(super) fn shown(text: &str) -> String {
    let mut start: String = text
        .chars()
        .take(SHOWN)
        .flat_map(char::escape_debug)
        .collect();
    if text.chars().nth(SHOWN).is_some() {
        start.push('…');
    }
    start
}
