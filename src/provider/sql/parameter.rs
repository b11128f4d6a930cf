//! The values that queries may bind: those of the evaluation, and those under `params`.

use serde_json::Value;

use super::statement::Statement;
use crate::gate::{Context, Options};

/// The option that holds values to bind.
pub(super) const PARAMS: &str = "params";

/// The names that are always there.
pub(super) const ALWAYS: [&str; 9] = [
    "start",
    "end",
    "start_unix",
    "end_unix",
    "duration_s",
    "project",
    "stage",
    "service",
    "deployment",
];

/// A value to bind.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Parameter {
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Float(f64),
    /// True or false.
    Boolean(bool),
    /// NULL.
    Null,
}

/// A name can't be bound.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ParameterError {
    /// Nothing of that name is known.
    #[error("`:{name}` stands for nothing")]
    Unknown {
        /// The name.
        name: String,
    },
    /// A value is a list or a mapping.
    #[error("`{name}` under `params` must be one text or number")]
    Compound {
        /// The name.
        name: String,
    },
    /// `params` is no mapping.
    #[error("`params` must be a mapping")]
    NoMapping,
    /// A name under `params` is always there.
    #[error("`{name}` under `params` is a name that is always there")]
    Reserved {
        /// The name.
        name: String,
    },
}

/// Returns the value of each name of a statement, in its order.
pub(super) fn bound(
    statement: &Statement,
    options: &Options,
    context: &Context,
) -> Result<Vec<Parameter>, ParameterError> {
    check(statement, options)?;
    let values = statement.names.iter().map(|name| {
        let own = given(options).and_then(|params| params.get(name));
        own.and_then(read)
            .or_else(|| known(name, context))
            .ok_or_else(|| ParameterError::Unknown { name: name.clone() })
    });
    values.collect()
}

/// Checks, without an evaluation, that every name will have a value.
pub(super) fn check(statement: &Statement, options: &Options) -> Result<(), ParameterError> {
    if options
        .get(PARAMS)
        .is_some_and(|params| !params.is_object())
    {
        return Err(ParameterError::NoMapping);
    }
    for (name, value) in given(options).into_iter().flatten() {
        let name = name.clone();
        if ALWAYS.contains(&name.as_str()) {
            return Err(ParameterError::Reserved { name });
        }
        if read(value).is_none() {
            return Err(ParameterError::Compound { name });
        }
    }
    let is_known = |name: &str| {
        ALWAYS.contains(&name) || given(options).is_some_and(|params| params.contains_key(name))
    };
    let unknown = statement.names.iter().find(|name| !is_known(name));
    match unknown {
        Some(name) => Err(ParameterError::Unknown { name: name.clone() }),
        None => Ok(()),
    }
}

/// Returns the values under `params`.
fn given(options: &Options) -> Option<&serde_json::Map<String, Value>> {
    options.get(PARAMS).and_then(Value::as_object)
}

/// Reads a value under `params`.
fn read(value: &Value) -> Option<Parameter> {
    Some(match value {
        Value::Null => Parameter::Null,
        Value::Bool(value) => Parameter::Boolean(*value),
        Value::Number(number) => match number.as_i64() {
            Some(number) => Parameter::Integer(number),
            None => Parameter::Float(number.as_f64()?),
        },
        Value::String(text) => Parameter::Text(text.clone()),
        Value::Array(_) | Value::Object(_) => return None,
    })
}

/// Returns the value of a name that is always there.
fn known(name: &str, context: &Context) -> Option<Parameter> {
    let (start, end) = (context.window.start(), context.window.end());
    let text = |text: &str| Parameter::Text(text.to_owned());
    Some(match name {
        "start" => Parameter::Text(start.to_string()),
        "end" => Parameter::Text(end.to_string()),
        "start_unix" => Parameter::Integer(start.as_second()),
        "end_unix" => Parameter::Integer(end.as_second()),
        "duration_s" => {
            Parameter::Integer(i64::try_from(context.window.seconds()).unwrap_or(i64::MAX))
        }
        "project" => text(context.series.project.as_str()),
        "stage" => text(context.series.stage.as_str()),
        "service" => text(context.series.service.as_str()),
        "deployment" => text(context.deployment()),
        _ => return None,
    })
}
