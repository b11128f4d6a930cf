//! From a request with placeholders to one that can be sent: every value is encoded for the position it stands in.

use serde_json::{Map, Value};

use super::definition::{BodyTemplate, JsonTemplate, RequestTemplate};
use super::template::Template;
use super::values::{FillError, Values};
use crate::net::{Body, Outgoing, Place, percent_encode};

/// Fills a request.
pub(super) fn build(
    template: &RequestTemplate,
    values: &Values<'_>,
) -> Result<Outgoing, FillError> {
    let path = values.path(&template.path, &percent_encode)?;
    Ok(Outgoing {
        method: template.method.clone(),
        place: Place::Path(path),
        query: pairs(&template.query, values)?,
        headers: headers(&template.headers, values)?,
        body: body(&template.body, values)?,
    })
}

/// Fills names and values; what is optional and not given is left out.
fn pairs(
    templates: &[(String, Template)],
    values: &Values<'_>,
) -> Result<Vec<(String, String)>, FillError> {
    let mut filled = Vec::with_capacity(templates.len());
    for (name, template) in templates {
        if let Some(value) = values.text(template, &str::to_owned)? {
            filled.push((name.clone(), value));
        }
    }
    Ok(filled)
}

/// Fills headers. A control character would begin another header.
fn headers(
    templates: &[(String, Template)],
    values: &Values<'_>,
) -> Result<Vec<(String, String)>, FillError> {
    let filled = pairs(templates, values)?;
    match filled
        .iter()
        .find(|(_, value)| value.chars().any(char::is_control))
    {
        Some((name, _)) => Err(FillError::Header { name: name.clone() }),
        None => Ok(filled),
    }
}

/// Fills a body.
fn body(template: &BodyTemplate, values: &Values<'_>) -> Result<Body, FillError> {
    Ok(match template {
        BodyTemplate::None => Body::None,
        BodyTemplate::Json(tree) => Body::Json(json(tree, values)?.unwrap_or(Value::Null)),
        BodyTemplate::Form(fields) => Body::Form(pairs(fields, values)?),
        BodyTemplate::Raw { content_type, text } => Body::Raw {
            content_type: content_type.clone(),
            bytes: values
                .text(text, &str::to_owned)?
                .unwrap_or_default()
                .into_bytes(),
        },
    })
}

/// Fills a value of a JSON body; `None` where it is optional and not given. It is as deep as the definition.
fn json(template: &JsonTemplate, values: &Values<'_>) -> Result<Option<Value>, FillError> {
    Ok(Some(match template {
        JsonTemplate::Constant(value) => value.clone(),
        JsonTemplate::Text(text) => return values.json(text),
        JsonTemplate::List(elements) => {
            let mut list = Vec::with_capacity(elements.len());
            for element in elements {
                list.extend(json(element, values)?);
            }
            Value::Array(list)
        }
        JsonTemplate::Object(members) => {
            let mut object = Map::new();
            for (name, member) in members {
                if let Some(value) = json(member, values)? {
                    object.insert(name.clone(), value);
                }
            }
            Value::Object(object)
        }
    }))
}
