//! The requests of a definition.

use std::str::FromStr;

use serde_json::Value;

use super::Wrong;
use super::blueprint::Blueprint;
use crate::provider::{BodyTemplate, JsonTemplate, Method, RequestTemplate, Template};
use crate::spec::reading::{Field, Fields};

/// The methods of requests.
const METHODS: [&str; 4] = ["GET", "POST", "PUT", "DELETE"];

/// The keys of a request.
pub(super) const REQUEST_KEYS: [&str; 5] = ["method", "path", "query", "headers", "body"];

/// The keys of a body.
const BODY_KEYS: [&str; 4] = ["json", "form", "raw", "content_type"];

/// Reads a request that must be there.
pub(super) fn required(
    blueprint: &mut Blueprint<'_, '_, '_>,
    owner: &Field<'_>,
    fields: &mut Fields<'_>,
    name: &str,
) -> Option<RequestTemplate> {
    if !fields.has(name) {
        blueprint.missing(owner, name, &format!("{name}: {{ path: /api/query }}"));
        return None;
    }
    optional(blueprint, fields, name).ok().flatten()
}

/// Reads a request that may be missing.
pub(super) fn optional(
    blueprint: &mut Blueprint<'_, '_, '_>,
    fields: &mut Fields<'_>,
    name: &str,
) -> Result<Option<RequestTemplate>, Wrong> {
    let Some((field, mut inner)) = blueprint.reader.open(fields, name) else {
        return Ok(None);
    };
    let request = read(blueprint, &field, &mut inner);
    blueprint
        .reader
        .refuse_rest(inner, &format!("`{name}`"), &REQUEST_KEYS);
    request.map(Some).ok_or(Wrong)
}

/// Reads a request.
pub(super) fn read(
    blueprint: &mut Blueprint<'_, '_, '_>,
    owner: &Field<'_>,
    fields: &mut Fields<'_>,
) -> Option<RequestTemplate> {
    let path = if let Some(field) = fields.take_set("path") {
        blueprint.template(&field)
    } else {
        blueprint.missing(owner, "path", "path: /api/query");
        None
    };
    let query = pairs(blueprint, fields, "query");
    let headers = pairs(blueprint, fields, "headers");
    let body = body(blueprint, fields);
    let method = method(blueprint, fields, &body);
    Some(RequestTemplate {
        method,
        path: path?,
        query,
        headers,
        body,
    })
}

/// A method that definitions may use.
struct Known(Method);

impl FromStr for Known {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let method = METHODS.contains(&text).then(|| text.parse().ok());
        method.flatten().map(Self).ok_or(())
    }
}

/// Reads `method`; what has a body is a POST where nobody says.
fn method(
    blueprint: &mut Blueprint<'_, '_, '_>,
    fields: &mut Fields<'_>,
    body: &BodyTemplate,
) -> Method {
    if let Some(Known(method)) = blueprint.reader.word(fields, "method", &METHODS) {
        return method;
    }
    match body {
        BodyTemplate::None => Method::GET,
        BodyTemplate::Json(_) | BodyTemplate::Form(_) | BodyTemplate::Raw { .. } => Method::POST,
    }
}

/// Reads names and templates; a list gives the same name several values.
fn pairs(
    blueprint: &mut Blueprint<'_, '_, '_>,
    fields: &mut Fields<'_>,
    name: &str,
) -> Vec<(String, Template)> {
    let Some((_, inner)) = blueprint.reader.open(fields, name) else {
        return Vec::new();
    };
    let mut pairs = Vec::new();
    for field in inner.rest() {
        let Some(elements) = field.value.elements() else {
            pairs.extend(
                blueprint
                    .template(&field)
                    .map(|template| (field.name.clone(), template)),
            );
            continue;
        };
        for element in elements {
            let element = Field {
                value: element,
                ..field.clone()
            };
            pairs.extend(
                blueprint
                    .template(&element)
                    .map(|template| (field.name.clone(), template)),
            );
        }
    }
    pairs
}

/// Reads `body`.
fn body(blueprint: &mut Blueprint<'_, '_, '_>, fields: &mut Fields<'_>) -> BodyTemplate {
    let Some((owner, mut inner)) = blueprint.reader.open(fields, "body") else {
        return BodyTemplate::None;
    };
    let json = inner.take_set("json");
    let raw = inner.take_set("raw");
    let has_form = inner.has("form");
    let form = pairs(blueprint, &mut inner, "form");
    let content_type = super::raw_text(blueprint.reader, &mut inner, "content_type");
    blueprint.reader.refuse_rest(inner, "`body`", &BODY_KEYS);
    let kinds = usize::from(json.is_some()) + usize::from(raw.is_some()) + usize::from(has_form);
    if kinds != 1 {
        let message = "`body` must have one of `json`, `form` and `raw`";
        let hint = "such as `body: { json: { query: ${QUERY} } }`";
        blueprint.reader.findings.error(owner.key, message, hint);
        return BodyTemplate::None;
    }
    if let Some(field) = json {
        let value = blueprint.reader.findings.json(field.value);
        return BodyTemplate::Json(tree(blueprint, &field, value));
    }
    match raw {
        Some(field) => raw_body(blueprint, &field, content_type),
        None => BodyTemplate::Form(form),
    }
}

/// Reads `raw`, where nothing tells how a value is made harmless but the placeholder itself.
fn raw_body(
    blueprint: &mut Blueprint<'_, '_, '_>,
    field: &Field<'_>,
    content_type: Option<String>,
) -> BodyTemplate {
    let text = blueprint.template(field).unwrap_or_default();
    if let Some(name) = text.without_filter() {
        let message = format!("`${{{name}}}` in a raw body must say how it is made harmless");
        let hint = format!("such as `${{{name}|json}}`, or `${{{name}|plain}}` for none");
        blueprint.reader.findings.error(field.span(), message, hint);
    }
    BodyTemplate::Raw {
        content_type: content_type.unwrap_or_else(|| "text/plain".to_owned()),
        text,
    }
}

/// Reads JSON with placeholders in its texts. It is as deep as the file, which is bounded.
fn tree(blueprint: &mut Blueprint<'_, '_, '_>, field: &Field<'_>, value: Value) -> JsonTemplate {
    match value {
        Value::String(text) => match blueprint.parse(field, &text) {
            Some(template) => JsonTemplate::Text(template),
            None => JsonTemplate::Constant(Value::Null),
        },
        Value::Array(elements) => JsonTemplate::List(
            elements
                .into_iter()
                .map(|element| tree(blueprint, field, element))
                .collect(),
        ),
        Value::Object(members) => JsonTemplate::Object(
            members
                .into_iter()
                .map(|(name, member)| (name, tree(blueprint, field, member)))
                .collect(),
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) => JsonTemplate::Constant(value),
    }
}
