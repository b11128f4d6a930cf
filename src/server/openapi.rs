//! The `OpenAPI` document, printed from the table of endpoints.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::table::{Endpoint, Need, Parameter, endpoints, operation_schemas, reference};
use crate::server::table::ParameterNeed;

/// Returns the document (`OpenAPI` 3.1). What is left out is not in it.
#[must_use]
pub fn document() -> Value {
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for endpoint in endpoints().filter(|endpoint| !endpoint.is_left_out()) {
        let path = paths.entry(endpoint.path).or_default();
        path.insert(endpoint.method.to_ascii_lowercase(), operation(endpoint));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "tidegate",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The control plane of tidegate: Keptn's HTTP API. Every path is served with and without /api in front.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}
        },
        "servers": [{"url": "/api"}, {"url": "/"}],
        "security": [{"token": []}, {"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {"type": "apiKey", "in": "header", "name": "x-token"},
                "bearer": {"type": "http", "scheme": "bearer"}
            },
            "schemas": operation_schemas()
        }
    })
}

/// Returns one operation.
fn operation(endpoint: &Endpoint) -> Value {
    let mut operation = json!({
        "operationId": operation_id(endpoint),
        "tags": [endpoint.family],
        "summary": endpoint.summary,
        "responses": responses(endpoint),
    });
    let Some(members) = operation.as_object_mut() else {
        return operation;
    };
    let in_path = endpoint.path.split('/').filter_map(|part| {
        let name = part.strip_prefix('{')?.strip_suffix('}')?;
        Some(json!({"name": name, "in": "path", "required": true, "schema": {"type": "string", "minLength": 1}}))
    });
    let parameters: Vec<Value> = in_path
        .chain(endpoint.query.iter().map(parameter))
        .collect();
    if !parameters.is_empty() {
        members.insert("parameters".to_owned(), parameters.into());
    }
    if let Some(body) = endpoint.body {
        let content = json!({"application/json": {"schema": reference(body)}});
        members.insert(
            "requestBody".to_owned(),
            json!({"required": true, "content": content}),
        );
    }
    let (security, takes) = match endpoint.need {
        Need::Nothing => (Some(json!([])), "no token".to_owned()),
        Need::MetricsToken => (
            None,
            "a token, unless `serve.metrics` is `public`".to_owned(),
        ),
        Need::Token(scope) => (None, format!("a token with the scope `{}`", scope.name())),
        Need::ByEvent => (
            None,
            "a token with the scope `trigger`, or `execute` for the events of tasks".to_owned(),
        ),
    };
    if let Some(security) = security {
        members.insert("security".to_owned(), security);
    }
    members.insert("description".to_owned(), format!("Takes {takes}.").into());
    operation
}

/// Returns a name for an operation: `get_controlPlane_v1_project_project`.
fn operation_id(endpoint: &Endpoint) -> String {
    let words = endpoint
        .path
        .split(|letter: char| !letter.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    format!(
        "{}_{}",
        endpoint.method.to_ascii_lowercase(),
        words.join("_")
    )
}

/// Returns a parameter of the query.
fn parameter(parameter: &Parameter) -> Value {
    json!({
        "name": parameter.name,
        "in": "query",
        "required": parameter.need == ParameterNeed::Required,
        "description": parameter.meaning,
        "schema": {"type": parameter.kind},
    })
}

/// Returns what an operation answers.
fn responses(endpoint: &Endpoint) -> Value {
    let mut responses = Map::new();
    for answer in endpoint.answers {
        let mut response = json!({"description": "Done."});
        if let (Some(schema), Some(members)) = (answer.schema, response.as_object_mut()) {
            members.insert(
                "content".to_owned(),
                json!({"application/json": {"schema": reference(schema)}}),
            );
        } else if let (true, Some(members)) =
            (endpoint.path == "/metrics", response.as_object_mut())
        {
            members.insert(
                "content".to_owned(),
                json!({"text/plain": {"schema": {"type": "string"}}}),
            );
        }
        responses.insert(answer.status.to_string(), response);
    }
    let of_every: &[u16] = match endpoint.need {
        Need::Nothing => &[408, 413, 503],
        Need::MetricsToken | Need::Token(_) | Need::ByEvent => &[400, 401, 403, 408, 413, 429, 503],
    };
    for status in of_every.iter().chain(endpoint.refusals) {
        let content = json!({"application/json": {"schema": reference("Problem")}});
        let description = axum::http::StatusCode::from_u16(*status)
            .ok()
            .and_then(|status| status.canonical_reason())
            .unwrap_or("Refused");
        responses.insert(
            status.to_string(),
            json!({"description": format!("{description}."), "content": content}),
        );
    }
    responses.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns every `$ref` below a value.
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                if let Some(Value::String(to)) = members.get("$ref") {
                    found.push(to.clone());
                }
                members
                    .values()
                    .for_each(|member| references(member, found));
            }
            Value::Array(elements) => elements.iter().for_each(|one| references(one, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    #[test]
    fn whatever_the_document_refers_to_is_in_it_and_every_operation_has_a_name_of_its_own() {
        let document = document();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 50);
        for to in found {
            let pointer = to.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{to}");
        }
        let mut ids: Vec<String> = endpoints().map(operation_id).collect();
        let all = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), all);
    }
}
